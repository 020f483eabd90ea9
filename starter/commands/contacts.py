"""`tocsin contacts OUTLET`: whom the outlet calls (R28, R41). Asks no server, for it must be there without one."""

import click

from plan.errors import Malformed
from runtime.documents import current_organisation
from runtime.settings import Settings
from starter.contacts import contacts_of
from starter.options import Command, asked
from starter.output import say_json
from starter.pages.contacts import contacts_page
from starter.pages.paper import paper


@click.command(cls=Command)
@click.argument("outlet")
@click.option("--insurer", help="Only this insurer's contact.")
def command(outlet: str, insurer: str | None) -> None:
    """网点联系电话 · Whom OUTLET calls: superior, insurers, police station, with numbers; printable."""
    how = asked()
    found = contacts_of(current_organisation(Settings()), outlet)
    if insurer is not None and all(contact.insurer != insurer for contact in found.insurers):
        known = ", ".join(sorted({contact.insurer for contact in found.insurers if contact.insurer})) or "none"
        raise Malformed(f"{insurer} has no contact for {outlet}. Insurers that have one: {known}.")
    if insurer is not None:
        found = found.model_copy(update={"insurers": tuple(c for c in found.insurers if c.insurer == insurer)})
    if how.as_json:
        say_json(found.model_dump(mode="json"))
    else:
        paper(contacts_page(found, how.lang))
