"""What people read: first what it is and what is owed next, never colour alone, no personal data unasked."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, get_args

import pytest
from rich.console import Console, RenderableType

from plan.clock import ClockState
from plan.errors import Malformed
from plan.facts import MODELS
from plan.incident import Form, NoticeState, Severity, Stage
from plan.marks import Criterion
from plan.playbook import ClockName
from plan.policies import PolicyClass, Route
from plan.receipts import Answer, Receipt
from plan.record import GENESIS, append
from plan.roster import Role
from plan.visibility import ENTRIES
from starter import kinds, words
from starter.listing import Listed, Listing, Wanted
from starter.pages.listing import listing_page
from starter.pages.receipt import receipt_lines
from starter.pages.seen import Seen
from starter.pages.show import show_page
from starter.pages.timeline import entry_line
from starter.pages.times import clock_time, left, wait
from starter.scenario import STORIES
from starter.words import Lang, clock_word, duty_word

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
VIEW: dict[str, Any] = {
    "incident_id": "GD-1",
    "form": "single",
    "severity": "crisis",
    "stage": "open",
    "outlet": "gd-gz-th-0001",
    "insurers": ["anhe-life"],
    "filed_at": NOW.isoformat(),
    "criteria": ["group_of_five"],
    "people_count": 6,
    "outstanding": [
        {"what": "outlet_report", "rule": "R43", "by": ["gd-gz-th-0001"], "due_at": "2026-11-24T02:45:00Z"},
        {"what": "prompt.police", "rule": "R41", "by": ["gd-gz-th.work"], "state": "prompt"},
    ],
    "clocks": [
        {"id": "outlet_report", "state": "running", "due_at": "2026-11-24T02:45:00Z", "statutory": True, "rule": "R43"},
        {"id": "relay.county", "state": "missed", "due_at": "2026-11-24T01:00:00Z"},
        {
            "id": "province_opinion",
            "state": "met_late",
            "due_at": "2026-11-24T01:00:00Z",
            "met_at": "2026-11-24T01:30:00Z",
        },
    ],
    "policies": [{"policy_number": "***56", "class": "flawed", "possible": ["flawed"], "route": "ex_gratia_request"}],
    "notices": [{"notice_id": "n", "duty": "breach.outlet_report", "recipient": "gd.work", "state": "failed"}],
    "refusals": [
        {"kind": "resolved", "by": "gd.work", "rule": "R20", "reason": "not yet", "reason_zh": "尚未", "at": NOW}
    ],
    "customer": {"name": "***", "missing": ["phone"]},
    "sequence": 9,
    "head": "ab",
}


def printed(parts: Any, *, terminal: bool = False) -> str:
    console = Console(file=StringIO(), width=160, force_terminal=terminal, markup=False, highlight=False)
    for part in parts:
        each: RenderableType = part
        console.print(each)
    written = console.file
    assert isinstance(written, StringIO)
    return written.getvalue()


def test_the_first_lines_say_what_it_is_and_what_is_owed_next_by_whom_until_when() -> None:
    first, second, *_ = printed(show_page(Seen.model_validate(VIEW), "zh", NOW)).splitlines()
    assert first == "GD-1  危机事件 (五人以上)  受理中  gd-gz-th-0001  anhe-life"
    assert second == "待办: 网点报告上级  责任 gd-gz-th-0001  10:45 前  还剩 45 分  R43"
    english = printed(show_page(Seen.model_validate(VIEW), "en", NOW)).splitlines()
    assert english[1] == "next: outlet's report  by gd-gz-th-0001  until 10:45  45 min left  R43"


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "zh",
            [
                "✗ 逾期未报",
                "✓! 逾期后补报",
                "… 进行中",
                "瑕疵件",
                "联系通融办理",
                "✗ 未送达",
                "尚未 ",
                "缺: 电话",
                "联系公安",
            ],
        ),
        ("en", ["✗ missed", "✓! met late", "… running", "flawed", "✗ not delivered", "not yet", "missing: phone"]),
    ],
)
def test_states_have_words_and_marks(lang: Lang, expected: list[str]) -> None:
    page = printed(show_page(Seen.model_validate(VIEW), lang, NOW))
    for words_ in expected:
        assert words_.strip() in page
    assert "\x1b" not in page


def test_what_a_person_may_not_see_leaves_a_page_all_the_same() -> None:
    page = printed(show_page(Seen.model_validate({"incident_id": "GD-1"}), "zh", NOW))
    assert page.splitlines()[0].startswith("GD-1")


def test_a_drill_says_so_first() -> None:
    assert printed(show_page(Seen.model_validate({**VIEW, "drill": True}), "en", NOW)).startswith("[DRILL] GD-1")


def test_every_code_has_words_in_both_languages() -> None:
    tables: list[tuple[dict[str, words.Pair], Any]] = [
        (words.STAGES, Stage),
        (words.SEVERITIES, Severity),
        (words.FORMS, Form),
        (words.CLOCKS, ClockName),
        (words.CLOCK_STATES, ClockState),
        (words.CRITERIA, Criterion),
        (words.ROLES, Role),
        (words.NOTICE_STATES, NoticeState),
        (words.POLICY_CLASSES, PolicyClass),
        (words.ROUTES, Route),
        (kinds.KINDS, MODELS),
    ]
    for table, codes in tables:
        assert set(table) == {str(code) for code in codes}
        assert all(zh and en for zh, en in table.values())
    assert set(words.MARKS) == set(words.CLOCK_STATES)
    assert set(get_args(Lang)) == {"zh", "en"}


def test_every_entry_of_the_record_has_words() -> None:
    for what in ENTRIES:
        assert kinds.entry_word(what, "zh") != what


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("outlet_report", "网点报告上级", "outlet's report"),
        ("outlet_report.2", "网点报告上级 2", "outlet's report 2"),
        ("relay.county", "逐级上报 (县级)", "relay upwards (county)"),
    ],
)
def test_clocks_in_words(code: str, zh: str, en: str) -> None:
    assert (clock_word(code, "zh"), clock_word(code, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("duty", "zh"),
    [
        ("warn.outlet_report.1", "提醒·网点报告上级 1"),
        ("tell.calming_failed", "告知·安抚无效"),
        ("repeat.calming_failed.2", "催办·安抚无效"),
        ("breach.relay.county", "逾期通报·逐级上报 (县级)"),
        ("prompt.customer_record", "待办·登记客户信息"),
    ],
)
def test_duties_in_words(duty: str, zh: str) -> None:
    assert duty_word(duty, "zh") == zh


def test_times_are_shanghais_and_name_the_day_only_where_it_is_another() -> None:
    assert clock_time(NOW, NOW) == "10:00"
    assert clock_time(NOW + timedelta(days=1), NOW) == "11-25 10:00"
    assert clock_time(NOW.replace(year=2019), NOW) == "2019-11-24 10:00"
    assert clock_time(NOW) == "2026-11-24 10:00"
    assert clock_time(None) == "-"


@pytest.mark.parametrize(
    ("length", "zh"),
    [
        (timedelta(0), "0 秒"),
        (timedelta(seconds=40), "40 秒"),
        (timedelta(minutes=59, seconds=30), "59 分"),
        (timedelta(hours=1, minutes=5), "1 小时 5 分"),
        (timedelta(days=1, minutes=5), "1 天"),
        (timedelta(days=2, hours=3), "2 天 3 小时"),
    ],
)
def test_waits_have_two_units_at_most(length: timedelta, zh: str) -> None:
    assert wait(length, "zh") == zh
    assert left(NOW + length, NOW, "zh") == f"还剩 {zh}"


def test_what_is_late_says_how_late() -> None:
    assert left(NOW, NOW + timedelta(minutes=5), "en") == "5 min late"


def test_an_entry_is_one_line_and_keeps_what_is_sealed() -> None:
    entry = append(
        GENESIS,
        1,
        "customer_recorded",
        recorded_at=NOW,
        by="gd.work",
        data={"name": {"sealed": "c0ffee"}, "headcount": 6},
    )
    line = entry_line(entry, "zh").plain
    assert "\n" not in line
    assert "c0ffee" not in line
    assert "人数 6" in line
    assert "由 gd.work" in line


@pytest.mark.parametrize("state", list(Answer))
def test_a_receipt_begins_with_the_answer(state: Answer) -> None:
    receipt = Receipt(
        fact_id="f-1", state=state, rule="R20", reason="not yet", reason_zh="尚未", started_clocks=("outlet_report",)
    )
    assert receipt_lines(receipt, "zh")[1].strip() == "尚未"
    assert receipt_lines(receipt, "en")[-1].strip() == "clocks started: outlet's report"


def test_what_is_due_first_stands_first_and_what_is_over_last() -> None:
    def listed(name: str, **more: Any) -> Listed:
        return Listed(incident_id=name, filed_at=NOW, **more)

    late = listed("B", next_due_at=NOW - timedelta(hours=1), overdue=1, severity="crisis")
    found = [listed("C"), late, listed("A", next_due_at=NOW), listed("0", stage="closed", next_due_at=NOW)]
    assert [i.incident_id for i in sorted(found, key=lambda i: i.place)] == ["B", "A", "C", "0"]
    page = printed(listing_page(Listing(incidents=(late,), total=1), "zh", NOW))
    assert "✗ 逾期 1" in page
    assert "已过 1 小时" in page


def test_filters_are_written_in_the_servers_language() -> None:
    assert Wanted().query() == "WorkflowType = 'Incident' AND ExecutionStatus = 'Running'"
    wanted = Wanted(status=("closed",), overdue=True, crisis=True, drill=True, outlet="a'b", insurer="c")
    assert wanted.query() == (
        "WorkflowType = 'Incident' AND TocsinStage IN ('closed') AND TocsinOverdue > 0 AND TocsinSeverity = 'crisis' "
        "AND TocsinDrill = true AND TocsinOutlet = 'a\\'b' AND TocsinInsurer = 'c'"
    )
    with pytest.raises(Malformed, match="character that no id has"):
        Wanted(outlet="a\0b").query()


def test_the_demos_stories_state_facts_that_there_are() -> None:
    for story in STORIES:
        minutes = [step.minute for step in story.steps]
        assert minutes == sorted(minutes)
        assert {step.kind for step in story.steps} <= set(MODELS)
        assert all(clock_word(clock, "zh") != clock for clock in story.clocks)
