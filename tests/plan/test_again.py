"""A past notice sent again, or to somebody else: what it says now, who may have it done, for whom it is (R28, R29)."""

from datetime import timedelta
from typing import Any

import pytest

from plan.again import duty_of
from plan.duties import Duty
from plan.incident import NoticeState
from plan.notices import LAST_TRIES, delivery_key
from plan.orders import Delivered
from plan.receipts import Receipt
from plan.values import stamp
from plan.words import words_of
from tests.plan.changed import both, organisation, person, whole
from tests.plan.told import ANHE, CITY, COUNTY, LEAD, PROVINCE, T1, ZHONGTAI, Day

CONTACT = f"{T1}.contact"
POST, BANK = "gd-gz-th.post", "gd-gz-th.bank"
FILED = f"tell.filed~{LEAD}"
COURSE = {"course": "一句话。"}


def resent(day: Day, when: str, notice: str, to: str | None = None, by: str = "operator") -> Receipt:
    return day.tell(when, by, "notice_resent", notice_id=notice, **({"to": to} if to else {}))


def crisis_day() -> Day:
    """A crisis that everything has been said and missed of, with every kind of duty."""
    day = Day("09:00", unreachable=["gd-gz-th.bank"])
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    day.tell("09:30", LEAD, "calming_attempted", outcome="failed")
    day.tell("10:00", LEAD, "circumstances_reported", headcount=6)
    day.until("11:10")
    day.tell("11:15", LEAD, "report_submitted", content=COURSE)
    day.until("13:00")
    day.tell("13:00", PROVINCE, "handling_opinion_submitted", opinion="意见")
    return day


# -- what it says ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R28")
def test_every_duty_is_rebuilt_from_its_name_as_it_was_begun() -> None:
    day = crisis_day()
    kinds = {duty.id.partition(".")[0] for _, duty in day.duties}
    assert kinds == {"tell", "warn", "breach", "prompt", "repeat"}
    assert "repeat.calming_failed.2.1" in day.begun(), "a number of its own, and the repeat's"
    for _, begun in day.duties:
        for recipient in begun.recipients:
            notice = day.notice(begun.id, recipient)
            again = duty_of(day.incident, day.book.rules, notice, day.now, day.book.clocks(day.now))
            assert _same(begun, again), begun.id
            assert again.recipients == (recipient,)


def _same(begun: Duty, again: Duty) -> bool:
    """All but what time has changed: a clock that is met has another state, and an occasion serves it no longer."""
    clock = (begun.clock and begun.clock.id) == (again.clock and again.clock.id)
    clock = clock or (begun.occasion is not None and again.clock is None)
    fixed = {"id", "rule", "confidential", "wake", "occasion"}
    return clock and begun.model_dump(include=fixed) == again.model_dump(include=fixed)


@pytest.mark.rule("R43")
def test_it_says_what_is_left_of_the_time_now_and_not_what_was_left_then() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    resent(day, "10:20", f"tell.crisis~{LEAD}")
    (_, duty, notice), *_ = day.again
    assert words_of(day.incident, duty, notice, day.now)["left"] == "PT2400S"


@pytest.mark.rule("R62")
def test_a_breach_that_was_made_good_meanwhile_says_so() -> None:
    day = crisis_day()
    assert resent(day, "13:10", f"breach.outlet_report~{LEAD}").accepted
    (_, duty, notice), *_ = day.again
    words = words_of(day.incident, duty, notice, day.now)
    assert (words["state"], words["late"]) == ("met_late", "PT900S")
    assert duty.confidential


# -- the same person again ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R28")
def test_sent_again_it_goes_out_under_another_key_and_keeps_what_was_tried() -> None:
    day = Day("09:00", unreachable=[LEAD])
    first = day.notice("tell.filed", LEAD)
    assert (first.state, [t.delivered for t in first.tries]) == (NoticeState.FAILED, [False])
    day.unreachable.clear()
    day.tell("09:05", "operator", "rerouted")
    assert resent(day, "09:10", FILED).accepted
    again = day.notice("tell.filed", LEAD)
    assert (again.state, again.resent) == (NoticeState.DELIVERED, 1)
    assert [(t.delivered, t.code) for t in again.tries] == [(False, ""), (True, "0")]
    keys = [delivery_key(day.incident, each, "sms") for each in (first, again)]
    assert keys == ["S-1/tell.filed~gd-gz-th-0001.lead/sms", "S-1/tell.filed~gd-gz-th-0001.lead/sms/1"]
    assert day.entries("notice_resent")[0].data == {"notice_id": FILED}
    assert [each.about for each in day.entries("notice")].count(FILED) == 1, "it was owed once"
    assert day.book.look(day.now) == []


@pytest.mark.rule("R14")
def test_what_was_tried_is_kept_with_the_notice_up_to_a_number_and_all_of_it_in_the_record() -> None:
    day = Day("09:00")
    for minute in range(10, 30):
        resent(day, f"09:{minute}", FILED)
    notice = day.notice("tell.filed", LEAD)
    assert (len(notice.tries), notice.resent, notice.attempts) == (LAST_TRIES, 20, 21)
    assert notice.tries[-1].at == day.now
    assert len([entry for entry in day.entries("delivered") if entry.about == FILED]) == 21


@pytest.mark.rule("R14", "R28")
def test_what_fails_again_is_in_the_ledger_and_told_to_those_who_stand_in() -> None:
    day = Day("09:00")
    day.unreachable = {LEAD}
    resent(day, "09:10", FILED)
    assert day.notice("tell.filed", LEAD).state is NoticeState.FAILED
    assert day.told("tell.undelivered") == [CONTACT, COUNTY]


# -- somebody else instead ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R28")
def test_re_routed_the_same_duty_goes_to_the_person_named_and_says_whom_it_stands_in_for() -> None:
    day = Day("09:00", unreachable=[LEAD])
    assert resent(day, "09:10", FILED, to=f"{COUNTY}2", by=COUNTY).accepted
    notice = day.notice("tell.filed", f"{COUNTY}2")
    assert (notice.state, notice.instead_of, notice.resent, notice.unit) == ("delivered", FILED, 0, "gd-gz-th")
    assert day.notice("tell.filed", LEAD).state is NoticeState.FAILED, "it still has not reached them"
    assert day.entries("notice")[-1].about == f"tell.filed~{COUNTY}2"
    assert day.entries("notice_resent")[0].data == {"notice_id": FILED, "to": f"{COUNTY}2"}


@pytest.mark.rule("R28")
def test_whoever_had_it_already_is_sent_it_again() -> None:
    day = Day("09:00")
    assert resent(day, "09:10", FILED, to=COUNTY).accepted
    notice = day.notice("tell.filed", COUNTY)
    assert (notice.resent, notice.instead_of) == (1, FILED)
    assert [n.recipient for n in day.incident.notices.values()].count(COUNTY) == 1


@pytest.mark.rule("R14", "R28")
def test_the_answer_of_who_stands_in_stops_the_chase() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    resent(day, "09:12", f"tell.calming_failed~{ANHE}", to="operator")
    day.tell("09:15", "operator", "notice_acknowledged", notice_id="tell.calming_failed~operator")
    day.until("12:00")
    assert not [duty for duty in day.begun() if duty.startswith("repeat.")]


@pytest.mark.rule("R28")
def test_what_is_on_its_way_to_one_may_go_to_another() -> None:
    day = Day("09:00")
    day.holding = True
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    receipt = resent(day, "09:11", f"tell.calming_failed~{ANHE}")
    assert (receipt.rule, "on its way" in str(receipt.reason)) == ("R28", True)
    assert resent(day, "09:11", f"tell.calming_failed~{ANHE}", to="operator").accepted
    assert resent(day, "09:11", f"tell.calming_failed~{ANHE}", to="operator").rule == "R28", "now it is on its way too"
    day.book.held(day.notice("tell.calming_failed", ANHE), day.now, day.now)
    assert resent(day, "09:12", f"tell.calming_failed~{ANHE}").rule == "R28", "held is on its way"


# -- the plan says no --------------------------------------------------------------------------------------------------


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("notice", "to", "why"),
    [
        ("tell.nothing~nobody", None, "no such notice"),
        (FILED, "gd-zh-0001.lead", "does not answer for this incident"),
        (FILED, "nobody", "does not answer for this incident"),
        (FILED, "system:crm", "does not answer for this incident"),
        (FILED, f"{COUNTY}2", "does not answer for this incident"),
        (f"tell.filed~{COUNTY}", None, "has acknowledged the notice"),
        (FILED, COUNTY, "has acknowledged the notice"),
    ],
)
def test_it_is_refused_with_the_reason_and_nothing_goes_out(notice: str, to: str | None, why: str) -> None:
    day = Day("09:00", organisation=organisation(person(f"{COUNTY}2", left=True)))
    day.tell("09:05", COUNTY, "notice_acknowledged", notice_id=f"tell.filed~{COUNTY}")
    before = day.incident.notices
    receipt = resent(day, "09:10", notice, to)
    assert (receipt.state, receipt.rule) == ("refused", "R28")
    assert why in str(receipt.reason)
    assert day.again == []
    assert day.incident.notices == before


@pytest.mark.rule("R28")
def test_who_has_left_since_is_not_sent_it_again() -> None:
    day = Day("09:00")
    day.reroute(organisation(both(person(LEAD, left=True), whole(version="next"))))
    day.tell("09:05", "operator", "rerouted")
    assert resent(day, "09:10", FILED).rule == "R28"
    assert resent(day, "09:11", FILED, to=CONTACT).accepted


@pytest.mark.rule("R58")
def test_after_the_end_nothing_is_owed_and_nothing_is_sent_again() -> None:
    day = Day("09:00")
    day.tell("09:10", COUNTY, "withdrawn")
    assert resent(day, "09:20", FILED).rule == "R58"


@pytest.mark.rule("R28", "R58")
def test_what_was_asked_for_just_before_the_end_still_goes_out() -> None:
    day = Day("09:00")
    day.book.judge(day.fact("operator", "notice_resent", notice_id=FILED))
    day.book.judge(day.fact(COUNTY, "withdrawn"))
    assert day.book.has_duties(day.now)
    ((duty, notices),) = day.book.look(day.now)
    assert (duty.id, [notice.recipient for notice in notices]) == ("tell.filed", [LEAD])
    assert not day.book.has_duties(day.now)


@pytest.mark.rule("R29", "R62")
@pytest.mark.parametrize(
    ("notice", "to", "may"),
    [
        (f"breach.outlet_report~{LEAD}", CONTACT, True),
        (f"breach.outlet_report~{POST}", CITY, True),
        (f"breach.outlet_report~{LEAD}", ANHE, False),
        ("tell.opinion~hq.post", LEAD, False),
        ("tell.opinion~hq.post", PROVINCE, True),
        ("tell.opinion~hq.post", ANHE, False),
        (f"tell.report~{COUNTY}", ANHE, False),
        (f"tell.report~{COUNTY}", CONTACT, True),
        (f"tell.crisis~{LEAD}", "anhe-life.gd", True),
        (f"repeat.crisis.1~{LEAD}", ANHE, True),
        (f"prompt.regulator~{PROVINCE}", ANHE, False),
        (f"repeat.calming_failed.1~{ANHE}", "anhe-life.gd", True),
        (f"breach.insurer_on_scene~{COUNTY}", "anhe-life.gd", True),
    ],
)
def test_nobody_hears_by_another_way_what_is_not_for_them(notice: str, to: str, may: bool) -> None:
    """An insurer of its own part only, an outlet of no opinion; whoever sits inside of everything."""
    day = crisis_day()
    assert notice in day.incident.notices
    receipt = resent(day, "13:10", notice, to)
    assert (receipt.accepted, receipt.rule) == ((True, None) if may else (False, "R29"))


@pytest.mark.rule("R28")
@pytest.mark.parametrize("by", [LEAD, ANHE, POST, ZHONGTAI, "system:monitor", "gd-zh.work"])
def test_only_a_work_group_of_the_chain_or_the_operator_has_it_done(by: str) -> None:
    day = Day("09:00")
    assert resent(day, "09:10", FILED, by=by).rule == "R28"
    for who in (COUNTY, CITY, "operator"):
        assert resent(day, "09:11", FILED, by=who).accepted


@pytest.mark.rule("R14")
def test_the_ledger_says_when_over_what_with_which_code_and_never_where_to() -> None:
    day = Day("09:00")
    day.holding = True
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    notice = day.notice("tell.calming_failed", ANHE)
    day.book.channel_failed(notice, "wecom", "ChannelRefused: robot removed", day.now, code="93000", attempts=2)
    day.book.delivered(notice, Delivered(channel="sms", code="OK", message_id="biz-1", attempts=3), day.now)
    seen: dict[str, Any] = next(n for n in day.view()["notices"] if n["notice_id"] == notice.notice_id)
    at = day.now.isoformat().replace("+00:00", "Z")
    no = {"channel": "wecom", "delivered": False, "code": "93000", "message_id": "", "attempts": 2}
    yes = {"channel": "sms", "delivered": True, "code": "OK", "message_id": "biz-1", "attempts": 3}
    assert seen["tries"] == [
        {"at": at, "why": "ChannelRefused: robot removed", **no},
        {"at": at, "why": "", **yes},
    ]
    failed = day.entries("delivery_failed")[-1]
    assert failed.data == {"channel": "wecom", "why": "ChannelRefused: robot removed", "code": "93000"}


@pytest.mark.rule("R14", "R56")
def test_what_is_written_down_late_has_the_instant_at_which_the_channel_said_so() -> None:
    day = Day("09:00")
    day.holding = True
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    notice, ordered = day.notice("tell.calming_failed", ANHE), day.now
    said, later = ordered + timedelta(seconds=3), ordered + timedelta(seconds=9)
    day.book.delivered(notice, Delivered(channel="sms", code="OK", at=said), later)
    entry, settled = day.entries("delivered")[-1], day.book.incident.notices[notice.notice_id]
    assert (entry.recorded_at, entry.data["at"]) == (later, stamp(said))
    assert settled.sent_at == settled.tries[-1].at == said


@pytest.mark.parametrize(("said", "kept"), [(-60, 0), (60, 9), (None, 9), (8.5, 8.5)])
def test_another_clock_makes_nothing_sent_before_it_was_owed_or_after_it_was_known(
    said: float | None, kept: float
) -> None:
    day = Day("09:00")
    day.holding = True
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    notice, ordered = day.notice("tell.calming_failed", ANHE), day.now
    at = None if said is None else ordered + timedelta(seconds=said)
    day.book.delivered(notice, Delivered(channel="sms", code="OK", at=at), ordered + timedelta(seconds=9))
    assert day.book.incident.notices[notice.notice_id].sent_at == ordered + timedelta(seconds=kept)
