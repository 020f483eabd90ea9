"""docs/http.md names every event that other systems may be told of, and shows one as it really is."""

import json
import re

from plan.events import EVENTS, TYPES, About, Cursor, Event, events
from plan.record import Entry
from tests.docs.pages import page, section, spans

SINCE = "2026-11-24T09:00:00+08:00"


def test_every_type_is_there_and_no_other() -> None:
    said = {
        f"cn.tocsin.{each}" for each in spans(section(page("docs/http.md"), "Events")) if re.match(r"\w+\.\w+$", each)
    }
    there = {each for each in said if each.split(".")[2] in {"incident", "clock", "report", "notice"}}
    assert there == set(TYPES)


def test_each_field_of_its_own_is_there() -> None:
    said = set(spans(section(page("docs/http.md"), "Events")))
    assert {field for line in EVENTS.values() for field in line.fields} <= said


def test_the_example_is_an_event_as_it_is_made() -> None:
    body = re.search(r"```json\n(\{\"specversion\".*?)```", page("docs/http.md"), re.DOTALL)
    assert body is not None
    shown = json.loads(body[1])
    entry = Entry.model_validate(
        {
            "sequence": 31,
            "recorded_at": shown["time"],
            "received_at": shown["data"]["received_at"],
            "what": "breach",
            "rule": "R62",
            "about": "outlet_report",
            "data": {"at": shown["data"]["at"]},
            "previous": "0" * 64,
            "hash": "0" * 64,
        }
    )
    standing = {"outlet": "gd-gz-th-0001", "insurer": "anhe-life"}
    cursor = Cursor.model_validate({"incident_id": "GD-2026-000123", "sequence": 30, "told": 27, "standing": standing})
    (made,) = events(About(incident_id="GD-2026-000123"), [entry], cursor, since=entry.recorded_at)
    assert isinstance(made, Event)
    assert json.loads(made.body) == shown
