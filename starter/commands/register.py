"""`tocsin register UNIT`: a unit's open actions, rounds and what was done; enter more of it (R10, R11, R30, R58)."""

from collections.abc import Mapping
from datetime import UTC, datetime

import click

from plan.register_items import ITEMS
from runtime.leaving import run
from runtime.registers import enter, register_view
from runtime.seals import keyring
from runtime.settings import Settings
from starter.client import connect
from starter.commands.tell import is_refused, print_receipt
from starter.options import Asked, Command, asked
from starter.output import say_json
from starter.pages.paper import paper
from starter.pages.register import register_page
from starter.reading import read_object
from starter.sets import fields_of

DOOR = "cli"
KINDS = ("action", "training", "screening", "readiness")


@click.command("register", cls=Command)
@click.argument("unit")
@click.argument("what", required=False, type=click.Choice(["add", "done"]), metavar="[add KIND|done ACTION]")
@click.argument("name", required=False, metavar="")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="JSON or text, as often as needed.")
@click.option("--item", "source", metavar="FILE", help="The fields as a JSON object; - for standard input.")
def command(unit: str, what: str | None, name: str | None, settings: tuple[str, ...], source: str | None) -> int:
    """台账 · What UNIT has to do, what its rounds lack, and what was done.

    Alone it shows the register as --by may see it: texts only to the unit's own people and those above it, and to an
    action's owner. `add KIND` enters an action, a training, a screening or a readiness confirmation; `done ACTION` says
    that an action is done. Exit code 1 when it is refused.
    """
    how = asked()
    if what is None:
        if settings or source:
            raise click.UsageError("say what to enter: add KIND, or done ACTION")
        return run(_show(unit, how))
    base = read_object(source) if source else {}
    if what == "done":
        if name is None:
            raise click.UsageError("done needs the ACTION's id")
        return run(
            _enter(unit, "action_done", fields_of("action_done", settings, {**base, "action_id": name}, ITEMS), how)
        )
    if name not in KINDS:
        raise click.UsageError(f"add needs a kind, one of {', '.join(KINDS)}")
    return run(_enter(unit, name, fields_of(name, settings, base, ITEMS), how))


async def _show(unit: str, how: Asked) -> int:
    view = await register_view(await connect(), unit, how.by)
    if how.as_json:
        say_json(view)
    else:
        paper(register_page(view, how.lang, datetime.now(UTC)))
    return 0


async def _enter(unit: str, kind: str, fields: Mapping[str, object], how: Asked) -> int:
    written = fields.get("by")
    item = {**fields, "kind": kind, "by": how.person(written if isinstance(written, str) else None)}
    receipt = await enter(await connect(), unit, item, door=DOOR, keyring=keyring(Settings()))
    if how.as_json:
        say_json(receipt.model_dump(mode="json"))
    print_receipt(receipt, how)
    return 1 if is_refused(receipt) else 0
