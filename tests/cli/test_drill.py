"""`tocsin drill` against a real server, and its pages: begun, listed, stopped, scored, refused (R11, R31)."""

import asyncio
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rich.console import Console, RenderableType

from plan.drill import DrillState, Why
from plan.drill_scenario import Standard
from plan.drill_sheet import Kind
from plan.drill_view import drill_view
from runtime.drilling import ListedDrill
from starter.pages.drill import MISSED, STANDARDS, STATES, WHY, drill_page, drills_page
from starter.words import Lang
from tests.cli.conftest import Process, Tocsin
from tests.plan.exercise import Exercise
from tests.plan.told import COUNTY, LEAD

pytestmark = pytest.mark.rule("R11", "R31")

OUTLET = "gd-zh-0001"
BY = ("--by", "gd-zh.work")
NOW = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)


def printed(parts: Iterable[RenderableType]) -> str:
    console = Console(file=io.StringIO(), width=200, markup=False, highlight=False)
    for part in parts:
        console.print(part)
    out = console.file
    assert isinstance(out, io.StringIO)
    return out.getvalue()


def an_id() -> str:
    return f"CLI-{uuid4().hex[:8]}"


@pytest.mark.server
@pytest.mark.usefixtures("serving")
async def test_a_drill_is_begun_listed_stopped_and_scored(process: Process) -> None:
    name = an_id()
    start = ("drill", "start", "crowd", "--outlet", OUTLET, "--id", name)
    said = await process(*start, *BY, "--json")
    assert said.code == 0, said.err
    begun = {"drill_id": name, "incident_id": f"D-{name}", "created": True, "state": "playing", "refusal": None}
    assert said.json == begun
    again = await process(*start, *BY)
    assert (again.code, "existing" in again.out) == (0, True)
    other = await process(*start, "--insurers", *BY)
    assert (other.code, "Conflict" in other.err) == (1, True)
    listed = (await process("drill", "list", "--outlet", OUTLET, "--json")).json["drills"]
    assert [each["state"] for each in listed if each["drill_id"] == name] == ["playing"]
    so_far = await process("drill", "score", name)
    assert "steps played; scored after it ends" in so_far.out
    refused = await process("drill", "stop", name, "--reason", "x", "--by", f"{OUTLET}.lead")
    assert (refused.code, "R11" in refused.err) == (1, True)
    assert (await process("drill", "stop", name, "--reason", "x", *BY)).code == 0
    async with asyncio.timeout(30):
        while (score := await process("drill", "score", name, "--json")).json["state"] != "over":
            pass
    assert score.json["score"]["drill_id"] == name
    page = (await process("drill", "score", name, "--lang", "zh")).out
    assert page.startswith("【演练】柜面苗头发展到五人以上")
    assert "人工停止" in page


@pytest.mark.server
@pytest.mark.usefixtures("serving")
async def test_what_is_refused_says_why_and_exits_with_one(process: Process) -> None:
    for arguments, why in (
        (("crowd", "--outlet", OUTLET, "--by", f"{OUTLET}.lead"), "a work group or leadership group"),
        (("crowd", "--outlet", "nowhere", *BY), "no outlet nowhere"),
        (("flood", "--outlet", OUTLET, *BY), "crowd, reporter, standstill"),
    ):
        said = await process("drill", "start", *arguments, "--id", an_id())
        assert (said.code, why in said.err) == (1, True), said.err


@pytest.mark.server
async def test_there_is_no_such_drill(process: Process) -> None:
    for arguments in (("score", "X-none"), ("stop", "X-none", "--reason", "x", *BY)):
        assert (await process("drill", *arguments)).code == 4


def test_nobody_named_or_what_cannot_be_read_is_usage(tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_BY", raising=False)
    assert tocsin("drill", "start", "crowd", "--outlet", OUTLET).code == 2
    assert tocsin("drill", "start", "crowd", "--outlet", "not an id", *BY).code == 2
    assert tocsin("drill", "start", "crowd", "--outlet", OUTLET, "--speed", "0", *BY).code == 2
    assert tocsin("drill", "start", "crowd", "--outlet", OUTLET, *BY).code == 3


def test_the_scenarios_are_listed_in_both_languages_with_those_of_an_own_folder(
    tocsin: Tocsin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "crowd  Signs at the counter" in tocsin("drill", "scenarios").out
    assert "crowd  柜面苗头" in tocsin("drill", "scenarios", "--lang", "zh").out
    monkeypatch.setenv("TOCSIN_SCENARIOS", str(tmp_path))
    (tmp_path / "own.yaml").write_text("id: own", encoding="utf-8")
    assert tocsin("drill", "scenarios").code == 2
    checked = tocsin("check")
    assert (checked.code, "own.yaml:1" in checked.err) == (2, True)


def _view() -> dict[str, Any]:
    drill = Exercise()
    drill.does("09:10", LEAD, "calming_attempted", outcome="failed")
    drill.does("09:15", LEAD, "closed")
    sheet = drill.ended()
    return drill_view(drill.drill.model_copy(update={"state": DrillState.OVER, "sheet": sheet}))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "zh",
            ("✗ 未通过", "已联系公安  脚本要求  应在", "联系公安  待办未办", "✗ 一直没回应", "被拒绝的登记", "未到时"),
        ),
        (
            "en",
            ("✗ not passed", "police contacted  expected by", "asked for, not done", "✗ never", "Refused", "not due"),
        ),
    ],
)
def test_the_sheet_says_first_whether_it_passed_then_what_was_missed(lang: Lang, said: tuple[str, ...]) -> None:
    page = printed(drill_page(_view(), lang, NOW))
    for words in said:
        assert words in page, words
    assert page.index(said[0]) < page.index(said[1])
    assert COUNTY in page


def test_a_drill_that_passed_says_so() -> None:
    view = _view()
    view["score"] |= {"passed": True, "points": 100, "missed": []}
    assert "✓ passed  100 points" in printed(drill_page(view, "en", NOW))


def test_one_that_was_refused_says_why_and_nothing_else() -> None:
    refusal = {"rule": "R11", "reason": "no", "reason_zh": "不行"}
    view = {**_view(), "state": "refused", "refusal": refusal, "score": None}
    page = printed(drill_page(view, "zh", NOW))
    assert "不行" in page
    assert "标准" not in page


def test_the_list_tells_passed_from_not_passed_refused_and_ended_by_force() -> None:
    def line(name: str, **more: Any) -> ListedDrill:
        return ListedDrill(drill_id=name, scenario="crowd", outlet=OUTLET, started_at=NOW - timedelta(hours=1), **more)

    found = [
        line("A", state="over", passed=True, points=97),
        line("B", state="over", passed=False, points=3),
        line("C", state="refused", rule="R11"),
        line("D", state=None),
    ]
    rows = printed(drills_page(found, "en", NOW)).splitlines()[1:]
    for row, words in zip(rows, ("✓ passed  97", "✗ not passed  3", "R11", "ended by force"), strict=True):
        assert words in row
    assert "tocsin drill start" in printed(drills_page([], "zh", NOW))


def test_everything_a_drill_may_be_has_words() -> None:
    assert set(STATES) == set(DrillState)
    assert set(WHY) == set(Why)
    assert set(STANDARDS) == set(Standard)
    assert set(MISSED) == set(Kind)
