"""The same person and policy again after a resolution (R14)."""

from typing import Any

import pytest

from plan.repeats import PersonWatch
from plan.saying import Said, Tell
from plan.sighting import sighting_of, sighting_order
from tests.plan.times import at, said
from tests.plan.told import COUNTY, LEAD, T1, Day
from tests.plan.watching import RULES, sighting


class Person:
    """The watch of p-1, and what it says."""

    def __init__(self) -> None:
        self.watch = PersonWatch(person="p-1")
        self.told: list[Tell] = []
        self._number = 0

    def complains(self, when: str, name: str, *policies: str, resolved: str | None = None, **more: Any) -> None:
        self._number += 1
        resolved_at = at(resolved) if resolved else None
        usual: dict[str, Any] = {"number": self._number, "policies": policies, "resolved_at": resolved_at}
        self.watch = self.watch.seen(sighting(when, name, "p-1", **{**usual, **more}), RULES)
        while self.watch.owed:
            say = self.watch.owed[0]
            assert isinstance(say, Tell)
            self.told.append(say)
            self.watch = self.watch.answered(say, Said(accepted=True))

    def links(self) -> list[tuple[str, str, int]]:
        """Which incident repeats which, and for the how many-th time."""
        return [(tell.incident_id, tell.fact["incident_id"], tell.fact["number"]) for tell in self.told]


@pytest.mark.rule("R14")
def test_the_same_policy_again_within_the_days_after_a_resolution_is_a_repeat() -> None:
    day = Person()
    day.complains("09:00", "A", "k-1", resolved="D+1 10:00")
    day.complains("D+20 09:00", "B", "k-2", "k-1")
    assert day.links() == [("B", "A", 1)]
    assert (said(day.told[0].at), day.told[0].looks_at) == ("D+20 09:00", "A")


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("when", "policies", "more"),
    [
        ("D+20 09:00", ("k-2",), {}),  # another policy
        ("D+20 09:00", (), {}),  # no policy known
        ("D+92 09:00", ("k-1",), {}),  # too late
        ("D+1 09:00", ("k-1",), {}),  # while the first was still open
        ("D+20 09:00", ("k-1",), {"person_key": "p-2"}),  # somebody else
        ("D+20 09:00", ("k-1",), {"form": "group_event"}),
    ],
)
def test_what_is_no_repeat(when: str, policies: tuple[str, ...], more: dict[str, Any]) -> None:
    day = Person()
    day.complains("09:00", "A", "k-1", resolved="D+1 10:00")
    day.complains(when, "B", *policies, **more)
    assert day.links() == []


@pytest.mark.rule("R14")
def test_repeats_are_counted_and_each_is_told_once() -> None:
    day = Person()
    day.complains("09:00", "A", "k-1", resolved="D+1 10:00")
    day.complains("D+20 09:00", "B", "k-1")
    day.complains("D+20 09:00", "B", "k-1", resolved="D+22 10:00")
    day.complains("D+40 09:00", "C", "k-1")
    day.complains("D+40 09:00", "C", "k-1", "k-3")
    assert day.links() == [("B", "A", 1), ("C", "B", 2)]


@pytest.mark.rule("R14", "R35")
def test_a_policy_that_becomes_known_later_makes_it_a_repeat_then() -> None:
    day = Person()
    day.complains("09:00", "A", "k-1", resolved="D+1 10:00")
    day.complains("D+20 09:00", "B")
    assert day.links() == []
    day.complains("D+20 09:00", "B", "k-1")
    assert day.links() == [("B", "A", 1)]


@pytest.mark.rule("R14")
def test_a_complaint_that_was_opened_again_is_not_resolved_any_more() -> None:
    day = Person()
    day.complains("09:00", "A", "k-1", resolved="D+1 10:00")
    day.complains("09:00", "A", "k-1")
    day.complains("D+20 09:00", "B", "k-1")
    assert day.links() == []


def test_what_can_be_repeated_no_more_is_forgotten() -> None:
    day = Person()
    day.complains("09:00", "A", "k-1", resolved="D+1 10:00")
    assert day.watch.expires_at == at("D+91 10:00")
    assert day.watch.pruned(at("D+91 10:00")).is_empty


# -- at the incident ---------------------------------------------------------------------------------------------------


def again(**fields: Any) -> Day:
    day = Day("09:12", customer={"person_key": "p-1"})
    receipt = day.judge(day.fact("system:tocsin", "repeat_of", door="tocsin", incident_id="GD-1", **fields))
    assert receipt.accepted
    return day


@pytest.mark.rule("R14")
def test_a_repeat_is_linked_counted_and_told_to_the_superior() -> None:
    day = again(number=2)
    assert day.told("tell.repeat") == [COUNTY]
    assert (day.view()["repeat_of"], day.view()["repeats"]) == ("GD-1", 2)
    assert "prompt.reopen" not in day.owed()
    assert (day.severity, day.stage) == ("complaint", "open")


@pytest.mark.rule("R14")
def test_where_the_earlier_one_is_resolved_and_not_closed_the_work_group_is_asked_to_open_it_again() -> None:
    day = again(reopen=True)
    assert day.told("prompt.reopen") == [COUNTY]
    assert "prompt.reopen" in day.owed()
    day.tell("09:20", COUNTY, "notice_acknowledged", notice_id=f"prompt.reopen~{COUNTY}")
    assert "prompt.reopen" not in day.owed()


@pytest.mark.rule("R14")
def test_nobody_but_tocsin_says_that_it_is_a_repeat() -> None:
    assert Day("09:12").tell("09:20", COUNTY, "repeat_of", incident_id="GD-1").rule == "R14"


@pytest.mark.rule("R14")
def test_an_incident_reports_what_a_watch_would_see_once_for_each_change() -> None:
    day = Day("09:12", customer={"person_key": "p-1", "policy_numbers": ["P-1"]})

    def order(reported: Any) -> Any:
        return sighting_order(day.incident, day.book.playbook, reported, day.book.sequence)

    first = order(None)
    assert (first.numbers, first.sighting.persons[0].key, first.rules.group_of) == (("P-1",), "p-1", 5)
    assert "P-1" not in first.sighting.model_dump_json(), "a sighting goes to other workflows: it holds no number"
    assert order(first.sighting) is None
    day.tell("09:30", LEAD, "calming_attempted", outcome="calmed")
    assert order(first.sighting) is None, "how it is handled is nothing to a watch"
    day.tell("09:40", LEAD, "resolved")
    second = order(first.sighting)
    assert second.sighting.number > first.sighting.number
    assert said(second.sighting.resolved_at) == "09:40"
    day.tell("09:50", COUNTY, "closed")
    assert order(second.sighting) is None


@pytest.mark.rule("R2.1")
def test_companions_take_part_since_it_was_known_and_a_key_told_later_since_the_filing() -> None:
    day = Day("09:12")
    day.tell("10:00", LEAD, "customer_recorded", person_key="p-1")
    day.tell("10:30", LEAD, "circumstances_reported", persons=["p-1", "p-2"], known_at="at:10:15")
    persons = sighting_of(day.incident, 1).persons
    assert [(each.key, said(each.at), said(each.known_at)) for each in persons] == [
        ("p-1", "09:12", "10:00"),
        ("p-2", "10:15", "10:30"),
    ]


@pytest.mark.rule("R2.1")
def test_whoever_took_part_before_a_re_opening_takes_part_no_more() -> None:
    day = Day("09:12", customer={"person_key": "p-1"})
    day.tell("10:00", LEAD, "circumstances_reported", persons=["p-2"])
    day.tell("10:10", LEAD, "calming_attempted", outcome="calmed")
    day.tell("10:20", LEAD, "resolved")
    day.tell("D+1 09:00", COUNTY, "reopened", reason="客户再来")
    day.tell("D+1 09:30", LEAD, "circumstances_reported", persons=["p-3"])
    now = sighting_of(day.incident, 1)
    assert [(each.key, said(each.at)) for each in now.persons] == [("p-1", "D+1 09:00"), ("p-3", "D+1 09:30")]
    assert (now.resolved_at, now.ended_at) == (None, None)


@pytest.mark.rule("R2.1")
def test_a_withdrawn_complaint_takes_no_part_and_is_no_resolution() -> None:
    day = Day("09:12", customer={"person_key": "p-1"})
    day.tell("10:20", COUNTY, "withdrawn", reason="客户撤回")
    now = sighting_of(day.incident, 1)
    assert (now.resolved_at, said(now.ended_at)) == (None, "10:20")


@pytest.mark.rule("R19")
def test_a_group_event_is_over_once_it_is_stood_down() -> None:
    group = Day("09:12", incident_id="G", group=(T1, False))
    group.tell("09:20", LEAD, "circumstances_reported", headcount=6)
    assert sighting_order(group.incident, group.book.playbook, None, 1) is None, "nothing to say while it goes on"
    group.tell("11:00", "gd-gz-th.post", "stood_down", reason="平息")
    order = sighting_order(group.incident, group.book.playbook, None, 1)
    assert order is not None
    assert (said(order.sighting.ended_at), order.sighting.outlet, order.sighting.persons) == ("11:00", T1, ())
