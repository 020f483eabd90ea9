"""`tocsin file FILE`: file one complaint (contract, sections 1 and 3)."""

import click

from plan.complaint import Complaint
from plan.errors import Malformed, Misconfigured
from plan.malformed import parse_complaint
from runtime.leaving import run
from runtime.settings import Settings
from starter.client import connect, file_complaint
from starter.ids import check_complaint
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.places import own_organisation, unknown_places
from starter.reading import read_object
from starter.words import either


@click.command(cls=Command)
@click.argument("source", metavar="FILE")
def command(source: str) -> int:
    """受理一件投诉 · File a complaint: one JSON object in FILE, or - for standard input.

    Prints the incident's id and whether it was created or already existing. `tocsin schema complaint` describes it.
    """
    return run(_file(source, asked()))


async def _file(source: str, how: Asked) -> int:
    complaint = parse_complaint(_with_reporter(read_object(source), how.said_by))
    check_complaint(complaint)
    if strange := _unknown(complaint, how):
        raise Malformed("\n".join(["The complaint was not filed.", *strange]))
    filed = await file_complaint(await connect(), complaint, door="cli")
    state = "created" if filed.created else "existing"
    if how.as_json:
        say_json({"incident_id": filed.incident_id, "created": filed.created, "state": state})
    else:
        done = either(how.lang, "已受理" if filed.created else "此前已受理，没有重复受理", "")
        say("  ".join(part for part in (filed.incident_id, state, done) if part))
    return 0


def _unknown(complaint: Complaint, how: Asked) -> list[str]:
    """An organisation that cannot be read stops no complaint (R24): the worker flags what it does not know."""
    try:
        organisation = own_organisation(Settings())
    except Misconfigured:
        say_error(
            either(
                how.lang,
                "机构文件读不出来，没有核对网点和保险公司，照常受理；请运行 tocsin check。",
                "The organisation cannot be read, so outlet and insurer were not checked; filed all the same. "
                "Run `tocsin check`.",
            )
        )
        return []
    return unknown_places(complaint, organisation) if organisation else []


def _with_reporter(body: dict[str, object], by: str | None) -> dict[str, object]:
    """Whoever runs the command reports it, where the file does not say who does."""
    return body if by is None or "reported_by" in body else {**body, "reported_by": by}
