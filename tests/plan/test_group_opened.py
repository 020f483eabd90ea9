"""A group event calls people once, at its opening, and who comes in with a later member (R14, R22, R40-R42; A19)."""

from typing import Any

import pytest

from plan.visibility import Seat, as_seen
from tests.plan.times import said
from tests.plan.told import ANHE, COUNTY, LEAD, NANSHAN, T1, ZHONGTAI, Day
from tests.plan.town import Town

POST, BANK = "gd-gz-th.post", "gd-gz-th.bank"
LOCAL = [POST, BANK]
CALLS = ("tell.group_event", "tell.group_signs", "prompt.police")


def opened(*more: str, **days: Day) -> tuple[Town, Day]:
    """A group event of one complaint without a crisis, and of whoever else is named."""
    town = Town(A=Day("10:00", incident_id="A"), **days)
    town.convert("10:10", LEAD, "G", "A", *more, scene=T1)
    return town, town.groups["G"]


def member(name: str, **complaint: Any) -> Day:
    return Day("10:00", incident_id=name, **complaint)


def seen_by(day: Day, insurer: str) -> dict[str, Any]:
    return as_seen(day.view(), Seat.INSURER, own_insurer=insurer, decided=False, handed_over_or_called=True)


@pytest.mark.rule("R40", "R41", "R42")
def test_a_group_event_calls_everybody_at_its_opening_before_five_are_known() -> None:
    _, group = opened()
    assert group.severity == "complaint"
    assert group.told("tell.group_event") == LOCAL
    assert group.told("tell.group_signs") == [COUNTY, ANHE], "the leadership is told to come, not to be ready"
    assert group.told("prompt.police") == [COUNTY]
    assert {group.told_at(duty) for duty in CALLS} == {"10:10"}
    assert "prompt.police" in group.owed()


@pytest.mark.rule("R42")
def test_the_fifth_person_tells_of_the_crisis_but_calls_nobody_a_second_time() -> None:
    names = "BCDE"
    town, group = opened(**{name: member(name) for name in names})
    town.convert("10:30", LEAD, "G", *names)
    assert group.severity == "crisis"
    assert group.told_at("tell.crisis") == "10:30"
    assert group.state("leadership_on_scene", "10:30") == "running"
    town.until("11:00")
    assert {duty for duty in group.begun() if duty.startswith(CALLS)} == set(CALLS)
    assert [group.told(duty) for duty in CALLS] == [LOCAL, [COUNTY, ANHE], [COUNTY]]


@pytest.mark.rule("R39", "R40")
def test_signs_told_to_an_open_group_event_call_nobody_a_second_time() -> None:
    town, group = opened()
    town.tell("10:20", "G", LEAD, "group_signs_seen")
    assert not any(duty.endswith(".2") for duty in group.begun())


@pytest.mark.rule("R39", "R42")
def test_after_the_scene_is_over_new_signs_and_a_new_crowd_call_everybody_again() -> None:
    town, group = opened()
    town.tell("10:40", "G", LEAD, "scene_over", outcome="dispersed")
    town.tell("14:00", "G", LEAD, "group_signs_seen")
    assert group.told("tell.group_signs.2") == [COUNTY, ANHE]
    assert group.told("prompt.police.2") == [COUNTY]
    town.tell("14:10", "G", LEAD, "circumstances_reported", headcount=6)
    assert group.told("tell.group_event.2") == LOCAL


@pytest.mark.rule("R14", "R40")
def test_the_insurer_of_a_later_member_is_called_as_well_and_only_once() -> None:
    town, group = opened(B=member("B", insurer="zhongtai-life"), C=member("C", insurer="zhongtai-life"))
    assert ZHONGTAI not in group.told("tell.group_signs")
    town.convert("10:20", LEAD, "G", "B", "C")
    assert group.told("tell.group_signs") == [COUNTY, ANHE, ZHONGTAI]
    assert said(group.notice("tell.group_signs", ZHONGTAI).created_at) == "10:20"
    town.until("12:00")
    assert group.told("tell.group_signs") == [COUNTY, ANHE, ZHONGTAI]


@pytest.mark.rule("R14", "R40")
def test_an_insurer_that_comes_in_after_the_scene_is_over_is_not_called_to_it() -> None:
    town, group = opened(B=member("B", insurer="zhongtai-life"))
    town.tell("10:40", "G", LEAD, "scene_over", outcome="dispersed")
    town.convert("10:50", LEAD, "G", "B")
    assert ZHONGTAI not in group.told("tell.group_signs")


@pytest.mark.rule("R42")
def test_the_leadership_where_members_meet_is_called_once_a_member_elsewhere_has_joined() -> None:
    town, group = opened(B=member("B", outlet=NANSHAN))
    assert group.told("tell.group_event") == LOCAL
    town.convert("10:20", "system:monitor", "G", "B", scene=T1)
    assert group.told("tell.group_event") == [*LOCAL, "gd.post", "gd.bank"]


@pytest.mark.rule("R22", "R29")
def test_a_groups_insurers_owe_their_coming_together_and_each_sees_itself() -> None:
    town, group = opened(B=member("B", insurer="zhongtai-life"))
    assert group.clock("insurer_on_scene").owed_by == "anhe-life"
    town.convert("10:20", LEAD, "G", "B")
    assert group.clock("insurer_on_scene").owed_by == "anhe-life,zhongtai-life"
    assert group.owed()["insurer_on_scene"].by == ("anhe-life", "zhongtai-life")
    for insurer in ("anhe-life", "zhongtai-life"):
        seen = seen_by(group, insurer)
        assert [clock["owed_by"] for clock in seen["clocks"]] == [insurer]
        assert [owed["by"] for owed in seen["outstanding"]] == [[insurer]]
    town.until("11:11")
    assert set(group.told("breach.insurer_on_scene")) >= {ANHE, ZHONGTAI}


@pytest.mark.rule("R14", "R22")
def test_a_group_event_chases_the_work_group_and_every_insurer_until_they_answer() -> None:
    town, group = opened(B=member("B", insurer="zhongtai-life"))
    town.convert("10:12", LEAD, "G", "B")
    town.until("10:21")
    assert group.told("repeat.group_signs.1") == [COUNTY, ANHE, ZHONGTAI]
    town.tell("10:22", "G", COUNTY, "notice_acknowledged", notice_id=f"tell.group_signs~{COUNTY}")
    town.until("11:00")
    assert not group.told("repeat.group_signs.2")


@pytest.mark.rule("R24")
def test_a_group_event_asks_to_be_looked_at_only_while_something_is_to_come() -> None:
    town, group = opened()
    assert not group.book.has_duties(group.now)
    town.tell("10:40", "G", COUNTY, "scene_over", outcome="left")
    assert group.book.next_instant(group.now) is None
    assert not group.book.has_duties(group.now)


def test_a_drill_calls_the_same_people() -> None:
    town = Town(A=Day("10:00", incident_id="A", drill=True))
    town.convert("10:10", LEAD, "G", "A")
    group = town.groups["G"]
    assert group.incident.drill
    assert group.told("tell.group_event") == LOCAL
