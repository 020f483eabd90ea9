"""The outlet's watch: signs, the fifth person, a month's pattern, and what comes after (R2.1, R39; A12, A23)."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.playbook import WatchRule
from plan.playbook_faults import playbook_faults
from plan.sighting import Rules
from plan.watch import opened, read_report, seen_by
from plan.watch_view import watch_details, watch_view
from tests.plan.times import at
from tests.plan.told import RULES as PLAN
from tests.plan.watching import RULES, T1, Outlet, sighting

HOTLINE = {"there": False}


def six() -> Outlet:
    """S8 up to the fifth person, who is still to come."""
    day = Outlet()
    day.comes("09:00", "A", "p-1")
    day.comes("09:30", "B", "p-2")
    day.comes("10:00", "C", "p-1")
    assert day.said() == [], "two persons with three complaints are no signs yet"
    day.comes("10:20", "D", "p-3", **HOTLINE)
    assert day.said() == ["signs D"]
    day.comes("11:00", "E", "p-4", insurer="zhongtai-life")
    assert day.said() == [], "whoever was called is called"
    return day


# -- signs, and the fifth person ---------------------------------------------------------------------------------------


@pytest.mark.rule("R2.1", "R39")
def test_the_third_person_is_a_sign_told_once_and_the_fifth_opens_a_group_event_of_all() -> None:
    day = six()
    day.comes("11:30", "F", "p-5", insurer="zhongtai-life")
    assert day.said() == [f"joins {name}" for name in "ABCDEF"]
    assert list(day.groups.values()) == [list("ABCDEF")]
    assert set(day.stamps("converted_to_group_event")) == {"11:30"}
    assert {tell.fact["group_id"] for tell in day.facts[1:]} == set(day.groups)
    assert {tell.fact["scene"] for tell in day.facts[1:]} == {T1}


@pytest.mark.rule("R2.1")
def test_one_person_with_many_complaints_is_one() -> None:
    day = Outlet()
    for n in range(8):
        day.comes(f"09:0{n}", f"C{n}", "p-1")
    assert day.said() == []


@pytest.mark.rule("R2.1")
@given(st.randoms(use_true_random=False))
def test_however_many_arrive_at_once_there_is_one_group_event_and_each_complaint_is_in_it_once(
    chance: random.Random,
) -> None:
    day = Outlet()
    reports = [sighting("09:00", f"C{n}", f"p-{n % 12}") for n in range(40)]
    chance.shuffle(reports)
    for each in reports:
        day.report(each)
    assert list(day.groups.values()) == [sorted(each.incident_id for each in reports)]
    joins = [tell.incident_id for tell in day.facts if tell.fact["kind"] == "converted_to_group_event"]
    assert sorted(joins) == sorted(each.incident_id for each in reports)
    assert len([tell for tell in day.facts if tell.fact["kind"] == "group_signs_seen"]) == 1


@pytest.mark.rule("R2.1")
def test_the_same_reports_open_the_same_group_event() -> None:
    def played() -> Outlet:
        day = six()
        day.comes("11:30", "F", "p-5")
        return day

    assert list(played().groups) == list(played().groups)
    assert played().watch == played().watch


@pytest.mark.rule("R2.1")
def test_calls_about_five_insurers_are_no_crowd_but_people_at_the_same_counter_are() -> None:
    calls, counter = Outlet(), Outlet()
    for n in range(5):
        calls.comes(f"09:0{n}", f"C{n}", f"p-{n}", insurer=f"insurer-{n}", **HOTLINE)
        counter.comes(f"09:0{n}", f"C{n}", f"p-{n}", insurer=f"insurer-{n}")
    assert (calls.said(), calls.groups) == ([], {})
    assert list(counter.groups.values()) == [[f"C{n}" for n in range(5)]]


@pytest.mark.rule("R2.1")
def test_the_same_product_line_of_two_insurers_belongs_together() -> None:
    day = Outlet()
    for n in range(5):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}", insurer=f"insurer-{n}", product_line="fortune-plus", **HOTLINE)
    assert list(day.groups.values()) == [[f"C{n}" for n in range(5)]]


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize(("fifth", "is_a_crowd"), [("D+1 08:59:59", True), ("D+1 09:00", False)])
def test_the_window_is_twenty_four_hours(fifth: str, is_a_crowd: bool) -> None:
    day = Outlet()
    for n in range(4):
        day.comes("09:00", f"C{n}", f"p-{n}")
    day.comes(fifth, "C4", "p-4")
    assert bool(day.groups) is is_a_crowd


@pytest.mark.rule("R2.1")
def test_a_report_that_comes_late_counts_where_it_belongs_in_time() -> None:
    day = Outlet()
    for n, when in enumerate(("09:00", "10:00", "D+1 08:00", "D+1 08:30")):
        day.comes(when, f"C{n}", f"p-{n}")
    assert not day.groups
    day.comes("09:30", "C4", "p-4")
    assert list(day.groups.values()) == [["C0", "C1", "C2", "C3", "C4"]]


@pytest.mark.rule("R2.1")
def test_who_is_calmed_and_gone_takes_no_part_in_a_crowd_any_more() -> None:
    day = Outlet()
    for n in range(4):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}")
        day.changes(f"C{n}", resolved_at=at(f"09:3{n}"), ended_at=at(f"09:3{n}"))
    assert day.said() == []
    day.comes("10:00", "C4", "p-4")
    assert day.said() == ["asks C4"], "the month still knows them, and the work group is asked"
    assert not day.groups


@pytest.mark.rule("R2.1")
def test_an_incident_with_five_persons_of_its_own_is_left_alone_until_another_comes() -> None:
    day = Outlet()
    day.comes("09:00", "A", *(f"p-{n}" for n in range(5)), five=True)
    assert day.said() == [], "it is a crisis by itself, and people are called already"
    day.comes("09:30", "B", "p-9")
    assert day.said() == ["joins A", "joins B"]


@pytest.mark.rule("R39")
def test_signs_that_people_have_told_of_are_not_told_again() -> None:
    day = Outlet()
    day.comes("09:00", "A", "p-1")
    day.changes("A", signs_at=at("09:10"))
    day.comes("09:20", "B", "p-2")
    day.comes("09:30", "C", "p-3")
    assert day.said() == []


@pytest.mark.rule("R39")
def test_signs_go_to_another_incident_of_the_crowd_where_the_latest_is_over_by_then() -> None:
    day = Outlet(refuses={"C"})
    for n, name in enumerate("ABC"):
        day.comes(f"09:0{n}", name, f"p-{n}")
    assert day.said() == ["signs B"]
    assert watch_view(day.watch, at("09:10"))["not_taken"] == [
        {"incident_id": "C", "kind": "group_signs_seen", "rule": "R58", "gone": False}
    ]


@pytest.mark.rule("R39")
def test_signs_nobody_took_are_raised_with_the_next_complaint() -> None:
    day = Outlet(refuses=set("ABC"))
    for n, name in enumerate("ABC"):
        day.comes(f"09:0{n}", name, f"p-{n}")
    assert day.said() == []
    day.comes("09:10", "D", "p-4")
    assert day.said() == ["signs D"]


@pytest.mark.rule("R39")
def test_a_crowd_that_goes_on_is_signalled_anew_after_a_day() -> None:
    day = Outlet()
    for n, when in enumerate(("09:00", "09:10", "09:20", "20:00", "D+1 08:00")):
        day.comes(when, f"C{n}", f"p-{n % 3}")
    assert day.said() == ["signs C2"]
    day.comes("D+1 09:30", "C5", "p-9")
    assert day.said() == ["signs C5"]


# -- somebody unknown --------------------------------------------------------------------------------------------------


@pytest.mark.rule("R39")
def test_somebody_unknown_counts_as_one_for_signs_and_for_asking_but_never_opens() -> None:
    day = Outlet()
    for n in range(3):
        day.comes(f"09:0{n}", f"C{n}")
    assert day.said() == ["signs C2"]
    day.comes("09:10", "C3", "p-3")
    day.comes("09:11", "C4", "p-4")
    assert day.said() == ["asks C2"], "five, perhaps: asked of the one whose people are called"
    for n in range(5, 9):
        day.comes(f"09:2{n}", f"C{n}")
    assert (day.said(), day.groups) == ([], {})


@pytest.mark.rule("R2.1", "R43")
def test_a_key_that_becomes_known_replaces_somebody_unknown_and_the_group_event_starts_then() -> None:
    day = Outlet()
    for n in range(4):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}")
    day.comes("09:10", "C4")
    assert not day.groups
    day.keyed("14:00", "C4", "p-4")
    assert list(day.groups.values()) == [[f"C{n}" for n in range(5)]]
    assert set(day.stamps("converted_to_group_event")) == {"14:00"}


def test_a_key_that_turns_out_to_be_known_makes_nobody_more() -> None:
    day = Outlet()
    for n in range(4):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}")
    day.comes("09:10", "C4")
    day.keyed("14:00", "C4", "p-0")
    assert not day.groups


# -- after it is open --------------------------------------------------------------------------------------------------


def crowd() -> Outlet:
    day = Outlet()
    for n in range(5):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}")
    day.said()
    return day


@pytest.mark.rule("R2.1")
def test_a_later_complaint_joins_while_the_group_event_goes_on_whoever_it_is_of() -> None:
    day = crowd()
    day.comes("12:00", "L1", "p-1")
    day.comes("13:00", "L2")
    day.comes("14:00", "L3", "p-9", insurer="zhongtai-life")
    assert day.said() == ["joins L1", "joins L2", "joins L3"]
    assert len(day.groups) == 1
    day.comes("15:00", "L4", "p-10", insurer="zhongtai-life", **HOTLINE)
    assert day.said() == ["joins L4"], "through the one before, which joined at the counter"


@pytest.mark.rule("R2.1")
def test_what_does_not_belong_to_the_crowd_starts_anew_beside_it() -> None:
    day = crowd()
    for n in range(5):
        day.comes(f"12:0{n}", f"X{n}", f"x-{n}", insurer="zhongtai-life", **HOTLINE)
    assert [len(members) for members in day.groups.values()] == [5, 5]


@pytest.mark.rule("R2.1")
def test_after_the_crowds_last_day_a_complaint_starts_anew() -> None:
    day = crowd()
    day.comes("D+1 09:03", "L1", "p-9")
    day.comes("D+2 09:04", "L2", "p-10")
    assert day.said() == ["joins L1"]
    for n in range(4):
        day.comes(f"D+2 10:0{n}", f"X{n}", f"x-{n}")
    assert [len(members) for members in day.groups.values()] == [6, 5]


@pytest.mark.rule("R2.1", "R19")
def test_when_the_group_event_is_over_only_what_comes_after_counts() -> None:
    day = crowd()
    group = next(iter(day.groups))
    day.over("12:00", group)
    for n in range(4):
        day.comes(f"12:1{n}", f"X{n}", f"x-{n}")
    assert day.said() == ["signs X2"]
    day.comes("12:20", "X4", "p-0")
    assert [sorted(members) for members in day.groups.values()] == [
        [f"C{n}" for n in range(5)],
        [f"X{n}" for n in range(5)],
    ], "a person of the first crowd may be one of the second"
    late = sighting("11:50", "L", "p-9")
    day.report(late)
    assert "L" in day.groups[group], "what came before the end, and is told later, belongs to it"


@pytest.mark.rule("R2.1")
def test_who_was_taken_out_is_not_dragged_back_and_counts_for_no_other_crowd() -> None:
    day = crowd()
    group = next(iter(day.groups))
    for n in range(5):
        day.changes(f"C{n}", group_id=group)
        day.changes(f"C{n}", group_id=None, left=(group,))
    assert (day.said(), day.groups[group]) == ([], [])
    day.changes("C1", policies=("k-1",))
    day.comes("12:00", "L", "p-9")
    assert day.said() == ["joins L"], "the group event itself goes on"
    day.over("12:30", group)
    for n in range(4):
        day.comes(f"13:0{n}", f"X{n}", f"x-{n}")
    assert day.said() == ["signs X2"]


@pytest.mark.rule("R2.1")
def test_a_complaint_the_group_event_would_not_take_starts_anew_with_those_after_it() -> None:
    day = crowd()
    day.comes("12:00", "L0", "q-0")
    day.changes("L0", signs_at=None)  # its own report, after the conversion: it is in no group event
    for n in range(1, 5):
        day.comes(f"12:0{n}", f"L{n}", f"q-{n}")
    assert [len(members) for members in day.groups.values()] == [5, 5]


@pytest.mark.rule("R2.1")
def test_a_conversion_that_is_refused_leaves_the_incident_as_it_is() -> None:
    day = Outlet(refuses={"C2"})
    for n in range(5):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}")
    assert list(day.groups.values()) == [["C0", "C1", "C3", "C4"]]


@pytest.mark.rule("R2.1")
def test_the_fifth_person_joins_the_rest_to_the_group_event_that_people_have_opened() -> None:
    day = Outlet()
    for n in range(3):
        day.comes(f"09:0{n}", f"C{n}", f"p-{n}")
    day.changes("C0", group_id="BY-HAND")
    day.changes("C1", group_id="BY-HAND")
    day.said()
    day.comes("09:10", "C3", "p-3")
    assert day.said() == [], "before the fifth it is theirs to say who belongs"
    day.comes("09:20", "C4", "p-4")
    assert day.said() == ["joins C2", "joins C3", "joins C4"]
    assert list(day.groups) == ["BY-HAND"]


# -- a month -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.1", "R39")
def test_five_calls_in_a_month_are_no_crowd_and_the_work_group_is_asked_once() -> None:
    day = Outlet()
    for n in range(5):
        day.comes(f"D+{5 * n} 09:00", f"C{n}", f"p-{n}", **HOTLINE)
    assert (day.said(), day.groups) == (["asks C4"], {})
    assert day.facts[-1].fact["people"] == 5
    day.comes("D+22 09:00", "C5", "p-5", **HOTLINE)
    assert day.said() == []


@pytest.mark.rule("R39")
def test_a_month_looks_at_one_insurer_wherever_the_complaints_came_in() -> None:
    day = Outlet()
    for n in range(5):
        day.comes(f"D+{5 * n} 09:00", f"C{n}", f"p-{n}", insurer=f"insurer-{n}")
    assert day.said() == []


def test_a_month_is_over_after_thirty_days() -> None:
    day = Outlet()
    for n in range(4):
        day.comes("09:00", f"C{n}", f"p-{n}", insurer="anhe-life", **HOTLINE)
        day.changes(f"C{n}", resolved_at=at("09:10"), ended_at=at("09:10"))
    day.comes("D+30 09:00", "C4", "p-4")
    assert day.said() == []
    assert set(day.watch.sightings) == {"C4"}
    assert day.watch.expires_at == at("D+60 09:00")
    assert day.watch.pruned(at("D+60 09:00")).is_empty


@pytest.mark.rule("R32")
def test_while_an_alert_is_in_force_fewer_are_enough() -> None:
    day, month = Outlet(), Outlet()
    day.comes("09:00", "A", "p-1")
    day.comes("09:10", "B", "p-2", heightened=True)
    assert day.said() == ["signs B"]
    for n in range(3):
        month.comes(f"D+{5 * n} 09:00", f"C{n}", f"p-{n}", heightened=n == 2)
    assert month.said() == ["asks C2"]


# -- what is reported --------------------------------------------------------------------------------------------------


def test_an_older_report_never_covers_a_newer_one() -> None:
    day = six()
    day.report(sighting("09:00", "A", "p-9", number=0))
    assert day.watch.sightings["A"].persons[0].key == "p-1"


@pytest.mark.rule("R4")
def test_a_complaint_that_is_assigned_elsewhere_counts_there_alone() -> None:
    day = six()
    day.changes("D", outlet="gd-gz-th-0002")
    day.comes("11:30", "F", "p-5")
    assert not day.groups
    assert "D" not in day.watch.sightings


@pytest.mark.rule("R11", "R31")
def test_drills_are_watched_apart() -> None:
    day = six()
    day.comes("11:30", "F", "p-5", drill=True)
    assert not day.groups
    assert seen_by(sighting("11:30", "F", "p-5", drill=True)) == [("outlet", T1), ("person", "p-5")]


def test_a_complaint_is_seen_by_its_outlet_its_line_and_its_person() -> None:
    assert seen_by(sighting("09:00", "A", "p-1", product_line="fortune")) == [
        ("outlet", T1),
        ("line", "anhe-life", "any"),
        ("line", "anhe-life", "fortune"),
        ("person", "p-1"),
    ]
    assert seen_by(sighting("09:00", "A", outlet=None, insurer=None)) == []


@pytest.mark.parametrize("name", ["", "incident/A", "watch/outlet/", "watch/outlet", "watch/drill/line/x", "watch/x/y"])
def test_a_watch_has_the_id_of_whom_it_watches(name: str) -> None:
    assert opened(name) is None
    drill = opened(f"watch/drill/outlet/{T1}")
    assert drill is not None
    assert (drill.kind, drill.drill) == ("outlet", True)


@pytest.mark.parametrize(
    "said", [None, 7, "seen", {}, {"sighting": {}}, {"sighting": {"incident_id": "A"}, "rules": 1}]
)
def test_what_cannot_be_read_is_no_report(said: object) -> None:
    assert read_report(said) is None


def test_a_watch_forgets_the_oldest_rather_than_to_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan.outlet_watch.MOST", 3)
    day = Outlet()
    for n in range(5):
        day.comes(f"09:0{n}", f"C{n}", "p-1")
    assert set(day.watch.sightings) == {"C2", "C3", "C4"}


def test_other_numbers_are_the_playbooks_and_five_is_not() -> None:
    rules = Rules(watch=WatchRule(short=timedelta(hours=1), signs_at=2), group_of=5)
    day = Outlet(rules=rules)
    day.comes("09:00", "A", "p-1")
    day.comes("09:30", "B", "p-2")
    assert day.said() == ["signs B"]
    for n, when in enumerate(("10:10", "11:00", "11:50")):
        day.comes(when, f"C{n}", f"q-{n}")
    assert not day.groups


# -- what shows --------------------------------------------------------------------------------------------------------


def test_the_view_counts_persons_within_each_window_and_names_nobody() -> None:
    day = six()
    shown: dict[str, Any] = watch_view(day.watch, at("11:15"))
    assert [(each["people"], each["incidents"]) for each in shown["short"]] == [(4, list("ABCDE"))]
    assert [each["people"] for each in shown["long"]] == [3, 1]
    assert [each["why"] for each in shown["raised"]] == ["signs"]
    assert shown["rules"]["group_of"] == RULES.group_of
    assert "p-1" not in str(shown)
    assert "4 人" in watch_details(day.watch, at("11:15"))
    assert watch_details(Outlet(drill=True).watch, at("11:15")).startswith("【演练】")


# -- its numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.1", "R32", "R39")
@pytest.mark.parametrize(
    ("numbers", "place"),
    [
        ({"signs_at": 5}, "signs_at"),
        ({"short": timedelta(days=30)}, "short"),
        ({"heightened_signs_at": 4}, "heightened_signs_at"),
        ({"heightened_long_at": 6}, "heightened_long_at"),
    ],
)
def test_numbers_that_cannot_be_meant_are_faults(numbers: dict[str, Any], place: str) -> None:
    playbook = PLAN.model_copy(update={"watch": WatchRule(**numbers)})
    assert [fault.path for fault in playbook_faults(playbook) if fault.path[0] == "watch"] == [("watch", place)]


def test_the_shipped_playbook_watches_and_one_without_a_watch_is_no_fault() -> None:
    assert PLAN.watch == WatchRule()
    without = PLAN.model_copy(update={"watch": None})
    assert [fault for fault in playbook_faults(without) if fault.path[0] == "watch"] == []
