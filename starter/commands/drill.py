"""`tocsin drill`: begin an exercise, list and stop them, see what one came to (R11, R31)."""

from datetime import UTC, datetime

import click
from pydantic import ValidationError

from plan.drill import DrillAsked, DrillState, drill_name, first_incident
from plan.errors import Malformed
from runtime.drilling import Begun, begin_drill, drill_seen, drills, judged, stop_drill
from runtime.leaving import run
from runtime.scenarios import current_scenario, scenario_files
from runtime.seals import keyring
from runtime.settings import Settings
from starter.client import connect
from starter.options import Asked, Command, Group, asked
from starter.output import say, say_error, say_json
from starter.pages.drill import drill_page, drills_page
from starter.pages.paper import paper
from starter.words import either

DOOR = "cli"


@click.group(cls=Group)
def command() -> None:
    """演练 · Drills: the same incident, marked through and through, and a score sheet at the end."""


@command.command(cls=Command)
@click.argument("scenario")
@click.option("--outlet", required=True, help="网点 · Which outlet is drilled.")
@click.option(
    "--recipients",
    type=click.Choice(["drill", "real"]),
    default="drill",
    show_default=True,
    help="通知发给谁 · Everything to the drill's desk, or to the real people.",
)
@click.option("--insurers", is_flag=True, help="通知保险公司 · Insurers are told too.")
@click.option("--desk", metavar="PERSON", help="演练席 · Who is told in everybody's place; else the first operator.")
@click.option("--speed", type=click.FloatRange(1, 60), default=1.0, help="The world comes so many times as fast.")
@click.option("--id", "drill", metavar="ID", help="The drill's own id; else time and outlet.")
def start(
    scenario: str, outlet: str, recipients: str, insurers: bool, desk: str | None, speed: float, drill: str | None
) -> int:
    """发起演练 · Begin the drill SCENARIO (tocsin drill scenarios) at an outlet."""
    how = asked()
    said = {
        "scenario": scenario,
        "outlet": outlet,
        "recipients": recipients,
        "insurers": insurers,
        "desk": desk,
        "speed": speed,
        "by": how.person(),
    }
    try:
        wanted = DrillAsked.model_validate(said)
    except ValidationError as wrong:
        names = ", ".join(str(fault["loc"][0]) for fault in wrong.errors() if fault["loc"])
        raise Malformed(f"The drill is not begun: {names} cannot be read. Write ids as they stand in files.") from None
    return run(_start(drill or drill_name(datetime.now(UTC), outlet), wanted, how))


@command.command("list", cls=Command)
@click.option("--outlet", help="网点 · One outlet's.")
@click.option("--limit", default=20, type=click.IntRange(1, 1000), show_default=True, help="Lines.")
def list_(outlet: str | None, limit: int) -> int:
    """列出演练 · List drills, the latest first, as long as Temporal keeps them."""
    return run(_list(outlet, limit, asked()))


@command.command(cls=Command)
@click.argument("drill")
def score(drill: str) -> int:
    """演练评分 · The score sheet of DRILL; of one that is not over how far it has come."""
    return run(_score(drill, asked()))


@command.command(cls=Command)
@click.argument("drill")
@click.option("--reason", required=True, help="Why; kept in the drill, in no notice.")
def stop(drill: str, reason: str) -> int:
    """停止演练 · Stop DRILL before its end; it is scored as far as it came."""
    how = asked()
    return run(_stop(drill, {"kind": "drill_stopped", "by": how.person(), "reason": reason}, how))


@command.command(cls=Command)
def scenarios() -> int:
    """演练脚本 · The scenarios there are on this machine."""
    how, settings = asked(), Settings()
    found = [current_scenario(settings, name) for name in sorted(scenario_files(settings))]
    if how.as_json:
        say_json({"scenarios": [each.model_dump(mode="json") for each in found]})
    else:
        for each in found:
            say(f"{each.id}  {either(how.lang, each.title.zh, each.title.en)}")
    return 0


async def _start(drill: str, wanted: DrillAsked, how: Asked) -> int:
    client = await connect()
    begun = await begin_drill(client, drill, wanted)
    view = await judged(client, drill)
    if how.as_json:
        seen = view or {"state": "pending", "refusal": None}
        answer = {name: seen[name] for name in ("state", "refusal")}
        say_json({"drill_id": drill, "incident_id": first_incident(drill), "created": begun.created, **answer})
    elif view is not None:
        _say_begun(begun, view["refusal"], how)
    if view is None:
        zh, en = "已记下，还没有工作进程受理", "kept; no worker has taken it yet"
        say_error(f"{drill}: {either(how.lang, zh, en)}")
    return 1 if view is not None and view["state"] == DrillState.REFUSED else 0


def _say_begun(begun: Begun, refusal: dict[str, str] | None, how: Asked) -> None:
    if refusal is not None:
        say_error(either(how.lang, refusal["reason_zh"] or refusal["reason"], refusal["reason"]))
        return
    state = either(how.lang, *(("已开始", "begun") if begun.created else ("已有", "existing")))
    say(f"{begun.drill}  {first_incident(begun.drill)}  {state}")
    say_error(f"tocsin drill score {begun.drill}")


async def _list(outlet: str | None, limit: int, how: Asked) -> int:
    found = await drills(await connect(), outlet=outlet, limit=limit)
    if how.as_json:
        say_json({"drills": [each.model_dump(mode="json") for each in found]})
    else:
        paper(drills_page(found, how.lang, datetime.now(UTC)))
    return 0


async def _score(drill: str, how: Asked) -> int:
    view = await drill_seen(await connect(), drill)
    if how.as_json:
        say_json(view)
    else:
        paper(drill_page(view, how.lang, datetime.now(UTC)))
    return 0


async def _stop(drill: str, fact: dict[str, str], how: Asked) -> int:
    receipt = await stop_drill(await connect(), keyring(Settings()), drill, fact, door=DOOR)
    if how.as_json:
        say_json(receipt.model_dump(mode="json"))
    elif receipt.accepted:
        say(f"{drill}  {either(how.lang, '已停止，正在收尾', 'stopped; it is being ended')}")
    else:
        say_error(either(how.lang, receipt.reason_zh or receipt.reason or "", receipt.reason or ""))
    if receipt.accepted:
        return 0
    return 2 if receipt.rule == "malformed" else 1
