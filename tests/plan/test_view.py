"""What `view` says, and what operators read: under the contract's names, what is owed first (contract, section 6)."""

import pytest

from plan.details import live_details, timer_summary
from plan.incident import NoticeState
from plan.outstanding import outstanding
from plan.view import LAST_NOTICES
from tests.plan.told import ANHE, COUNTY, LEAD, T1, Day

NAMED = (
    "incident_id form severity stage drill imported outlet scene insurer insurers filed_at known_at crisis_at criteria "
    "people_count group_signs group_id members clocks policies notices outstanding refusals decision sequence head"
)
OF_A_CLOCK = (
    "id rule statutory anchored_by starts_at due_at met_at state owed_by outlet_first_told_at "
    "outlet_first_acknowledged_at"
)
OF_A_NOTICE = (
    "notice_id duty rule recipient unit channel state attempts created_at sent_at acknowledged_at held_until tries "
    "resent instead_of"
)


def crisis() -> Day:
    """In crisis from 10:00."""
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True, known_at="at:09:50")
    return day


def test_the_view_has_every_name_of_the_contract() -> None:
    seen = crisis().view()
    assert set(NAMED.split()) <= set(seen)
    assert set(OF_A_CLOCK.split()) <= set(seen["clocks"][0])
    assert set(OF_A_NOTICE.split()) == set(seen["notices"][0])
    assert (seen["known_at"], seen["crisis_at"]) == ("2026-11-24T01:50:00+00:00", "2026-11-24T02:00:00+00:00")
    assert seen["criteria"] == ["authority_or_media"]


@pytest.mark.rule("R62")
def test_a_clock_shows_when_the_outlet_was_told_and_when_it_first_answered() -> None:
    day = crisis()
    day.tell("10:05", f"{T1}.contact", "notice_acknowledged", notice_id=f"tell.crisis~{T1}.contact")
    day.tell("10:08", LEAD, "notice_acknowledged", notice_id=f"tell.crisis~{LEAD}")
    clock = next(each for each in day.view()["clocks"] if each["id"] == "outlet_report")
    assert clock["outlet_first_told_at"] == "2026-11-24T02:00:00+00:00"
    assert clock["outlet_first_acknowledged_at"] == "2026-11-24T02:05:00+00:00"


def test_the_open_notices_are_shown_with_the_last_fifty() -> None:
    day = crisis()
    first = day.notice("tell.filed", LEAD).model_copy(update={"state": NoticeState.PENDING})
    many = {
        f"x~{n}": first.model_copy(update={"notice_id": f"x~{n}", "state": NoticeState.DELIVERED}) for n in range(80)
    }
    day.book.incident = day.incident.model_copy(update={"notices": {first.notice_id: first, **many}})
    shown = [notice["notice_id"] for notice in day.view()["notices"]]
    assert len(shown) == LAST_NOTICES + 1
    assert shown[0] == first.notice_id


@pytest.mark.rule("R47")
def test_policies_stand_in_the_order_in_which_they_were_first_examined() -> None:
    day = Day("09:00")
    for number in ("ZZ-09", "AA-01", "ZZ-09"):
        day.tell("09:10", COUNTY, "policy_examined", policy_number=number, signed=True)
    assert [policy["policy_number"] for policy in day.view()["policies"]] == ["***09", "***01"]


@pytest.mark.rule("R12", "R43")
def test_what_is_owed_comes_first_by_what_was_missed_then_by_when_it_is_due_then_what_is_asked_for() -> None:
    day = crisis()
    day.tell("10:05", LEAD, "group_signs_seen")
    day.until("11:30")
    owed = list(day.owed().values())
    states = [each.state for each in owed]
    assert states == sorted(states, key=["missed", "running", "unanswered", "prompt"].index)
    running = [each.due_at for each in owed if each.state == "running" and each.due_at]
    assert running == sorted(running)
    assert owed[0].by == (T1,)
    assert {each.what for each in owed if each.state == "prompt"} == {"prompt.regulator", "prompt.police"}


def test_what_operators_read_names_what_it_is_then_what_is_owed_and_until_when() -> None:
    day = crisis()
    running = day.book.clocks(day.now)
    text = live_details(day.incident, running, outstanding(day.incident, day.book.rules, day.now, running))
    first, *_ = text.splitlines()
    assert "危机事件" in first
    assert "**待办**" in text
    assert "网点报告上级" in text
    assert "11-24 10:50" in text
    assert "网点报告上级" in timer_summary(running, day.now)
    drill = Day("09:00", drill=True)
    assert live_details(drill.incident, [], []).startswith("【演练】")


@pytest.mark.rule("R20", "R57.6")
def test_the_decision_is_masked_until_it_is_revealed() -> None:
    day = Day("09:00")
    day.tell("09:10", ANHE, "insurer_decided", decision="退保", remedy="ex_gratia", amount="3000")
    assert day.view()["decision"]["decision"] == "***"
    assert day.view(revealed=True)["decision"]["decision"] == "退保"
