"""Telling an incident's day for the record: fixed ids, times of day, skipped time. Used by recordings and by bench.

The day is laid over the server's own clock: its first instant is now, cut to the millisecond that timers keep.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from plan.malformed import parse_complaint, parse_fact
from plan.receipts import Receipt
from runtime.names import TIMELINE, VIEW, workflow_id
from runtime.seals import Keyring
from runtime.telling import ask, file, tell_fact

DOOR: Final = "golden"
SETTLING: Final = timedelta(seconds=20)
LOOKING: Final = timedelta(seconds=0.02)

OUTLET: Final = "gd-gz-th-0001"
LEAD, COUNTY, CITY, PROVINCE = f"{OUTLET}.lead", "gd-gz-th.work", "gd-gz.work", "gd.work"
INSURER: Final = "anhe-life.gd-gz"
COMPLAINT: Final[dict[str, Any]] = {
    "channel": "outlet",
    "subject": "returns",
    "outlet": OUTLET,
    "insurer": "anhe-life",
    "reason": "到期收益与销售时所说不符",
    "reported_by": LEAD,
}


class Day:
    """One incident. Times are `09:12`, `09:12:30` or `D+1 09:12`; `first` is when it is filed."""

    def __init__(self, environment: WorkflowEnvironment, keys: Keyring, incident_id: str, first: str) -> None:
        now = datetime.now(UTC)
        self._environment, self.keys = environment, keys
        self.incident_id = incident_id
        self._began = now.replace(microsecond=now.microsecond // 1000 * 1000) - _of_day(first)
        self._first, self._facts = first, 0

    @property
    def client(self) -> Client:
        return self._environment.client

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """Whichever run is the last."""
        return self.client.get_workflow_handle(workflow_id(self.incident_id))

    def at(self, when: str) -> datetime:
        """The instant on the server's clock of a time of the day."""
        return self._began + _of_day(when)

    async def filed(self, **complaint: Any) -> None:
        """File an outlet's complaint, changed as said, and wait until everybody has been told of it."""
        body = parse_complaint({**COMPLAINT, "incident_id": self.incident_id, **complaint})
        await file(self.client, body, door=DOOR, keyring=self.keys, received_at=self.at(self._first))
        await self.at_rest()

    async def now(self) -> datetime:
        """The incident's own time."""
        return await self._environment.get_current_time(self.handle)

    async def until(self, when: str) -> None:
        """Let time pass, and whatever comes due in it be done."""
        left = self.at(when) - await self.now()
        if left > timedelta(0):
            await self._environment.fast_forward(self.handle, left)

    async def told(self, when: str, by: str, kind: str, **said: Any) -> Receipt:
        """Let time pass and everything due in it be done, then tell a fact at exactly that time."""
        await self.until(when)
        return await self.tell(when, by, kind, **said)

    async def tell(
        self, when: str, by: str, kind: str, *, patience: timedelta = timedelta(seconds=10), **said: Any
    ) -> Receipt:
        """Tell a fact stamped with that time, without letting time pass."""
        self._facts += 1
        fact = parse_fact({"kind": kind, "by": by, "fact_id": f"{self.incident_id}-{self._facts}", **said})
        return await tell_fact(
            self.client,
            self.incident_id,
            fact.model_dump(mode="json", exclude_unset=True),
            door=DOOR,
            keyring=self.keys,
            received_at=self.at(when),
            patience=patience,
        )

    async def accepted(self, when: str, by: str, kind: str, **said: Any) -> Receipt:
        """As `told`; the plan must accept it."""
        receipt = await self.told(when, by, kind, **said)
        assert receipt.accepted, f"{kind} by {by}: {receipt.reason}"
        return receipt

    async def refused(self, when: str, by: str, kind: str, rule: str, **said: Any) -> Receipt:
        """As `told`; this rule of the plan must stand against it."""
        receipt = await self.told(when, by, kind, **said)
        assert receipt.rule == rule, f"{kind} by {by}: {receipt.state} {receipt.rule} {receipt.reason}"
        return receipt

    async def view(self) -> dict[str, Any]:
        return await ask(self.client, self.incident_id, VIEW)

    async def states(self) -> dict[str, str]:
        """Every clock's state."""
        return {clock["id"]: clock["state"] for clock in (await self.view())["clocks"]}

    async def entries(self) -> list[dict[str, Any]]:
        """The record, as long as it fits into one page."""
        return (await ask(self.client, self.incident_id, TIMELINE, {"limit": 500}))["entries"]

    async def at_rest(self) -> None:
        """Wait until no notice is on its way."""
        async with asyncio.timeout(SETTLING.total_seconds()):
            while any(n["state"] in ("pending", "held") for n in (await self.view())["notices"]):  # noqa: ASYNC110
                await asyncio.sleep(LOOKING.total_seconds())


def _of_day(when: str) -> timedelta:
    day, _, clock = when.rpartition(" ")
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    days = int(day.removeprefix("D+")) if day else 0
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
