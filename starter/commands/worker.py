"""`tocsin worker`: the same as `python worker.py`. Composes the whole, hence an exception of the house's order."""

import click

import worker
from starter.options import Command


@click.command(cls=Command)
def command() -> int:
    """运行工作进程 · Run workflows and activities until Ctrl-C or SIGTERM."""
    return worker.main()
