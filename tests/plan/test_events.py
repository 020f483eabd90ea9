"""What of a record becomes an event, for whom, and what it says (R29, R57.6)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from plan.events import EVENTS, PREFIX, TYPES, About, Cursor, Event, events, type_of
from plan.record import Entry, append
from plan.visibility import ENTRIES, Seat
from tests.plan.told import LEAD, Day

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ABOUT = About(incident_id="GD-1", units=("gd-gz-th-0001", "gd"), insurers=("anhe-life",))


def _record() -> list[Entry]:
    day = Day("09:12", incident_id="GD-1")
    day.tell("09:20", LEAD, "calming_attempted", outcome="failed", script="佘某在大厅")
    day.tell("09:25", LEAD, "circumstances_reported", headcount=6)
    day.tell("09:30", LEAD, "noted", text="佘某")
    day.until("11:30")
    return list(day.book.entries)


def _made(entries: list[Entry], cursor: Cursor | None = None, **how: Any) -> list[Event]:
    asked: dict[str, Any] = {"since": LONG_AGO, **how}
    steps = events(asked.pop("about", ABOUT), entries, cursor or Cursor(incident_id="GD-1"), **asked)
    return [step for step in steps if isinstance(step, Event)]


@pytest.mark.rule("R29", "R57.6")
def test_what_only_the_inside_sees_is_never_an_event() -> None:
    for what in EVENTS:
        assert Seat.OUTLET in ENTRIES[what], f"{what} is confidential"
    assert len(TYPES) == len(EVENTS)
    assert all(kind.startswith(PREFIX) for kind in TYPES)


def test_an_event_follows_from_the_record_alone_whoever_makes_it_and_from_wherever() -> None:
    record = _record()
    whole = _made(record)
    assert [each.type.removeprefix(PREFIX) for each in whole][:1] == ["incident.filed"]
    for place in range(len(whole)):
        rest = _made(record, whole[place].cursor)
        assert [each.body for each in rest] == [each.body for each in whole[place + 1 :]]
    halves = [*_made(record[:5]), *_made(record[5:], _cursor_after(record[:5]))]
    assert [each.body for each in halves] == [each.body for each in whole]


def _cursor_after(entries: list[Entry]) -> Cursor:
    *_, last = events(ABOUT, entries, Cursor(incident_id="GD-1"), since=LONG_AGO)
    return last.cursor if isinstance(last, Event) else last


def test_each_names_the_one_before_so_that_a_gap_shows() -> None:
    told = [json.loads(each.body) for each in _made(_record())]
    sequences = [each["data"]["sequence"] for each in told]
    assert [each["data"]["previous"] for each in told] == [None, *sequences[:-1]]
    assert [each["sequence"] for each in told] == [f"{number:010}" for number in sequences]


def test_an_event_has_the_attributes_of_cloudevents_1_0() -> None:
    for each in _made(_record()):
        said = json.loads(each.body)
        assert said["specversion"] == "1.0"
        assert (said["source"], said["subject"]) == ("/incidents/GD-1", "GD-1")
        assert said["id"] == f"GD-1/{said['data']['sequence']}"
        assert datetime.fromisoformat(said["time"]).tzinfo is not None
        names = set(said) - {"specversion", "data"}
        assert all(name.isalnum() and name == name.lower() and len(name) <= 20 for name in names)


@pytest.mark.rule("R29")
def test_no_person_no_free_text_and_no_count_goes_out() -> None:
    said = b"".join(each.body for each in _made(_record())).decode()
    for word in ("佘", "sealed", LEAD, "headcount", "criteria", "outcome"):
        assert word not in said


def test_a_drills_event_says_so_twice_and_history_is_told_to_nobody() -> None:
    drill = [json.loads(each.body) for each in _made(_record(), about=ABOUT.model_copy(update={"drill": True}))]
    assert drill
    assert all(each["drill"] is True and each["data"]["drill"] is True for each in drill)
    assert _made(_record(), about=ABOUT.model_copy(update={"imported": True})) == []


def test_who_subscribes_later_is_told_of_what_comes_later_and_where_it_is() -> None:
    record = _record()
    late = _made(record, since=record[-1].recorded_at)
    assert late
    assert all(json.loads(each.body)["data"]["outlet"] == "gd-gz-th-0001" for each in late)


def test_who_asks_for_one_type_gets_that_alone() -> None:
    crisis = f"{PREFIX}incident.crisis"
    assert {each.type for each in _made(_record(), types=frozenset({crisis}))} == {crisis}


@pytest.mark.rule("R57.6")
@pytest.mark.parametrize("what", ["breach", "report_submitted", "undelivered", "unanswered"])
def test_an_insurers_system_is_told_what_the_insurer_may_see(what: str) -> None:
    entry = append("0" * 64, 1, what, recorded_at=LONG_AGO, about="outlet_report")
    assert type_of(entry) is not None
    assert type_of(entry, "anhe-life") is None


def test_a_notice_that_only_the_inside_knows_of_is_none() -> None:
    entry = append("0" * 64, 1, "undelivered", recorded_at=LONG_AGO, about="prompt.accountability~gd.work")
    assert type_of(entry) is None
