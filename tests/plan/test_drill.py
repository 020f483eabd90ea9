"""A drill is an incident like any other, but for whom it tells, who plays the world, and that it can be ended (R11)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.drill import Drill, DrillAsked, LookedAt, Prepared, SeenIncident, drill_name, first_incident
from plan.drill_found import prepared
from plan.drill_plan import DrillPlan
from plan.drill_talk import DrillStopped, may_start, may_stop, read_stop
from plan.drill_view import drill_view
from plan.facts import ConvertedToGroupEvent
from plan.linking import opening
from plan.messages import Bad
from plan.notices import ways
from plan.orders import DeliveryOrder
from plan.recipients import hears, left_out
from plan.roster import Way, roster
from plan.start import GroupStart
from plan.told import WITHIN
from plan.wording import brief, render
from tests.plan.changed import organisation, person, wording
from tests.plan.exercise import scenario
from tests.plan.times import at
from tests.plan.told import ANHE, COUNTY, LEAD, ORGANISATION, T1, Day, record_of

pytestmark = pytest.mark.rule("R11", "R31")

NO_INSURERS = DrillPlan()
DESK = DrillPlan(insurers=True, desk="operator", ways=(Way(channel="outbox"),))
OUTLET = roster(ORGANISATION, outlet=T1, unit=None)


def crisis(*, drill: bool = True, plan: DrillPlan | None = NO_INSURERS) -> Day:
    """A drill, or not, in which the hour runs since 09:00."""
    return Day("09:00", drill=drill, drill_plan=plan, circumstances={"disrupts_outlet": True})


# -- the end -----------------------------------------------------------------------------------------------------------


def test_tocsin_itself_ends_a_drill_although_the_hour_runs_and_its_clocks_are_called_off() -> None:
    day = crisis()
    assert day.tell("09:20", COUNTY, "withdrawn", reason="x").rule == "R43"
    over = day.judge(day.fact(WITHIN, "withdrawn", door="tocsin", reason="演练结束"))
    assert over.accepted
    assert day.stage == "withdrawn"
    assert {clock.state for clock in day.clocks().values() if clock.statutory} == {"cancelled"}
    assert day.book.next_instant(day.now) is None
    day.until("D+2 09:00")
    assert day.breaches() == []


def test_what_was_missed_before_the_end_stays_missed() -> None:
    day = crisis()
    day.until("10:30")
    assert day.judge(day.fact(WITHIN, "withdrawn", door="tocsin")).accepted
    assert day.state("outlet_report") == "missed"
    assert day.breaches() == ["outlet_report"]


@pytest.mark.parametrize(("door", "sealed"), [("cli", True), ("tocsin", False)])
def test_nobody_else_ends_it_in_its_name(door: str, sealed: bool) -> None:
    day = crisis()
    assert not day.judge(day.fact(WITHIN, "withdrawn", door=door, sealed=sealed)).accepted


@pytest.mark.parametrize("kind", ["withdrawn", "circumstances_reported"])
def test_of_an_incident_that_is_no_drill_tocsin_says_neither(kind: str) -> None:
    day = crisis(drill=False)
    fields: dict[str, Any] = {"headcount": 9} if kind == "circumstances_reported" else {}
    refused = day.judge(day.fact(WITHIN, kind, door="tocsin", **fields))
    assert not refused.accepted
    assert day.state("outlet_report") == "running"


def test_closed_by_people_a_drill_owes_what_any_other_owes() -> None:
    day = crisis()
    assert day.tell("09:20", COUNTY, "closed").rule == "R43"


# -- whom it tells -----------------------------------------------------------------------------------------------------


def test_insurers_are_left_out_and_nobody_is_missing() -> None:
    day = Day("09:00", drill=True, drill_plan=NO_INSURERS)
    day.tell("09:05", LEAD, "calming_attempted", outcome="failed")
    record_of(day)
    day.tell("09:07", LEAD, "handed_to_insurer")
    day.until("D+10 09:00")
    told = {notice.recipient for notice in day.incident.notices.values()}
    assert not any(each.startswith("anhe-life") for each in told)
    assert "tell.handed_over" in day.incident.started, "it is begun, and nobody is to be told"
    assert not [o for o in day.incident.occasions if o.duty.startswith("tell.undelivered")]
    assert not [duty for duty in day.begun() if duty.startswith("repeat.calming_failed")]
    assert day.entries("undelivered") == []


def test_a_drill_that_tells_them_tells_them_as_ever() -> None:
    real, drill = Day("09:00"), Day("09:00", drill=True, drill_plan=DrillPlan(insurers=True))
    filed_by_hand = Day("09:00", drill=True)
    for day in (real, drill, filed_by_hand):
        day.tell("09:05", LEAD, "calming_attempted", outcome="failed")
        day.until("10:30")
    assert drill.begun() == real.begun() == filed_by_hand.begun()
    assert drill.incident.notices.keys() == real.incident.notices.keys()


def test_a_drill_whose_insurer_is_not_known_waits_for_none() -> None:
    for plan, waits in ((NO_INSURERS, False), (DrillPlan(insurers=True), True)):
        day = Day("09:00", drill=True, drill_plan=plan, insurer=None)
        assert ("tell.filed" not in day.incident.started) is waits


def test_a_notice_is_not_sent_on_to_an_insurer_who_does_not_hear() -> None:
    day = Day("09:00", drill=True, drill_plan=NO_INSURERS)
    resent = day.tell("09:05", COUNTY, "notice_resent", notice_id=f"tell.filed~{COUNTY}", to=ANHE)
    assert (resent.accepted, resent.rule) == (False, "R29")


def test_who_is_an_insurers_and_something_else_besides_hears() -> None:
    both_roles = organisation(lambda data: data["insurers"][0]["contacts"][2].update(person=COUNTY))
    day = Day("09:00", drill=True, drill_plan=NO_INSURERS, organisation=both_roles)
    assert hears(day.incident, COUNTY)
    assert not hears(day.incident, "anhe-life.gd")


def test_a_plan_on_an_incident_that_is_no_drill_counts_for_nothing() -> None:
    day = crisis(drill=False, plan=DESK.model_copy(update={"insurers": False}))
    assert day.incident.tells_insurers
    assert day.incident.desk is None
    assert ANHE in day.told("tell.crisis")
    assert not left_out(day.incident, ())
    order = DeliveryOrder(
        key="k", incident_id="S-1", duty="d", recipient=LEAD, channel="outbox", desk="operator", now=day.now
    )
    assert order.reaches == LEAD
    assert order.model_copy(update={"drill": True}).reaches == "operator"


def test_at_a_desk_a_notice_goes_the_desks_ways_and_never_where_insurers_read_along() -> None:
    chat = Way(channel="chat", audience="tripartite")
    day = crisis(plan=DESK.model_copy(update={"ways": (chat, Way(channel="voice"))}))
    notice = day.notice("tell.crisis", LEAD)
    assert ways(day.incident, notice, confidential=False) == ["chat", "voice"]
    assert ways(day.incident, notice, confidential=True) == ["voice"]


def test_the_desk_answers_for_whom_a_notice_was_meant_and_only_in_a_drill() -> None:
    for drill, accepted in ((True, True), (False, False)):
        day = crisis(drill=drill, plan=DESK)
        receipt = day.tell("09:05", "operator", "notice_acknowledged", notice_id=f"tell.crisis~{LEAD}")
        assert receipt.accepted is accepted


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_text_at_the_desk_says_whom_it_was_for_after_what_to_do(lang: str) -> None:
    words = {"incident": "D-X", "outlet": "O", "outlet_en": "O", "role": "work_group", "meant_for": COUNTY}
    text = render(wording(lang), "tell.crisis", words, drill=True)
    assert text.startswith("【演练】[DRILL] ")
    assert COUNTY in text
    assert text.index(COUNTY) > text.index("】", 12 if lang == "zh" else 0)
    assert COUNTY in brief(wording(lang), "tell.crisis", words, drill=True), "in a digest too"
    assert COUNTY not in render(wording(lang), "tell.crisis", words, drill=False)


def test_a_group_event_has_the_plan_of_its_members() -> None:
    fact = ConvertedToGroupEvent(kind="converted_to_group_event", by=COUNTY, group_id="G-1", scene=T1)
    opens = opening(fact, crisis(plan=DESK).incident)
    start = GroupStart.model_validate(opens["group"])
    assert start.drill_plan == DESK
    assert start.said == opens["group"], "what is sealed is what was sent"
    plain = opening(fact, crisis(drill=False, plan=None).incident)["group"]
    assert plain == {"scene": T1, "drill": False} == GroupStart.model_validate(plain).said


# -- ids and instants --------------------------------------------------------------------------------------------------


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}", fullmatch=True))
def test_whatever_a_drill_is_called_its_incidents_have_ids(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", first_incident(name) + "-60")


def test_two_drills_never_have_one_incident() -> None:
    long = "x" * 80
    names = [long, long + "y", "a:b", "a-b", "a.b", "-a-b", drill_name(at("09:00"), T1), drill_name(at("09:01"), T1)]
    assert len({first_incident(name) for name in names}) == len(names)


def _drill(speed: float = 1, **changes: Any) -> Drill:
    asked = DrillAsked(scenario="crowd", outlet=T1, speed=speed)
    played = scenario(**changes)
    return Drill(drill_id="X", asked=asked, found=Prepared(scenario=played), starts_at=at("09:00"), incidents=("D-X",))


def test_it_looks_at_its_incidents_every_ten_minutes_and_at_every_step() -> None:
    drill = _drill()
    assert drill.next_instant(at("09:00")) == at("09:00"), "the first step is due"
    drill = drill.model_copy(update={"played": 1})
    assert drill.next_instant(at("09:00")) == at("09:10")
    assert drill.next_instant(at("09:10")) == at("09:12")
    last = drill.model_copy(update={"played": len(drill.scenario.steps)})
    assert last.next_instant(at("11:55")) == last.ends_at == at("12:00")


def test_however_long_it_lasts_it_looks_so_often_and_no_more() -> None:
    drill = _drill(steps=[], lasts="P10D", expects=[])
    looks, now = 0, at("09:00")
    while now < drill.ends_at:
        now, looks = drill.next_instant(now), looks + 1
    assert looks <= 101


def test_it_is_closed_when_all_of_its_incidents_are_group_events_too() -> None:
    drill = _drill().looked(
        LookedAt(incidents=(SeenIncident(incident_id="D-X", over=True, group_id="G", told=(LEAD,)),))
    )
    assert (drill.everything, drill.closed, drill.told) == (("D-X", "G"), False, (LEAD,))
    seen = (
        SeenIncident(incident_id="D-X", over=True, group_id="G"),
        SeenIncident(incident_id="G", over=True, told=(COUNTY,)),
    )
    drill = drill.looked(LookedAt(incidents=seen))
    assert (drill.everything, drill.closed, drill.told) == (("D-X", "G"), True, (LEAD, COUNTY))


def test_persons_of_two_drills_are_never_the_same_person() -> None:
    one = _drill()
    other = one.model_copy(update={"drill_id": "Y"})
    said = one.scenario.complaint
    assert one.complaint(said)["customer"] != other.complaint(said)["customer"]
    assert one.complaint(said)["drill"] is True


def test_before_it_is_known_what_is_played_there_is_a_view_already() -> None:
    view = drill_view(Drill(drill_id="X"))
    assert (view["state"], view["ends_at"], view["score"]) == ("preparing", None, None)


# -- who may, and what with --------------------------------------------------------------------------------------------


def test_only_a_schedule_begins_one_in_nobodys_name() -> None:
    asked = DrillAsked(scenario="crowd", outlet=T1)
    assert may_start(asked, OUTLET, within=True) is None
    refused = may_start(asked, OUTLET, within=False)
    assert refused is not None
    assert refused.rule == "R11"
    nowhere = may_start(
        asked.model_copy(update={"outlet": "x"}), roster(ORGANISATION, outlet="x", unit=None), within=True
    )
    assert nowhere is not None
    assert nowhere.rule == "R28"


def test_who_has_left_neither_begins_nor_stops_one() -> None:
    gone = roster(organisation(person(COUNTY, left=True)), outlet=T1, unit=None)
    assert may_start(DrillAsked(scenario="crowd", outlet=T1, by=COUNTY), gone, within=False) is not None
    assert may_stop(DrillStopped(kind="drill_stopped", by=COUNTY, reason="x"), gone) is not None
    assert may_stop(DrillStopped(kind="drill_stopped", by=COUNTY, reason="x"), OUTLET) is None


def _opens(workflow: str, envelope: dict[str, Any]) -> bool:
    return True


def _stays_shut(workflow: str, envelope: dict[str, Any]) -> bool:
    return False


def test_a_stamp_counts_where_its_seal_opens_and_never_from_the_future() -> None:
    fact = {"kind": "drill_stopped", "by": COUNTY, "reason": "x"}
    early, late, now = at("09:00"), at("11:00"), at("10:00")
    for stamped, opens, counts in ((early, True, early), (early, False, now), (late, True, now)):
        envelope = {"fact": fact, "received_at": stamped.isoformat(), "door": "cli", "seal": {"key": "k", "mac": "m"}}
        said = read_stop(envelope, drill="drill/X", now=now, open_seal=_opens if opens else _stays_shut)
        assert not isinstance(said, Bad)
        assert said[1] == counts
    assert isinstance(read_stop({**fact, "more": 1}, drill="drill/X", now=now, open_seal=_opens), Bad)


def test_it_is_about_the_scenarios_insurer_else_the_first_that_answers_for_the_outlet() -> None:
    asked = DrillAsked(scenario="crowd", outlet=T1)
    assert prepared(asked, scenario(), ORGANISATION).insurer == "anhe-life"
    assert prepared(asked, scenario(insurer="zhongtai-life"), ORGANISATION).insurer == "zhongtai-life"
    assert prepared(asked, scenario(insurer="gone-life"), ORGANISATION).insurer == "anhe-life"


def test_the_desk_is_somebody_who_can_be_reached() -> None:
    asked = DrillAsked(scenario="crowd", outlet=T1)
    assert prepared(asked, scenario(), ORGANISATION).plan.desk == "operator"
    assert prepared(asked.model_copy(update={"recipients": "real"}), scenario(), ORGANISATION).plan.desk is None
    gone = organisation(person("operator", left=True))
    for wanted, known in ((asked, gone), (asked.model_copy(update={"desk": "nobody"}), ORGANISATION)):
        refusal = prepared(wanted, scenario(), known).refusal
        assert refusal is not None
        assert refusal.rule == "R28"


def test_a_step_stays_at_its_place_however_fast_it_is_played() -> None:
    slow, fast = _drill(), _drill(speed=4)
    for step in slow.scenario.steps:
        assert (slow.at(step.at) - at("09:00")) == 4 * (fast.at(step.at) - at("09:00"))
    after = slow.ends_at - slow.at(slow.scenario.steps[-1].at)
    assert after == fast.ends_at - fast.at(fast.scenario.steps[-1].at) == timedelta(minutes=45)
