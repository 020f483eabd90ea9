"""`tocsin keys`: keys by which other systems call the gateway (contract, section 9; ADR 26). For operators."""

from datetime import UTC, datetime, time, timedelta

import click
from rich.table import Table

from plan.access import Scope
from plan.errors import Malformed, Refused
from plan.organisation import Organisation
from runtime.documents import current_organisation
from runtime.leaving import run
from runtime.records.access_keys import AccessKey, keys, make_key, revoke_key
from runtime.settings import Settings
from starter.kept import in_store
from starter.options import Asked, Group, asked
from starter.output import say, say_error, say_json
from starter.pages.paper import paper
from starter.pages.times import SHANGHAI, clock_time
from starter.words import Lang, either


@click.group(cls=Group)
def command() -> None:
    """系统密钥 · Keys of other systems. A running gateway knows a new key, and a revoked one, within two seconds."""


@command.command()
@click.argument("system")
@click.option("--scope", "scopes", required=True, multiple=True, type=click.Choice([str(s) for s in Scope]))
@click.option("--unit", "units", required=True, multiple=True, help="A unit or an outlet, with all below it.")
@click.option("--insurer", help="Only this insurer's incidents there.")
@click.option("--expires", metavar="DATE", help="Good through this day, such as 2027-06-30; else until it is revoked.")
def create(
    system: str, scopes: tuple[str, ...], units: tuple[str, ...], insurer: str | None, expires: str | None
) -> int:
    """新建密钥 · Make a key for SYSTEM, which stands in the organisation. It is printed once, and kept nowhere."""
    return run(_create(system, scopes, units, insurer, expires, asked()))


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are revoked or expired.")
def list_(everything: bool) -> int:
    """列出密钥 · The keys there are, and when each was last used, to the hour. No secret is shown."""
    return run(_list(everything, asked()))


@command.command()
@click.argument("key_id")
def revoke(key_id: str) -> int:
    """吊销密钥 · KEY_ID opens nothing any more, for ever. A running gateway knows it within two seconds."""
    return run(_revoke(key_id, asked()))


async def _create(
    system: str, scopes: tuple[str, ...], units: tuple[str, ...], insurer: str | None, expires: str | None, how: Asked
) -> int:
    settings, now = Settings(), datetime.now(UTC)
    organisation = current_organisation(settings)
    by = operator(organisation, how)
    _check(organisation, system, units, insurer)
    ends, given = _ends(expires, now), [Scope(each) for each in scopes]

    key, text = await in_store(
        settings,
        lambda store: make_key(store, system, given, units, by=by, now=now, insurer=insurer, expires_at=ends),
    )
    if how.as_json:
        say_json(_shown(key) | {"key": text})
        return 0
    say(text)
    zh = "请立即存入该系统的密钥库：此后无法再次显示。"
    say_error(either(how.lang, zh, "Put it into that system's secret store now: it cannot be shown again."))
    return 0


async def _list(everything: bool, how: Asked) -> int:
    settings, now = Settings(), datetime.now(UTC)
    operator(current_organisation(settings), how)
    found = [key for key in await in_store(settings, keys) if everything or key.good_at(now)]
    if how.as_json:
        say_json([_shown(key) | {"good": key.good_at(now)} for key in found])
    elif found:
        paper([_table(found, how.lang, now)])
    else:
        say(either(how.lang, "没有密钥。", "There are no keys."))
    return 0


async def _revoke(key_id: str, how: Asked) -> int:
    settings, now = Settings(), datetime.now(UTC)
    by = operator(current_organisation(settings), how)
    key = await in_store(settings, lambda store: revoke_key(store, key_id, by=by, now=now))
    if how.as_json:
        say_json(_shown(key))
    else:
        at = clock_time(key.revoked_at, now)
        say(either(how.lang, f"{key_id}（{key.system}）已于 {at} 吊销。", f"{key_id} ({key.system}) revoked at {at}."))
    return 0


def operator(organisation: Organisation, how: Asked) -> str:
    """Who acts, who must be an operator. Errors: Refused, Malformed."""
    by = how.person()
    if by not in organisation.operators:
        raise Refused(f"{by} may not decide who calls: operators of the organisation may. Add --by OPERATOR.")
    return by


def _check(organisation: Organisation, system: str, units: tuple[str, ...], insurer: str | None) -> None:
    """What a key names must be there: one for a misspelt unit would open nothing, and nobody would see why."""
    known = [
        ("system", [system], [each.id for each in organisation.systems]),
        ("unit", [*units], [each.id for each in (*organisation.units, *organisation.outlets)]),
        ("insurer", [insurer] if insurer else [], [each.id for each in organisation.insurers]),
    ]
    wrong = [f"{what} {said}" for what, names, there in known for said in names if said not in there]
    if wrong:
        raise Malformed(
            f"Not in the organisation (version {organisation.version}): {', '.join(wrong)}. Correct it, or apply an "
            "organisation that has it."
        )


def _ends(written: str | None, now: datetime) -> datetime | None:
    """The last instant of a day in Shanghai."""
    if written is None:
        return None
    try:
        day = datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        raise Malformed(f"--expires {written} is not a day; write it like 2027-06-30.") from None
    ends = datetime.combine(day, time.max, SHANGHAI) - timedelta(microseconds=999_999)
    if ends <= now:
        raise Malformed(f"--expires {written} is over already; name a day to come.")
    return ends.astimezone(UTC)


def _shown(key: AccessKey) -> dict[str, object]:
    return key.model_dump(mode="json", exclude={"hash"})


def _table(found: list[AccessKey], lang: Lang, now: datetime) -> Table:
    table = Table(box=None, pad_edge=False)
    heads = (("密钥", "key"), ("系统", "system"), ("权限", "scopes"), ("范围", "where"), ("有效至", "good until"))
    for zh, en in (*heads, ("上次使用", "last used")):
        table.add_column(either(lang, zh, en), overflow="fold")
    for key in found:
        where = " ".join(key.units) + (f" ({key.insurer})" if key.insurer else "")
        until = clock_time(key.expires_at, now)
        if key.revoked_at:
            until = f"✗ {either(lang, '已吊销', 'revoked')} {clock_time(key.revoked_at, now)}"
        elif not key.good_at(now):
            until = f"✗ {either(lang, '已过期', 'expired')} {until}"
        table.add_row(key.key_id, key.system, " ".join(key.scopes), where, until, clock_time(key.used_at, now))
    return table
