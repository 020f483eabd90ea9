"""`tocsin audit`, `erase` and `figures` over the store, as processes of their own against a real server."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from runtime.home import Home
from runtime.settings import Settings
from tests.cli.conftest import Process, process
from tests.environment import namespace_apart
from tests.server.people import AT_T1, COUNTY, COURSE, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
__all__ = ["process"]

FORGOTTEN = {"TEMPORAL_NAMESPACE": "default"}
"""A namespace that knows nothing of the incident, as its own does once retention is over."""


class Town:
    """A worker with a store of its own, and the command line beside it."""

    def __init__(self, world: World, tocsin: Process, home: Path) -> None:
        self.world, self._tocsin, self._home = world, tocsin, home

    async def tocsin(self, *words: str | Path, **environment: str) -> Any:
        ours = {
            "TEMPORAL_NAMESPACE": self.world.client.namespace,
            "TOCSIN_HOME": str(self._home),
            "TOCSIN_BY": "operator",
        }
        return await self._tocsin(*words, **{**ours, **environment})

    async def closed(self) -> Story:
        story = await Story.filed(self.world, "09:12", **AT_T1)
        await story.accepted("09:30", LEAD, "calming_attempted", outcome="calmed")
        await story.accepted("09:40", LEAD, "noted", text="佘某满意")
        await story.accepted("09:50", LEAD, "resolved")
        await story.accepted("10:00", COUNTY, "closed")
        await story.ended()
        return story


@pytest.fixture
async def town(env: WorkflowEnvironment, process: Process, tmp_path: Path) -> AsyncGenerator[Town]:
    home = tmp_path / "home"
    usual = Home(Settings().home)  # the keys that stories are sealed with
    keys = {"door_keys": usual.door_keys(), "person_key": usual.person_secret()}
    world = World(await namespace_apart(env), Settings.model_validate({"home": home, **keys}))
    async with world.worker():
        yield Town(world, process, home)


@pytest.mark.rule("R62")
async def test_what_temporal_has_forgotten_is_exported_byte_for_byte_and_proved(town: Town, tmp_path: Path) -> None:
    story = await town.closed()
    before, after, root = tmp_path / "before.jsonl", tmp_path / "after.jsonl", tmp_path / "root.json"
    assert (await town.tocsin("audit", "export", story.incident_id, "--out", before)).code == 0
    made = await town.tocsin("audit", "root", "--make", "--incident", story.incident_id, "--out", root, "--json")
    assert made.code == 0, made.err
    assert (await town.tocsin("audit", "export", story.incident_id, "--out", after, **FORGOTTEN)).code == 0
    assert before.read_bytes() == after.read_bytes()

    key = made.json["public_key"]
    proved = await town.tocsin("audit", "verify", after, "--root", root, "--key", key, "--json")
    assert (proved.code, proved.json["proved"], proved.json["incident_id"]) == (0, True, story.incident_id)
    for spoilt in (
        ("--root", str(root), "--key", "0" * 64),
        ("--root", str(_changed(root, tmp_path))),
    ):
        assert (await town.tocsin("audit", "verify", after, *spoilt)).code == 1
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join(after.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert (await town.tocsin("audit", "verify", cut, "--root", root, "--key", key)).code == 1
    assert (await town.tocsin("audit", "export", "NOBODY-1", **FORGOTTEN)).code == 4
    assert (await town.tocsin("audit", "root", "--date", "2020-01-01")).code == 4


def _changed(root: Path, folder: Path) -> Path:
    said = json.loads(root.read_text())
    said["root"]["leaves"] += 1
    other = folder / "other.json"
    other.write_text(json.dumps(said))
    return other


@pytest.mark.rule("R62")
async def test_an_operator_erases_a_closed_incident_and_its_record_stays_whole(town: Town, tmp_path: Path) -> None:
    story = await town.closed()
    running = await Story.filed(town.world, "09:12", **AT_T1)
    assert (await town.tocsin("erase", story.incident_id, "--reason", "asked", "--by", COUNTY)).code == 1
    assert (await town.tocsin("erase", running.incident_id, "--reason", "asked")).code == 1
    assert (await town.tocsin("erase", "NOBODY-1", "--reason", "asked")).code == 4
    done = await town.tocsin("erase", story.incident_id, "--reason", "asked", "--json")
    assert (done.code, done.json["by"], done.json["words"] > 1) == (0, "operator", True)
    out = tmp_path / "erased.jsonl"
    assert (await town.tocsin("audit", "export", story.incident_id, "--out", out, **FORGOTTEN)).code == 0
    assert (await town.tocsin("audit", "verify", out)).code == 0


@pytest.mark.rule("R43")
async def test_figures_count_the_closed_and_the_open_and_no_drill(town: Town) -> None:
    await town.closed()
    crisis = await Story.filed(town.world, "09:12", **AT_T1)
    await crisis.accepted("09:48", LEAD, "circumstances_reported", headcount=6)
    await crisis.accepted("10:00", LEAD, "report_submitted", content=COURSE)
    drill = await Story.filed(town.world, "09:12", drill=True, **AT_T1)
    await drill.quiet()
    told = await town.tocsin("figures", "--json")
    assert told.code == 0, told.err
    found = told.json
    assert (found["incidents"], found["open"], found["unasked"], found["drills"]["count"]) == (2, 1, 0, 1)
    assert found["times"]["to_resolution"]["count"] == 1
    assert found["on_time"]["outlet_report"] == {"on_time": 1, "late": 0, "missing": 0, "running": 0, "share": 1.0}
    assert found["to_crisis"] == {"part": 1, "whole": 2, "share": 0.5}
    elsewhere = await town.tocsin("figures", "--json", "--unit", "gd-sz")
    assert elsewhere.json["incidents"] == 0
    rows = list(csv.DictReader(io.StringIO((await town.tocsin("figures", "--csv")).out)))
    assert next(row for row in rows if row["figure"] == "to_crisis")["value"] == "0.5"
    page = await town.tocsin("figures", "--from", "2020-01-01", "--to", "2099-12-31")
    assert "2 incidents, 1 open" in page.out
