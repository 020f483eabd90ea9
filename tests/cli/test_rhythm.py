"""`tocsin schedules` and `tocsin register` against a real server, as an operator types them (R10, R11, R13, R58)."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli.conftest import Process, Tocsin
from tests.cli.test_up import up

pytestmark = pytest.mark.server
WORK, LEAD = "gd-gz-th.work", "gd-gz-th-0001.lead"
ONLY_GD = """\
version: "test"
rounds:
  - {kind: "meeting", unit: "gd", months: [1, 7], days: [8], at: "09:00", within: "P14D"}
"""


@pytest.fixture
def rhythm(tmp_path: Path) -> Path:
    file = tmp_path / "rhythm.yaml"
    file.write_text(ONLY_GD, encoding="utf-8")
    return file


def one(said: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in said["schedules"] if each["id"] == name)
    return found


@pytest.mark.rule("R13")
async def test_schedules_are_applied_listed_moved_paused_and_resumed(process: Process, rhythm: Path) -> None:
    first = await process("schedules", "apply", rhythm, "--json")
    assert first.code == 0
    assert "meeting-gd" in first.json["made"] + first.json["same"] + first.json["adjusted"]
    reset = await process("schedules", "apply", rhythm, "--reset")
    assert (reset.code, "✓" in reset.out) == (0, True)
    moved = await process("schedules", "adjust", "meeting-gd", "--at", "10:30", "--json")
    assert (moved.code, moved.json["when"], moved.json["adjusted"]) == (0, "day 8 of Jan, Jul 10:30", True)
    kept = await process("schedules", "apply", rhythm, "--json")
    assert kept.json["adjusted"] == ["meeting-gd"]
    paused = await process("schedules", "adjust", "meeting-gd", "--pause", "割接", "--by", "operator", "--json")
    assert (paused.json["paused"], paused.json["note"]) == (True, "割接 (operator)")
    listed = one((await process("schedules", "--json")).json, "meeting-gd")
    assert (listed["paused"], listed["next_at"]) == (True, None)
    shown = await process("schedules", "--lang", "zh")
    assert "已暂停  已调整" in shown.out
    resumed = await process("schedules", "adjust", "tocsin-meeting-gd", "--resume", "--json")
    assert resumed.json["paused"] is False


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (["schedules", "adjust", "nowhere", "--now"], 2, "There is no schedule nowhere"),
        (["schedules", "adjust", "nowhere"], 2, "say what to change"),
        (["schedules", "adjust", "nowhere", "--pause", "x", "--resume"], 2, "ask for the opposite"),
        (["schedules", "apply", "nowhere.yaml"], 2, "does not exist"),
        (["register", f"u-{uuid4().hex[:6]}"], 4, "Nothing was ever entered"),
        (["register", "gd", "add", "nothing", "--by", "gd.work"], 2, "add needs a kind"),
        (["register", "gd", "done", "--by", "gd.work"], 2, "done needs the ACTION's id"),
        (["register", "gd", "--set", "a=b"], 2, "say what to enter"),
        (["register", "gd", "add", "action", "--set", "text=x"], 2, "Nobody was named"),
    ],
)
async def test_what_cannot_be_done_says_why(process: Process, options: list[str], code: int, why: str) -> None:
    said = await process(*options)
    assert (said.code, why in said.err) == (code, True), said.err
    assert "Traceback" not in said.err


def test_without_a_server_it_says_so(tocsin: Tocsin) -> None:
    for command in (["schedules"], ["register", "gd"]):
        said = tocsin(*command, "--json")
        assert (said.code, said.json["error"]["type"]) == (3, "Unreachable")


@pytest.mark.slow
async def test_up_makes_the_schedules_of_the_shipped_rhythm(process: Process, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with up(home) as said, asyncio.timeout(30):
        where = {"TEMPORAL_ADDRESS": str(said["temporal"]), "TOCSIN_HOME": str(home)}
        listed: set[str] = set()
        while len(listed) < 14:  # Temporal's list is a moment behind
            found = await process("schedules", "--json", **where)
            listed = {each["id"] for each in found.json["schedules"]}
        assert {"watchdog", "meeting-gd", "screening-gd-zh", "drill-gd-gz-th"} <= listed


def test_check_reads_the_rhythm_too(tocsin: Tocsin, rhythm: Path) -> None:
    assert tocsin("check", "--rhythm", rhythm, "--json").json["ok"] is True
    rhythm.write_text(ONLY_GD.replace('"gd"', '"gx"'), encoding="utf-8")
    said = tocsin("check", "--rhythm", rhythm)
    assert (said.code, f"{rhythm}:3: rounds[0].unit: gx is no unit" in said.err) == (2, True)


@pytest.mark.usefixtures("serving")
@pytest.mark.rule("R11", "R30", "R58", "R29")
async def test_a_register_is_written_read_and_its_texts_are_for_who_may_read_them(process: Process) -> None:
    action = f"A-{uuid4().hex[:8]}"
    fields = [f"action_id={action}", "text=补齐双录", f"owner={LEAD}", "due_on=2099-06-01", "feeds=screening_standard"]
    settings = [word for each in fields for word in ("--set", each)]
    opened = await process("register", "gd-gz-th", "add", "action", *settings, "--by", WORK, "--json")
    assert (opened.code, opened.json["state"]) == (0, "accepted")
    refused = await process("register", "gd-gz-th", "add", "action", *settings, "--by", LEAD, "--json")
    assert (refused.code, refused.json["rule"]) == (1, "R58")
    assert "R58" in refused.err
    hers = await process("register", "gd-gz-th", "--by", WORK, "--lang", "zh")
    assert "补齐双录" in hers.out
    anybodys = await process("register", "gd-gz-th", "--lang", "zh")
    assert (action in anybodys.out, "补齐双录" in anybodys.out) == (True, False)
    held = [
        "--set",
        "who=gd-gz-th-0001",
        "--set",
        "topic=统一话术",
        "--set",
        "held_on=2026-01-05",
        "--set",
        "attendees=9",
    ]
    assert (await process("register", "gd-gz-th", "add", "training", *held, "--by", LEAD)).code == 0
    ready = ["--set", "outlet=gd-gz-th-0001", "--set", "items=hotline_posted"]
    assert (await process("register", "gd-gz-th", "add", "readiness", *ready, "--by", LEAD)).code == 0
    done = await process("register", "gd-gz-th", "done", action, "--set", "note=已办", "--by", LEAD, "--json")
    assert done.json["accepted"] is True
    view = (await process("register", "gd-gz-th", "--by", WORK, "--json")).json
    assert action in [point["action_id"] for point in view["standard"]]
    assert "hotline_posted" in view["readiness"]["gd-gz-th-0001"]


async def test_an_item_may_come_from_a_file_and_is_read_before_it_is_sent(process: Process, tmp_path: Path) -> None:
    file = tmp_path / "item.json"
    file.write_text('{"outlet": "gd-gz-th-0001", "result": "maybe", "by": "gd-gz-th.work"}', encoding="utf-8")
    said = await process("register", "gd-gz-th", "add", "screening", "--item", file, "--json")
    assert (said.code, said.json["error"]["type"]) == (2, "Malformed")
    assert "screening.result: must be one of 'ok' or 'findings'" in said.err
