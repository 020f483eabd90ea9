"""No message wedges a workflow: surplus arguments are cut off, unreadable ones reach a handler as they came.

Without `OneArgument` the cases with two arguments fail the workflow task for ever (temporalio 1.35).
"""

import zlib
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateStage
from temporalio.common import RawValue

from runtime.codec import ENCODING
from runtime.names import INCIDENT, RECORD, SUBMIT, VIEW, WORKFLOWS_QUEUE, workflow_id
from runtime.telling import ask
from tests.runtime.small import LONG

pytestmark = pytest.mark.server

BOMB = RawValue(Payload(metadata={"encoding": ENCODING}, data=b"not zlib"))
FOREIGN = RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\x01"))
BROKEN = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{"))
TEXT = RawValue(Payload(metadata={"encoding": b"binary/zlib"}, data=zlib.compress(b"\xff" * 9_000)))
STRANGE: list[list[Any]] = [
    [],
    [None],
    [1, 2],
    [{"fact": {"kind": "noted", "fact_id": "f-1"}}, "more"],
    ["text"],
    [{"unknown": "object"}],
    [[]],
    [BOMB],
    [FOREIGN],
    [BROKEN],
    [TEXT],
]


async def started(client: Client) -> WorkflowHandle[Any, Any]:
    incident = f"A-{uuid4().hex[:8]}"
    return await client.start_workflow(
        INCIDENT, {"incident_id": incident}, id=workflow_id(incident), task_queue=WORKFLOWS_QUEUE
    )


async def failures(handle: WorkflowHandle[Any, Any]) -> list[Any]:
    history = await handle.fetch_history()
    return [event for event in history.events if event.HasField("workflow_task_failed_event_attributes")]


async def test_strange_signals_all_reach_a_handler(kept: Client) -> None:
    handle = await started(kept)
    for args in STRANGE:
        await handle.signal(RECORD, args=args)
        await handle.signal("no_such_signal", args=args)
    seen = await ask(kept, handle.id.removeprefix("incident/"), VIEW, patience=LONG)
    assert seen["unreadable"].count("no_such_signal") == len(STRANGE)
    assert len(seen["said"]) + len(seen["unreadable"]) == 2 * len(STRANGE)
    assert not await failures(handle)


async def test_strange_updates_are_all_answered(kept: Client) -> None:
    handle = await started(kept)
    for args in STRANGE:
        for name in (SUBMIT, "no_such_update"):
            update = await handle.start_update(  # pyright: ignore[reportUnknownMemberType]
                name, args=args, wait_for_stage=WorkflowUpdateStage.COMPLETED, result_type=dict
            )
            assert (await update.result())["state"]
    assert not await failures(handle)


async def test_a_question_with_surplus_arguments_is_answered(kept: Client) -> None:
    handle = await started(kept)
    assert await handle.query(VIEW, args=[{}, {}], result_type=dict)
    assert await handle.query(VIEW, result_type=dict)
