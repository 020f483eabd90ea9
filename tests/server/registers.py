"""A unit's register in the tests: items entered by people, its own clock, and who heard of what is due."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.client import WorkflowHandle

from activities.channels.contract import Message
from plan.receipts import Receipt
from runtime.names import REGISTER, VIEW, register_id
from runtime.registers import enter
from tests.server.world import World

TH: Final = "gd-gz-th"
WORK, WORK2, POST = f"{TH}.work", f"{TH}.work2", f"{TH}.post"
T1, T2 = f"{TH}-0001", f"{TH}-0002"
DOOR: Final = "test"
LONG: Final = timedelta(seconds=30)
A_MOMENT: Final = timedelta(seconds=5)


class Book:
    """One unit's register, in a world with a worker."""

    def __init__(self, world: World, unit: str = TH) -> None:
        self.world, self.unit = world, unit

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.world.client.get_workflow_handle(register_id(self.unit))

    async def add(self, kind: str, by: str, /, *, received_at: datetime | None = None, **fields: Any) -> Receipt:
        item = {"kind": kind, "by": by, **fields}
        return await enter(
            self.world.client,
            self.unit,
            item,
            door=DOOR,
            keyring=self.world.keys,
            received_at=received_at,
            patience=LONG,
        )

    async def accepted(self, kind: str, by: str, /, **fields: Any) -> Receipt:
        receipt = await self.add(kind, by, **fields)
        assert receipt.accepted, receipt.reason
        return receipt

    async def refused(self, kind: str, by: str, /, **fields: Any) -> str | None:
        receipt = await self.add(kind, by, **fields)
        assert receipt.state == "refused", receipt
        return receipt.rule

    async def view(self, viewer: str | None = None) -> dict[str, Any]:
        return await self.handle.query(VIEW, {"viewer": viewer}, result_type=dict)

    async def now(self) -> datetime:
        return await self.world.now(self.handle)

    async def pass_(self, time: timedelta) -> None:
        """Let the register's time pass, and whatever comes due in it be done."""
        await self.world.skip(self.handle, await self.now() + time)

    async def settled(self) -> None:
        """Until whatever is under way has been done, and every bulletin has ended."""
        await self.pass_(A_MOMENT)
        await ended(self.world)

    def told(self, duty: str) -> list[Message]:
        """What was sent of one duty, numbers included, of this register."""
        return [message for message in self.world.outbox.sent if message.duty == duty]


async def ended(world: World) -> None:
    """Every bulletin that was begun has told whom it tells."""
    async for run in world.client.list_workflows("WorkflowType = 'Bulletin'"):
        await world.client.get_workflow_handle(run.id, run_id=run.run_id).result()


async def started(world: World, start: object, unit: str = TH) -> WorkflowHandle[Any, Any]:
    """A register that somebody starts by hand, with whatever argument."""
    return await world.client.start_workflow(
        REGISTER, start, id=register_id(unit), task_queue="tocsin", result_type=dict
    )


def an_action(**changed: Any) -> dict[str, Any]:
    return {"action_id": f"A-{uuid4().hex[:6]}", "text": "补齐双录流程", "owner": f"{T1}.lead", **changed}
