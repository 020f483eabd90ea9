"""`tocsin organisation apply FILE`: a new version, and open incidents told of it (contract, section 1; R28)."""

from pathlib import Path

import click

from plan.errors import Misconfigured, Unreachable
from plan.organisation import Organisation
from runtime.documents import apply_organisation, current_organisation
from runtime.leaving import run
from runtime.settings import Settings
from starter.client import connect
from starter.options import Asked, Command, Group, asked
from starter.output import say, say_error, say_json
from starter.rerouting import Told, concerned, everybody, open_incidents, tell_rerouted
from starter.words import either


@click.group(cls=Group)
def command() -> None:
    """机构版本 · The organisation's versions."""


@command.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--offline", is_flag=True, help="Apply only; tell no open incident.")
@click.option("--all", "all_open", is_flag=True, help="Tell every open incident, not only those of changed units.")
def apply(file: Path, offline: bool, all_open: bool) -> int:
    """机构换版 · Check FILE, make it the current version, and tell open incidents of changed units (rerouted).

    Where no Temporal answers the version is applied all the same, and the exit code is 3: run it again with --all.
    Without --by the organisation's first operator tells it.
    """
    return run(_apply(file, offline, all_open, asked()))


async def _apply(file: Path, offline: bool, all_open: bool, how: Asked) -> int:
    settings = Settings()
    before = _before(settings)
    _, version = apply_organisation(settings, file)
    after = current_organisation(settings)
    told = None if offline else await _tell(before, after, all_open, how, version)
    _report(before.version if before else None, version, told, how)
    return 1 if told and told.refused else 0


def _before(settings: Settings) -> Organisation | None:
    """What was in force; None where it cannot be read any more, which applying another puts right."""
    try:
        return current_organisation(settings)
    except Misconfigured:
        return None


async def _tell(before: Organisation | None, after: Organisation, all_open: bool, how: Asked, version: str) -> Told:
    try:
        client = await connect()
        incidents = await open_incidents(client)
        changed = everybody(incidents) if all_open or before is None else concerned(incidents, before, after)
        by = how.by or after.operators[0]
        return await tell_rerouted(client, changed, by=by, old=before.version if before else None, new=version)
    except Unreachable as away:
        raise Unreachable(
            f"Version {version} is applied, but open incidents were not all told: {away} "
            "Then run `tocsin organisation apply --all` with the same file."
        ) from away


def _report(old: str | None, version: str, told: Told | None, how: Asked) -> None:
    refused = told.refused if told else {}
    if how.as_json:
        counts = {"told": told.told, "pending": told.pending, "refused": refused} if told else {}
        say_json({"old_version": old, "new_version": version, **counts})
    else:
        say(f"✓ {old or '-'} → {version}")
        if told:
            say(f"  {either(how.lang, '已告知未结事件', 'open incidents told')}: {len(told.told) + len(told.pending)}")
    for incident, reason in refused.items():
        say_error(f"✗ {incident}: {reason}")
