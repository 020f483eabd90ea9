"""The outbox's own ways: whole lines, one file for all, and a terminal that shows what went out."""

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from activities.channels.contract import ChannelMisconfigured
from activities.channels.outbox import Outbox
from tests.activities.notices import DUE, LEAD, NOW, OUTBOX, message


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.rule("R14")
async def test_a_line_says_who_was_to_be_told_what_and_until_when(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"

    await Outbox(path, clock=lambda: NOW).send(message(), OUTBOX)

    assert lines(path) == [
        {
            "key": "k-1",
            "incident_id": "T-1",
            "duty": "tell.filed",
            "recipient": LEAD,
            "channel": "outbox",
            "to": "",
            "text": "【新投诉】T-1 天河一号网点。",
            "due_at": DUE.isoformat(),
            "drill": False,
            "ordered_at": NOW.isoformat(),
            "written_at": NOW.isoformat(),
        }
    ]


@pytest.mark.rule("R29")
async def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"

    await Outbox(path).send(message(), OUTBOX)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_text_of_several_lines_stays_one_line(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"

    await Outbox(path).send(message(text="first\nsecond\u2028third"), OUTBOX)

    assert path.read_bytes().count(b"\n") == 1


async def test_a_line_cut_short_by_a_crash_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    path.write_bytes(b'{"key": "half')

    await Outbox(path).send(message("k-2"), OUTBOX)

    assert json.loads(path.read_bytes().splitlines()[-1])["key"] == "k-2"


async def test_two_workers_may_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    one, other = Outbox(path), Outbox(path)

    for n in range(3):
        await one.send(message(f"one-{n}"), OUTBOX)
        await other.send(message(f"other-{n}"), OUTBOX)

    assert [line["key"] for line in lines(path)] == [f"{who}-{n}" for n in range(3) for who in ("one", "other")]


@pytest.mark.rule("R14")
async def test_a_folder_in_its_place_is_a_fault_that_trying_again_does_not_mend(tmp_path: Path) -> None:
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_OUTBOX"):
        await Outbox(tmp_path).send(message(), OUTBOX)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
async def test_a_full_disk_is_tried_again() -> None:
    with pytest.raises(OSError, match="No space left"):
        await Outbox(Path("/dev/full")).send(message(), OUTBOX)


async def test_the_terminal_shows_the_notice_and_nothing_it_would_act_on(tmp_path: Path) -> None:
    terminal = io.StringIO()

    await Outbox(tmp_path / "outbox.jsonl", terminal=terminal).send(message(text="a\x1b[2Jb\nc"), OUTBOX)

    assert terminal.getvalue() == f"{LEAD} ← a [2Jb c\n"
