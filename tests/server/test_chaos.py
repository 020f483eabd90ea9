"""Workers and the server are killed, 20 times, while incidents are open and people keep telling: nothing is lost.

A server with its state in a file and a worker in a process of its own, in real time; targets are a few seconds long,
so that clocks are missed, people are chased and notices are on their way whenever something dies. The moments are drawn
from a fixed seed. Ends only processes that it started itself.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bench.processes import System, WorkerProcess
from plan.errors import Unreachable
from plan.malformed import parse_complaint
from plan.playbook import ClockName, ClockRule, NoticeRule, Playbook
from plan.receipts import Receipt
from plan.record import Entry, export_line
from plan.verification import verify
from runtime.documents import PLAYBOOK, load_playbook
from runtime.names import VIEW
from runtime.telling import ask, file, tell_fact
from starter.record import pages

SEED: Final = 20_261_124
KILLS: Final = 20
PATIENCE: Final = timedelta(seconds=2)
SETTLING: Final = 60.0
"""Seconds: a notice lost with its worker is tried again after the 12 s that an attempt may take."""

LEAD, COUNTY, INSURER = "gd-gz-th-0001.lead", "gd-gz-th.work", "anhe-life.gd-gz"
COMPLAINT: Final[dict[str, Any]] = {
    "channel": "outlet",
    "outlet": "gd-gz-th-0001",
    "insurer": "anhe-life",
    "reason": "收益与介绍不符",
    "reported_by": LEAD,
}
SAID: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("calming_attempted", LEAD, {"outcome": "failed"}),
    ("noted", LEAD, {"text": "客户仍在大堂"}),
    ("on_the_way", INSURER, {"party": "insurer"}),
    ("report_submitted", LEAD, {"report": "initial", "content": {"course": "一人在大堂"}}),
    ("decision_relayed", LEAD, {"how": "电话"}),  # refused: nothing has been decided
    ("evidence_collected", LEAD, {"item": "recording"}),
    ("arrived_on_scene", INSURER, {"party": "insurer"}),
    ("report_submitted", COUNTY, {"to_unit": "gd-gz", "content": {"course": "已到场"}}),
)


class Teller:
    """Files an incident, and tells it one thing after another, each kind at least once; what fails is told again."""

    def __init__(self, system: System, incident_id: str, chance: random.Random, **complaint: Any) -> None:
        self.incident_id = incident_id
        self.told: list[dict[str, Any]] = []
        self._system, self._chance = system, chance
        self._complaint = parse_complaint({**COMPLAINT, "incident_id": incident_id, **complaint})

    async def tell_until(self, stop: asyncio.Event) -> None:
        await self._filed()
        while not stop.is_set() or len(self.told) < len(SAID):
            kind, by, said = SAID[len(self.told) % len(SAID)]
            self.told.append({"kind": kind, "by": by, "fact_id": f"{self.incident_id}-{len(self.told)}", **said})
            await self.insist(self.told[-1])
            if self._chance.random() < 0.3:
                await self.insist(self._chance.choice(self.told))
            await asyncio.sleep(self._chance.uniform(0.1, 0.5))

    async def insist(self, fact: dict[str, Any]) -> Receipt:
        """Until Temporal has it, as a caller with the same fact id would."""
        while True:
            try:
                return await tell_fact(
                    self._system.client,
                    self.incident_id,
                    fact,
                    door="chaos",
                    keyring=self._system.keys,
                    patience=PATIENCE,
                )
            except Unreachable:
                continue

    async def verdict(self, fact: dict[str, Any]) -> Receipt:
        while (receipt := await self.insist(fact)).state == "pending":
            pass
        return receipt

    async def _filed(self) -> None:
        while True:
            try:
                await file(self._system.client, self._complaint, door="chaos", keyring=self._system.keys)
            except Unreachable:
                continue
            return

    async def entries(self) -> list[Entry]:
        return [entry async for page in pages(self._system.client, self.incident_id) for entry in page.entries]

    async def at_rest(self) -> dict[str, Any]:
        """Until no notice is on its way."""
        async with asyncio.timeout(SETTLING):
            while True:
                view = await ask(self._system.client, self.incident_id, VIEW, patience=timedelta(seconds=30))
                if not any(notice["state"] == "pending" for notice in view["notices"]):
                    return view
                await asyncio.sleep(0.2)


class Workers:
    """One at a time, started again whenever it was killed."""

    def __init__(self, system: System, playbook: Path) -> None:
        self._system, self._playbook = system, playbook
        self._last: WorkerProcess | None = None

    async def start(self) -> WorkerProcess:
        self._last = await self._system.worker({"TOCSIN_PLAYBOOK": str(self._playbook)}).start()
        return self._last

    async def kill(self) -> None:
        if self._last is not None:
            await self._last.kill()


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.rule("R14", "R43", "R62")
async def test_twenty_kills_of_worker_and_server_lose_no_fact_and_repeat_no_duty(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - moments, the same ones every time
    async with System(tmp_path) as system, _workers(system) as workers:
        tellers = [
            Teller(system, "CHAOS-1", chance, circumstances={"disrupts_outlet": True}),
            Teller(system, "CHAOS-2", chance),
            Teller(system, "CHAOS-3", chance, circumstances={"media": True}),
            Teller(system, "CHAOS-4", chance, insurer="zhongtai-life"),
        ]
        await _while_everything_dies(system, workers, tellers, chance)
        for teller in tellers:
            for fact in teller.told:
                assert (await teller.verdict(fact)).duplicate
        for teller in tellers:
            await _goes_on(teller)
            entries = await teller.entries()
            _lost_no_fact(teller, entries)
            _repeated_no_duty(teller, entries, _outbox(system.home.outbox, teller.incident_id))
            assert verify(export_line(entry) for entry in entries).fault is None


async def _while_everything_dies(
    system: System, workers: Workers, tellers: list[Teller], chance: random.Random
) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as telling:
        for teller in tellers:
            telling.create_task(teller.tell_until(stop))
        for number in range(KILLS):
            await asyncio.sleep(chance.uniform(0.2, 2.0))
            if number % 2:
                await system.kill_the_server()
                await system.start_the_server()
            else:
                await workers.kill()
                await workers.start()
        stop.set()


async def _goes_on(teller: Teller) -> None:
    fact = {"kind": "noted", "by": LEAD, "text": "继续", "fact_id": f"{teller.incident_id}-on"}
    assert (await teller.verdict(fact)).accepted
    view = await teller.at_rest()
    assert view["stage"] == "open"
    assert view["clocks"]


def _lost_no_fact(teller: Teller, entries: list[Entry]) -> None:
    """Each fact exactly once, accepted or refused, in the order in which one teller told them."""
    judged = [entry for entry in entries if entry.door == "chaos" and entry.what != "filed"]
    told = [fact["fact_id"] for fact in teller.told]
    assert Counter(entry.about for entry in judged) == Counter([*told, f"{teller.incident_id}-on"])
    for entry in judged[:-1]:
        fact = next(fact for fact in teller.told if fact["fact_id"] == entry.about)
        assert entry.what in (fact["kind"], "refused")


def _repeated_no_duty(teller: Teller, entries: list[Entry], lines: list[dict[str, Any]]) -> None:
    """Every notice was settled exactly once, and whatever left twice left under the same key with the same words."""
    owed = Counter(entry.about for entry in entries if entry.what == "notice")
    settled = Counter(
        entry.about for entry in entries if entry.what in ("delivered", "undelivered") and entry.about in owed
    )
    assert set(owed.values()) == {1}
    assert settled == owed
    sent: dict[str, dict[str, Any]] = {}
    for line in lines:
        said = {name: value for name, value in line.items() if name != "written_at"}
        assert sent.setdefault(line["key"], said) == said
    for entry in entries:
        if entry.what == "delivered":
            assert f"{teller.incident_id}/{entry.about}/outbox" in sent
    assert {key.split("/")[1] for key in sent} <= set(owed)


def _outbox(path: Path, incident_id: str) -> list[dict[str, Any]]:
    """The lines of one incident; one that a kill cut off is no line."""
    return [
        line for line in _readable(path.read_text(encoding="utf-8").splitlines()) if line["incident_id"] == incident_id
    ]


def _readable(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            continue


@asynccontextmanager
async def _workers(system: System) -> AsyncGenerator[Workers]:
    path = system.home.path / "playbook.yaml"
    path.write_text(_impatient(load_playbook(PLAYBOOK)).model_dump_json(exclude_none=True), encoding="utf-8")
    workers = Workers(system, path)
    await (await workers.start()).serving()
    try:
        yield workers
    finally:
        await workers.kill()


def _impatient(playbook: Playbook) -> Playbook:
    """The same plan with targets of seconds; the plan's own hour and day stay."""
    clocks = tuple(_sooner(clock) for clock in playbook.clocks)
    return playbook.model_copy(update={"clocks": clocks, "notices": tuple(map(_chasing, playbook.notices))})


def _sooner(clock: ClockRule) -> ClockRule:
    if clock.id not in (ClockName.RELAY, ClockName.INSURER_ON_SCENE, ClockName.HANDOVER):
        return clock
    warnings = tuple(w.model_copy(update={"before": timedelta(seconds=4)}) for w in clock.warnings[:1])
    return clock.model_copy(update={"within": timedelta(seconds=9), "warnings": warnings})


def _chasing(notice: NoticeRule) -> NoticeRule:
    if notice.chase is None:
        return notice
    return notice.model_copy(update={"chase": notice.chase.model_copy(update={"every": timedelta(seconds=3)})})
