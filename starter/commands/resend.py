"""`tocsin resend INCIDENT NOTICE`: send a notice again, to the same person, over every way (R28)."""

import click

from runtime.leaving import run
from starter.commands.tell import tell_and_say
from starter.options import Command, asked

RESENT = ("正在发送；结果见 tocsin show", "It is on its way; `tocsin show` says what becomes of it")


@click.command(cls=Command)
@click.argument("incident")
@click.argument("notice")
def command(incident: str, notice: str) -> int:
    """重发通知 · Send NOTICE of INCIDENT again, to the same person, by the addresses as they are now.

    `tocsin notices` gives the ids. Exit code 1 where the plan refuses it: it is still on its way, or was answered.
    """
    how = asked()
    fact: dict[str, object] = {"kind": "notice_resent", "notice_id": notice, "by": how.person()}
    return run(tell_and_say(incident, fact, how, then=RESENT))
