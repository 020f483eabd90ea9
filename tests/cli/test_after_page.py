"""What `tocsin show` says of what is left to be done, and of who answers for what (R56, R58-R63)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plan.accountability import matters
from plan.marks import Conduct
from plan.parts import Feeds, FinalPart
from plan.visibility import as_seen, seat_of
from starter import words
from starter.pages.seen import Seen
from starter.pages.show import show_page
from starter.words import Lang, lack_word, matter_word
from tests.cli.test_pages import printed
from tests.plan.aftermath import CONTACT, POST, late, opened, resolved
from tests.plan.told import ANHE, COUNTY, LEAD, Day


def a_day() -> Day:
    day = late()
    day.tell("11:40", ANHE, "conduct_reported", behaviour=4, person=LEAD)
    opened(day, "11:50", owner=CONTACT)
    opened(day, "11:51", owner=COUNTY)
    day.tell("11:52", COUNTY, "action_done", action_id="2")
    return resolved(day)


def page(day: Day, viewer: str, lang: Lang, *, revealed: bool = False) -> str:
    seat, insurer = seat_of(day.incident.roster.roles_of(viewer))
    view: dict[str, Any] = as_seen(
        day.view(revealed=revealed), seat, own_insurer=insurer, decided=True, handed_over_or_called=True, viewer=viewer
    )
    return printed(show_page(Seen.model_validate(view), lang, day.now))


@pytest.mark.rule("R60", "R62", "R63")
def test_the_page_says_who_answers_how_late_it_was_who_was_told_and_where_that_stands_in_the_record() -> None:
    day = a_day()
    lines = page(day, POST, "zh").splitlines()
    place = lines.index("  二类：报告或处置不及时  网点报告上级  gd-gz-th-0001  待认定")
    numbers = next(item for item in day.view()["accountability_items"] if item["about"] == "outlet_report")["evidence"]
    proof = f"11:00 前  逾期后补报  晚 10 分  首次通知 10:00  首个回应 {CONTACT} 10:05"
    assert lines[place + 1].strip() == f"{proof}  记录 {', '.join(map(str, numbers))}"
    conduct = lines.index(f"  三类：违反现场规定  禁止行为 1  {LEAD}  待认定")
    assert lines[conduct + 1].strip().startswith("第 4 种行为  记录 ")
    day.tell("12:10", POST, "accountability_decided", category=2, decision="谈话")
    english = page(day, POST, "en")
    assert "  2: late report or action  outlet's report  gd-gz-th-0001  ✓ decided" in english.splitlines()
    assert f"until 11:00  met late  10 min late  first told 10:00  first answered by {CONTACT} 10:05" in english


@pytest.mark.rule("R58")
def test_the_page_lists_what_is_left_to_be_done_by_whom_until_when() -> None:
    shown = page(a_day(), COUNTY, "zh")
    assert f"待办: 事项 S-1.1  责任 {CONTACT}  12-24 18:00 前" in shown
    first, second = (each for each in shown.splitlines() if each.strip()[:1] in "…✓" and "S-1." in each)
    assert "排查标准" in first
    assert "***" in first
    assert "✓ 完成" in second
    assert "修订讲解要点" in page(a_day(), COUNTY, "en", revealed=True)


@pytest.mark.rule("R59")
def test_the_page_says_what_the_final_report_lacks() -> None:
    shown = page(a_day(), COUNTY, "zh")
    line = next(each for each in shown.splitlines() if "终报" in each and "还缺" in each)
    assert "经过、处理、现状、后续、原因、教训、追责" in line


@pytest.mark.rule("R29", "R60")
@pytest.mark.parametrize("viewer", [LEAD, ANHE])
def test_who_may_not_see_it_is_shown_neither_heading_nor_line(viewer: str) -> None:
    shown = page(a_day(), viewer, "zh")
    for word in ("责任与依据", "二类", "禁止行为", "责任认定", "S-1.1"):
        assert word not in shown


def test_every_code_of_it_has_its_words() -> None:
    assert set(words.PARTS) == set(FinalPart)
    assert set(words.FEEDS) == set(Feeds)
    day = a_day()
    at = datetime(2026, 11, 24, tzinfo=UTC)
    more = Conduct(at=at, by="x", fact_id="f", behaviour=1)
    for matter in matters(day.incident.model_copy(update={"conduct": (more,)})):
        assert matter.category in words.CATEGORIES
    for lang in ("zh", "en"):
        for about in ("conduct.1", "mis_selling", "refused.R57.5", "outlet_report", "relay.county"):
            assert matter_word(about, lang) != about
        assert lack_word("trend", lang) == words.PARTS["trend"][lang == "en"]
