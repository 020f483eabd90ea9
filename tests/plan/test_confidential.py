"""No name, phone, policy number or free text gets out: a whole story with a marker in every such field (R29, R57.6)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from plan.details import live_details, timer_summary
from plan.errors import Malformed
from plan.facts import MODELS
from plan.malformed import parse_fact
from plan.messages import Bad
from plan.outstanding import outstanding
from plan.record import export_line
from plan.vault import opened
from plan.verification import verify
from plan.view import view
from plan.wording import render
from plan.words import words_of
from runtime.documents import load_wording
from tests.plan.samples import FULL
from tests.plan.told import ANHE, COUNTY, LEAD, PROVINCE, T1, ZHONGTAI, Day

MARK = "Zhao-Qian-Sun"
POST = "gd-gz-th.post"
SAYS: dict[str, str] = {
    "report_acknowledged": COUNTY, "handling_opinion_submitted": PROVINCE, "opinion_reviewed": "hq.post",
    "regulator_informed": PROVINCE, "insurer_progressed": ANHE, "insurer_decided": ANHE, "stood_down": POST,
    "accountability_decided": POST, "member_left": POST, "on_the_way": ANHE, "report_submitted": LEAD,
}  # fmt: skip
"""Who may say it; of the rest, the county's work group."""
ORDER = (
    "calming_attempted", "customer_recorded", "group_signs_seen", "circumstances_reported", "crisis_declared",
    "report_submitted", "handling_opinion_submitted", "opinion_reviewed", "regulator_informed", "police_contacted",
    "scene_support_requested", "on_the_way", "arrived_on_scene", "scene_over", "policy_examined",
    "special_care_flagged", "handed_to_insurer", "insurer_due_extended", "insurer_progressed", "line_agreed",
    "evidence_collected", "checklist_done", "media_contacted", "statement_issued", "conduct_reported", "conduct_found",
    "noted", "insurer_decided", "decision_relayed", "stood_down", "resolved", "root_cause_recorded",
    "accountability_decided", "action_opened", "action_done",
    "rerouted", "withdrawn", "reopened", "assigned", "converted_to_group_event", "closed",
    "member_joined", "member_left", "repeat_of", "report_acknowledged", "notice_acknowledged",
    "notice_resent",
)  # fmt: skip
"""Every kind once, in an order in which most are accepted; those that are not leave their refusals."""


PARTICULARS: dict[str, dict[str, Any]] = {
    "handed_to_insurer": {"due_at": "at:D+3 10:00"},
    "insurer_due_extended": {"due_at": "at:D+4 10:00"},
    "line_agreed": {"text": f"请您先坐，{MARK}。"},
    "report_submitted": {"via": "system"},
}


def walked() -> tuple[Day, list[str]]:
    """A story in which everything is said, by who may and by who may not, and every receipt that came back."""
    day = Day(
        "09:00",
        reason=MARK,
        customer={"name": MARK, "phone": MARK, "policy_numbers": [f"{MARK}-77"]},
        circumstances={"headcount": 2},
    )
    receipts = [
        day.tell(day.now + timedelta(minutes=1), by, kind, **marked(kind))
        for kind in ORDER
        for by in (SAYS.get(kind, COUNTY), ZHONGTAI)
    ]
    receipts.append(day.book.bad(malformed(), day.now))
    day.until("D+1 12:00")
    return day, [receipt.model_dump_json() for receipt in receipts]


def marked(kind: str) -> dict[str, Any]:
    """A full sample, whose every confidential field holds `secret`, with the marker there."""
    said: dict[str, Any] = json.loads(json.dumps(FULL[kind]).replace("secret", MARK))
    return {name: said[name] for name in said if name not in ("kind", "by", "fact_id")} | PARTICULARS.get(kind, {})


def malformed() -> Bad:
    with pytest.raises(Malformed) as caught:
        parse_fact({"kind": "noted", "by": MARK + " ", "text": 7, MARK: MARK})
    return Bad(why=str(caught.value), kind="noted")


DAY, HEARD = walked()


def test_the_story_says_every_kind_and_most_of_it_is_accepted() -> None:
    assert set(ORDER) == set(MODELS)
    accepted = {entry.what for entry in DAY.book.entries} & set(MODELS)
    assert len(accepted) >= 35, sorted(set(MODELS) - accepted)


@pytest.mark.rule("R29", "R57.6", "R57.7")
def test_no_marker_gets_into_the_masked_view_or_a_receipt() -> None:
    assert MARK not in json.dumps(DAY.view(), ensure_ascii=False)
    assert MARK not in "".join(HEARD)
    assert DAY.view()["policies"][0]["policy_number"] == "***-1"


@pytest.mark.rule("R29")
def test_no_marker_gets_into_the_record_and_it_verifies() -> None:
    lines = [export_line(entry) for entry in DAY.book.entries]
    assert MARK not in "".join(lines)
    assert verify(lines, DAY.book.head).fault is None


@pytest.mark.rule("R29")
def test_the_words_are_kept_apart_and_can_be_put_back() -> None:
    filed = DAY.entries("filed")[0]
    assert opened(filed.data, DAY.book.vault)["reason"] == MARK


@pytest.mark.rule("R29", "R57.6")
def test_no_marker_gets_into_what_operators_read_in_the_ui() -> None:
    running = DAY.book.clocks(DAY.now)
    owed = outstanding(DAY.incident, DAY.book.rules, DAY.now, running)
    assert MARK not in live_details(DAY.incident, running, owed)
    assert MARK not in timer_summary(running, DAY.now)


@pytest.mark.rule("R14", "R29", "R57.6")
def test_no_marker_gets_into_a_notice_its_words_or_the_name_of_a_duty() -> None:
    wordings = [load_wording(lang) for lang in ("zh", "en")]
    assert DAY.duties
    for when, duty in DAY.duties:
        assert MARK not in duty.id
        for person in duty.recipients:
            words = words_of(DAY.incident, duty, DAY.notice(duty.id, person), when)
            assert MARK not in json.dumps(words)
            assert MARK not in "".join(render(wording, duty.id, words, drill=False) for wording in wordings)


@pytest.mark.rule("R20", "R57.6")
def test_a_notice_of_the_decision_holds_neither_its_text_nor_the_amount() -> None:
    day = Day("09:00")
    day.tell("09:10", ANHE, "insurer_decided", decision="退保", remedy="ex_gratia", amount="3000")
    when, duty = next(pair for pair in day.duties if pair[1].id == "tell.decided")
    words = words_of(day.incident, duty, day.notice("tell.decided", LEAD), when)
    text = render(load_wording("zh"), "tell.decided", words, drill=False)
    assert not any(word in text + json.dumps(words) for word in ("3000", "退保", "ex_gratia", "通融"))


@pytest.mark.rule("R29")
def test_who_is_allowed_sees_the_words_and_only_then() -> None:
    revealed = view(
        DAY.incident, DAY.book.playbook, DAY.now, running=[], refusals=[], sequence=0, head="", revealed=True
    )
    assert MARK in json.dumps(revealed, ensure_ascii=False)
    assert T1 in json.dumps(revealed)
