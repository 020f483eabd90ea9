"""Who answers for what, and which entries of the record prove it; who sees it (R56, R60-R63; contract, 5 and 6)."""

from datetime import datetime
from typing import Any

import pytest

from plan.visibility import Seat, as_seen, may_see_entry, seat_of
from plan.wording import duty_key, render
from plan.words import words_of
from runtime.documents import load_wording
from tests.plan.aftermath import BANK, CONTACT, COURSE, POST, acknowledged, crisis, late, opened, resolved
from tests.plan.times import said
from tests.plan.told import ANHE, COUNTY, LEAD, T1, Day


def items(day: Day) -> dict[str, dict[str, Any]]:
    return {item["about"]: item for item in day.view()["accountability_items"]}


def proven(day: Day, about: str) -> list[tuple[str, str | None]]:
    """What the entries say that prove it, and by whom."""
    numbers = items(day)[about]["evidence"]
    entries = {entry.sequence: entry for entry in day.book.entries}
    assert numbers == sorted(numbers)
    return [(entries[number].what, entries[number].by) for number in numbers]


@pytest.mark.rule("R62")
def test_a_late_report_is_shown_with_when_the_outlet_was_told_who_answered_and_how_late_it_was() -> None:
    item = items(late())["outlet_report"]
    assert (item["category"], item["rule"], item["unit"], item["called_for"]) == (2, "R62", T1, True)
    assert (item["state"], item["late"]) == ("met_late", "PT600S")
    assert said_of(item, "due_at", "met_at") == ("11:00", "11:10")
    assert said_of(item, "first_told_at", "first_acknowledged_at") == ("10:00", "10:05")
    assert item["acknowledged_by"] == CONTACT
    assert item["decided_by"] == []


def said_of(item: dict[str, Any], *names: str) -> tuple[str | None, ...]:
    return tuple(said(datetime.fromisoformat(item[name])) if item[name] else None for name in names)


@pytest.mark.rule("R62")
def test_the_record_proves_it_entry_by_entry() -> None:
    day = late()
    assert proven(day, "outlet_report") == [
        ("filed", LEAD),
        ("clock_started", None),
        ("delivered", None),
        ("notice_acknowledged", CONTACT),
        ("breach", None),
        ("report_submitted", LEAD),
        ("clock_met_late", LEAD),
    ]


@pytest.mark.rule("R62")
def test_whom_no_notice_reached_and_how_long_nobody_has_reported_belong_to_the_evidence() -> None:
    day = Day("10:00", circumstances={"media": True}, unreachable=[LEAD])
    day.until("11:30")
    item = items(day)["outlet_report"]
    assert (item["state"], item["late"], item["met_at"]) == ("missed", "PT1800S", None)
    assert said_of(item, "first_told_at", "first_acknowledged_at") == ("10:00", None), "the contact"
    assert [what for what, _ in proven(day, "outlet_report")].count("undelivered") >= 1
    nobody = Day("10:00", circumstances={"media": True}, unreachable=[LEAD, CONTACT])
    nobody.until("11:30")
    assert items(nobody)["outlet_report"]["first_told_at"] is None


@pytest.mark.rule("R62")
def test_an_anchor_that_was_moved_back_is_proven_by_who_moved_it() -> None:
    day = Day("10:00")
    day.tell("10:20", LEAD, "circumstances_reported", headcount=5)
    day.tell("11:10", LEAD, "report_submitted", content=COURSE)
    day.tell("13:00", COUNTY, "circumstances_reported", headcount=5, known_at="at:09:50")
    said_by = proven(day, "outlet_report")
    assert ("clock_moved", COUNTY) in said_by
    assert ("circumstances_reported", COUNTY) in said_by


@pytest.mark.rule("R44", "R62")
def test_of_a_level_above_it_counts_when_that_level_was_told() -> None:
    day = Day("10:00", circumstances={"disrupts_outlet": True})
    day.tell("10:20", LEAD, "report_submitted", content=COURSE)
    day.tell("10:25", COUNTY, "notice_acknowledged", notice_id=f"tell.report~{COUNTY}")
    day.until("12:00")
    item = items(day)["relay.county"]
    assert (item["unit"], item["acknowledged_by"]) == ("gd-gz-th", COUNTY)
    assert said_of(item, "first_told_at", "first_acknowledged_at") == ("10:20", "10:25")


@pytest.mark.rule("R62")
def test_a_missed_target_is_shown_and_calls_for_no_decision_and_a_lifted_breach_is_not() -> None:
    day = Day("10:00")
    day.tell("10:00", LEAD, "group_signs_seen")
    day.until("11:30")
    assert items(day)["work_group_on_scene"]["called_for"] is False
    assert "insurer_on_scene" not in items(day), "what the insurer owes is not ours to judge"
    reported = Day("10:00", circumstances={"disrupts_outlet": True})
    reported.until("10:50")
    in_time = reported.fact(LEAD, "report_submitted", content=COURSE)
    reported.until("11:05")
    reported.judge(in_time.model_copy(update={"recorded_at": reported.now}))
    assert "outlet_report" not in items(reported)


@pytest.mark.rule("R57", "R63")
def test_conduct_is_shown_with_what_was_reported_and_found_of_that_person() -> None:
    day = crisis()
    day.tell("11:40", ANHE, "conduct_reported", behaviour=4, person=LEAD, evidence="录像")
    day.tell("11:41", COUNTY, "conduct_reported", behaviour=1, person=CONTACT)
    day.tell("11:42", COUNTY, "conduct_found", finding="属实", person=LEAD)
    first, second = items(day)["conduct.1"], items(day)["conduct.2"]
    assert (first["category"], first["rule"], first["person"], first["behaviour"]) == (3, "R63", LEAD, 4)
    assert (second["person"], second["behaviour"]) == (CONTACT, 1)
    assert proven(day, "conduct.1") == [("conduct_reported", ANHE), ("conduct_found", COUNTY)]
    assert proven(day, "conduct.2") == [("conduct_reported", COUNTY)]


@pytest.mark.rule("R57", "R63")
def test_what_was_tried_against_the_seven_prohibitions_stands_beside_it() -> None:
    day = Day("10:00")
    for when in ("10:05", "10:06"):
        assert day.tell(when, LEAD, "statement_issued", text="声明").rule == "R57.5"
    assert day.tell("10:07", LEAD, "resolved").rule == "R20"
    tried = items(day)["refused.R57.5"]
    assert (tried["category"], tried["person"], tried["called_for"]) == (3, LEAD, False)
    assert proven(day, "refused.R57.5") == [("refused", LEAD)] * 2
    assert list(items(day)) == ["refused.R57.5"]


@pytest.mark.rule("R50", "R56")
def test_proven_mis_selling_asks_who_did_it_once_it_is_resolved() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "policy_examined", policy_number="P-1", mis_selling_proven=True)
    day.tell("09:20", ANHE, "insurer_decided", decision="解释")
    assert day.told("prompt.accountability") == [], "not before it has calmed (R60)"
    resolved(day, "09:30")
    assert day.told("prompt.accountability") == [POST, BANK]
    assert day.owed()["prompt.accountability"].lacks == ("mis_selling",)
    item = items(day)["mis_selling"]
    assert (item["category"], item["rule"], item["person"]) == (1, "R56", None)
    assert proven(day, "mis_selling") == [("policy_examined", LEAD)]
    assert day.another().tell("09:40", COUNTY, "closed").accepted, "a complaint: asked, not a condition"
    day.tell("09:40", POST, "accountability_decided", category=1, person=LEAD, decision="承担责任")
    assert "prompt.accountability" not in day.owed()
    assert items(day)["mis_selling"]["decided_by"] == [day.entries("accountability_decided")[0].about]


@pytest.mark.rule("R60", "R62", "R63")
def test_the_leadership_group_is_asked_until_every_category_is_decided() -> None:
    day = late()
    day.tell("11:40", ANHE, "conduct_reported", behaviour=4, person=LEAD)
    resolved(day)
    assert day.told("prompt.accountability") == [POST, BANK]
    assert day.owed()["prompt.accountability"].lacks == ("outlet_report", "conduct.1")
    day.tell("12:10", POST, "accountability_decided", category=2, decision="谈话")
    assert day.owed()["prompt.accountability"].lacks == ("conduct.1",)
    acknowledged(day, "12:15", "prompt.accountability", POST)
    assert "prompt.accountability" in day.owed(), "acknowledged is not decided"
    day.tell("12:20", POST, "accountability_decided", category=3, outcome="none", decision="查无实据")
    assert "prompt.accountability" not in day.owed()


@pytest.mark.rule("R60", "R62")
def test_what_comes_up_after_it_was_resolved_is_asked_about_too_and_once() -> None:
    day = Day("10:00", circumstances={"regulator": True})
    day.tell("10:20", LEAD, "report_submitted", content=COURSE)
    day.tell("10:30", COUNTY, "report_submitted", content=COURSE)
    day.tell("10:31", "gd-gz.work", "report_submitted", content=COURSE)
    day.tell("11:32", POST, "stood_down", reason="平息")
    day.tell("11:33", ANHE, "insurer_decided", decision="解释")
    resolved(day)
    assert day.told("prompt.accountability") == []
    day.tell("13:00", COUNTY, "conduct_reported", behaviour=2, person=LEAD)
    assert day.told("prompt.accountability") == [POST, BANK]
    day.until("D+1 10:30")
    assert day.breaches() == ["province_opinion", "regulator_report"]
    asked = [duty for duty in day.begun() if duty.startswith("prompt.accountability")]
    assert asked == ["prompt.accountability", "prompt.accountability.2"]
    assert "prompt.accountability" not in day.owed()
    lacks = ("province_opinion", "regulator_report", "conduct.1")
    assert day.owed()["prompt.accountability.2"].lacks == lacks


@pytest.mark.rule("R60")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_leadership_group_reads_how_many_there_are_to_decide(lang: str) -> None:
    day = resolved(late())
    when, duty = next(pair for pair in day.duties if pair[1].id == "prompt.accountability")
    assert duty.confidential
    words = words_of(day.incident, duty, day.notice(duty.id, POST), when)
    assert (duty_key(duty.id), words["number"]) == ("prompt.accountability", "1")
    assert "1" in render(load_wording(lang), duty.id, words, drill=False)[:50]


def test_a_day_without_anything_to_answer_for_shows_nothing() -> None:
    assert items(resolved(crisis())) == {}


# -- who sees it -------------------------------------------------------------------------------------------------------

WHO = {COUNTY: True, POST: True, "gd.contact": True, "operator": True, LEAD: False, CONTACT: False, ANHE: False}
"""Person → whether they see who answers for what."""


def answered_for() -> Day:
    """Late, with conduct of the outlet's lead reported, and two actions: the lead's and the work group's."""
    day = late()
    day.tell("11:40", ANHE, "conduct_reported", behaviour=4, person=LEAD)
    opened(day, "11:50", owner=LEAD)
    opened(day, "11:51", owner=COUNTY)
    return resolved(day)


def seen_by(day: Day, person: str) -> dict[str, Any]:
    seat, insurer = seat_of(day.incident.roster.roles_of(person))
    return as_seen(day.view(), seat, own_insurer=insurer, decided=True, handed_over_or_called=True, viewer=person)


@pytest.mark.rule("R29", "R60", "R62")
@pytest.mark.parametrize(("person", "sees"), WHO.items())
def test_the_evidence_is_for_the_inside_alone(person: str, sees: bool) -> None:
    seen = seen_by(answered_for(), person)
    assert ("accountability_items" in seen) is sees
    assert ("prompt.accountability" in str(seen)) is sees
    asked = [owed for owed in seen["outstanding"] if owed["what"] == "prompt.final_report"]
    assert any("accountability" in owed["lacks"] for owed in asked) is sees


@pytest.mark.rule("R29", "R58")
@pytest.mark.parametrize(
    ("person", "sees"), [(COUNTY, ["S-1.1", "S-1.2"]), (LEAD, ["S-1.1"]), (CONTACT, []), (ANHE, None)]
)
def test_an_outlet_sees_of_the_actions_its_own_and_an_insurer_none(person: str, sees: list[str] | None) -> None:
    seen = seen_by(answered_for(), person)
    assert [action["action_id"] for action in seen.get("actions", [])] == (sees or [])
    assert ("actions" in seen) is (sees is not None)
    owed = [each["what"] for each in seen["outstanding"] if each["state"] == "action"]
    assert owed == [f"action.{action_id}" for action_id in sees or []]


@pytest.mark.rule("R29", "R60")
@pytest.mark.parametrize("seat", [Seat.OUTLET, Seat.INSURER])
def test_the_record_tells_the_outside_neither_what_was_asked_nor_who_answered_it(seat: Seat) -> None:
    day = answered_for()
    acknowledged(day, "12:10", "prompt.accountability", POST)
    about = [entry for entry in day.book.entries if "prompt.accountability" in f"{entry.about} {entry.data}"]
    assert {"notice", "delivered", "notice_acknowledged"} <= {entry.what for entry in about}
    about += [entry for entry in day.book.entries if entry.what in ("action_opened", "conduct_reported")]
    for entry in about:
        assert may_see_entry(Seat.INTERNAL, entry, decided=True)
        assert not may_see_entry(seat, entry, decided=True), entry.what


@pytest.mark.rule("R29")
def test_what_an_action_says_is_masked_until_it_is_revealed() -> None:
    day = answered_for()
    day.tell("12:20", LEAD, "action_done", action_id="1", note="已修订")
    for action in day.view()["actions"]:
        assert (action["text"], action["note"]) == ("***", "***" if action["done_at"] else None)
    assert [action["text"] for action in day.view(revealed=True)["actions"]] == ["修订讲解要点"] * 2
    assert day.view(revealed=True)["actions"][0]["note"] == "已修订"
