"""`tocsin schema`: the JSON Schema of a file or a message."""

import click

from plan.schemas import NAMES, schema
from starter.options import Command
from starter.output import say_json


@click.command(cls=Command)
@click.argument("what", type=click.Choice(NAMES))
def command(what: str) -> None:
    """JSON Schema of WHAT, on stdout, for editors and for systems that send it."""
    say_json(schema(what))
