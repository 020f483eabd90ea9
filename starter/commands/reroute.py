"""`tocsin reroute INCIDENT NOTICE --to PERSON`: tell somebody else instead (R28, R29)."""

import click

from runtime.leaving import run
from starter.commands.resend import RESENT
from starter.commands.tell import tell_and_say
from starter.options import Command, asked


@click.command(cls=Command)
@click.argument("incident")
@click.argument("notice")
@click.option("--to", "person", metavar="PERSON", required=True, help="改发给谁 · Who is told instead; of the chain.")
def command(incident: str, notice: str, person: str) -> int:
    """改发通知 · Send what NOTICE of INCIDENT says to another PERSON of the chain, or to the operator.

    Exit code 1 where the plan refuses it: the person does not answer for the incident, or may not hear of this.
    """
    how = asked()
    fact: dict[str, object] = {"kind": "notice_resent", "notice_id": notice, "to": person, "by": how.person()}
    return run(tell_and_say(incident, fact, how, then=RESENT))
