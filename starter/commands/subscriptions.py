"""`tocsin subscriptions`: other systems that are told of every change of state (decision 27). For operators."""

from datetime import UTC, datetime

import click
from pydantic import ValidationError
from rich.table import Table

from plan.access import Caller, Scope
from plan.errors import Malformed, Refused, Unreachable
from plan.malformed import malformed
from plan.organisation import Organisation
from plan.subscriptions import NewSubscription, Subscription
from runtime.documents import current_organisation
from runtime.leaving import run
from runtime.records.subscriptions import end, resume, subscribe, subscription, subscriptions
from runtime.settings import Settings
from starter.client import connect
from starter.kept import in_store
from starter.options import Asked, Group, asked
from starter.output import say, say_error, say_json
from starter.pages.paper import paper
from starter.pages.times import clock_time
from starter.subscribing import check_address, reach_of, tried, wake
from starter.words import Lang, either


@click.group(cls=Group)
def command() -> None:
    """事件订阅 · Systems that are told of every change of state, by signed webhooks."""


@command.command("list")
def list_() -> int:
    """列出订阅 · The subscriptions in force. No secret is shown."""
    return run(_list(asked()))


@command.command()
@click.argument("system")
@click.option("--url", required=True, help="https://… that takes the events.")
@click.option("--type", "types", multiple=True, help="An event's type; may be repeated. All when absent.")
@click.option("--unit", "units", multiple=True, help="A unit or an outlet, with all below it. Everything when absent.")
@click.option("--insurer", help="Only this insurer's incidents, and only what it may see.")
def add(system: str, url: str, types: tuple[str, ...], units: tuple[str, ...], insurer: str | None) -> int:
    """新增订阅 · Tell SYSTEM, which stands in the organisation. The secret is printed once."""
    return run(_add(system, {"url": url, "types": types, "units": units}, insurer, asked()))


@command.command()
@click.argument("subscription_id")
def remove(subscription_id: str) -> int:
    """退订 · Tell it nothing more, for good."""
    return run(_remove(subscription_id, asked()))


@command.command("resume")
@click.argument("subscription_id")
def resume_(subscription_id: str) -> int:
    """恢复推送 · After a pause, or when the receiver is up again: what waits is tried now."""
    return run(_resume(subscription_id, asked()))


@command.command("test")
@click.argument("subscription_id")
def test_(subscription_id: str) -> int:
    """发送测试事件 · Send an event about nothing, and print the answer.

    Exit code 1 where it was not taken.
    """
    return run(_test(subscription_id, asked()))


async def _list(how: Asked) -> int:
    settings = Settings()
    _operator(current_organisation(settings), how)
    found = [each.subscription for each in await in_store(settings, subscriptions)]
    if how.as_json:
        say_json({"subscriptions": [each.model_dump(mode="json") for each in found]})
    elif found:
        paper([_table(found, how.lang)])
    else:
        say(either(how.lang, "没有订阅。", "There are no subscriptions."))
    return 0


async def _add(system: str, said: dict[str, object], insurer: str | None, how: Asked) -> int:
    settings = Settings()
    organisation = current_organisation(settings)
    _operator(organisation, how)
    if system not in [each.id for each in organisation.systems]:
        raise Malformed(f"{system} is no system of the organisation. Add it there, or correct its name.")
    if insurer is not None and insurer not in [each.id for each in organisation.insurers]:
        raise Malformed(f"{insurer} is no insurer of the organisation. Correct it.")
    try:
        wanted = NewSubscription.model_validate(said)
    except ValidationError as wrong:
        raise malformed(wrong, "the subscription") from wrong
    tops = tuple(unit.id for unit in organisation.units if unit.superior is None)
    whole = Caller(id=system, scopes=frozenset({Scope.EVENTS}), units=tops, insurer=insurer)
    reach = reach_of(organisation, whole, wanted.units)
    await check_address(wanted, settings.hosts_for_events)
    made, secret = await in_store(
        settings, lambda store: subscribe(store, wanted, system=system, units=reach.units, insurer=reach.insurer)
    )
    if how.as_json:
        say_json(made.model_dump(mode="json") | {"secret": secret})
        return 0
    say(f"{made.id}\n{secret}")
    zh = "请立即存入接收方的密钥库：此后无法再次显示。"
    say_error(either(how.lang, zh, "Put the secret into the receiver's store now: it cannot be shown again."))
    return 0


async def _remove(id: str, how: Asked) -> int:
    settings = Settings()
    by = _operator(current_organisation(settings), how)
    found = await _known(settings, id)
    await in_store(settings, lambda store: end(store, id, why=f"ended by {by}"))
    await _woken(found)
    return _said(found, how, "已退订。", "is told nothing more.")


async def _resume(id: str, how: Asked) -> int:
    settings = Settings()
    _operator(current_organisation(settings), how)
    found = await _known(settings, id)
    await in_store(settings, lambda store: resume(store, id))
    await _woken(found)
    return _said(found, how, "已恢复。", "goes on.")


async def _test(id: str, how: Asked) -> int:
    settings = Settings()
    _operator(current_organisation(settings), how)
    answer = await tried(await connect(), await _known(settings, id))
    if how.as_json:
        say_json(answer)
    else:
        mark = "✓" if answer["delivered"] else "✗"
        say(f"{mark} {either(how.lang, '接收方应答', 'the receiver answered')} {answer['answer']}")
    return 0 if answer["delivered"] else 1


async def _known(settings: Settings, id: str) -> Subscription:
    return (await in_store(settings, lambda store: subscription(store, id))).subscription


async def _woken(found: Subscription) -> None:
    """What the store says holds in any case; Temporal only makes it quicker."""
    try:
        await wake(await connect(), found)
    except Unreachable:
        say_error("Temporal does not answer: its feed notices by itself, within minutes.")


def _said(found: Subscription, how: Asked, zh: str, en: str) -> int:
    if how.as_json:
        say_json(found.model_dump(mode="json"))
    else:
        say(either(how.lang, f"{found.id}（{found.system}）{zh}", f"{found.id} ({found.system}) {en}"))
    return 0


def _operator(organisation: Organisation, how: Asked) -> str:
    by = how.person()
    if by not in organisation.operators:
        raise Refused(f"{by} may not decide who is told: operators of the organisation may. Add --by OPERATOR.")
    return by


def _table(found: list[Subscription], lang: Lang) -> Table:
    table, now = Table(box=None, pad_edge=False), datetime.now(UTC)
    heads = (("订阅", "subscription"), ("系统", "system"), ("范围", "where"), ("类型", "types"), ("地址", "address"))
    for zh, en in (*heads, ("状态", "state")):
        table.add_column(either(lang, zh, en), overflow="fold")
    for each in found:
        where = " ".join(each.units) or either(lang, "全部", "all")
        where += f" ({each.insurer})" if each.insurer else ""
        types = " ".join(kind.removeprefix("cn.tocsin.") for kind in each.types) or either(lang, "全部", "all")
        paused = f"{either(lang, '已暂停', 'paused')} {clock_time(each.paused_at, now)}" if each.paused_at else "✓"
        table.add_row(each.id, each.system, where, types, each.url, paused)
    return table
