"""`tocsin schedules`: what comes round when; adjust it, begin a round now, apply the file (R10, R11, R13, R30)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from temporalio.client import Client

from runtime.leaving import run
from runtime.schedules import apply as apply_planned
from runtime.schedules import everything_planned
from runtime.settings import Settings
from starter.client import connect
from starter.options import Asked, Command, Group, asked
from starter.output import say, say_error, say_json
from starter.pages.paper import paper
from starter.pages.schedules import schedules_page
from starter.schedules import Listed, listing, move, pause, resume, seen, trigger
from starter.words import either


@click.group(cls=Group, invoke_without_command=True)
def command() -> int | None:
    """排期 · What comes round when: meetings, screenings, trainings, readiness, drills, the watchdog.

    Alone it lists them, what runs next first, in Asia/Shanghai time.
    """
    context = click.get_current_context()
    return None if context.invoked_subcommand else run(_list(asked()))


async def _list(how: Asked) -> int:
    found = await listing(await connect())
    if how.as_json:
        say_json({"schedules": [each.model_dump(mode="json") for each in found]})
    else:
        paper(schedules_page(found, how.lang, datetime.now(UTC)))
    return 0


@command.command(cls=Command)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--reset", is_flag=True, help="As the file says: undo what was adjusted, remove what it does not plan.")
def apply(file: Path | None, reset: bool) -> int:
    """启用排期文件 · Make the schedules of FILE, or of the rhythm in force, for the organisation in force.

    What operators adjusted stays as they have it, unless --reset. What the file no longer plans is named and left.
    """
    return run(_apply(file, reset, asked()))


async def _apply(file: Path | None, reset: bool, how: Asked) -> int:
    planned = everything_planned(Settings(), str(file) if file else None)
    done = await apply_planned(await connect(), planned, reset=reset)
    if how.as_json:
        say_json({name: getattr(done, name) for name in ("made", "changed", "same", "adjusted", "left", "removed")})
        return 0
    words = (
        ("已新建", "made", done.made),
        ("已更新", "changed", done.changed),
        ("未变", "unchanged", done.same),
        ("人工调整过，时间保留", "adjusted by hand, times kept", done.adjusted),
        ("已删除", "removed", done.removed),
    )
    for zh, en, names in words:
        if names:
            say(f"✓ {either(how.lang, zh, en)}: {len(names)}  {', '.join(names)}")
    if done.left:
        zh, en = "文件里没有，保留（--reset 可删除）", "not in the file, left (--reset removes them)"
        say_error(f"! {either(how.lang, zh, en)}: {', '.join(done.left)}")
    return 0


@command.command(cls=Command)
@click.argument("schedule")
@click.option("--cron", metavar="EXPR", help='Other times: five fields, as in "0 9 8 1,4,7,10 *" (Asia/Shanghai).')
@click.option("--at", metavar="HH:MM", help="The same days at another time of day.")
@click.option("--pause", "reason", metavar="REASON", help="No round begins until it is resumed; shown as its note.")
@click.option("--resume", "resumed", is_flag=True, help="Go on after a pause.")
@click.option("--now", "at_once", is_flag=True, help="Begin a round now, paused or not.")
def adjust(schedule: str, cron: str | None, at: str | None, reason: str | None, resumed: bool, at_once: bool) -> int:
    """调整排期 · Move SCHEDULE to other times, pause or resume it, or begin a round now."""
    if reason and resumed:
        raise click.UsageError("--pause and --resume ask for the opposite; name one of them")
    if not any((cron, at, reason, resumed, at_once)):
        raise click.UsageError("say what to change: --cron, --at, --pause, --resume or --now")
    how = asked()
    steps: list[Callable[[Client], Awaitable[None]]] = []
    if cron or at:
        steps.append(lambda client: move(client, schedule, cron=cron, at=at))
    if reason:
        steps.append(lambda client: pause(client, schedule, reason, how.by))
    if resumed:
        note = either(how.lang, "已恢复", "resumed")
        steps.append(lambda client: resume(client, schedule, f"{note} ({how.by})" if how.by else note))
    if at_once:
        steps.append(lambda client: trigger(client, schedule))
    return run(_adjust(schedule, steps, how))


async def _adjust(schedule: str, steps: list[Callable[[Client], Awaitable[None]]], how: Asked) -> int:
    client = await connect()
    for step in steps:
        await step(client)
    after: Listed = await seen(client, schedule)
    if how.as_json:
        say_json(after.model_dump(mode="json"))
    else:
        paper(schedules_page([after], how.lang, datetime.now(UTC)))
    return 0
