"""Temporal's answers in our words, and how long to wait for one. Used by everything that calls it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Final, TypeVar

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Malformed, Misconfigured, NoSuchIncident, TocsinError, Unreachable

PATIENCE: Final = timedelta(seconds=5)
"""How long a caller waits for a worker (contract, section 4)."""
FINAL: Final = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.UNIMPLEMENTED,
    }
)
"""Answers that trying again does not change."""
PAUSE: Final = timedelta(seconds=0.1)
"""Between two tries; the SDK has tried by itself before, waiting longer and longer."""

Answer = TypeVar("Answer")


async def within(limit: timedelta, call: Coroutine[Any, Any, Answer]) -> Answer | None:
    """The call's result, or None when it has not come in time; then the call has ended too, nothing runs on.

    In a task of its own: the SDK turns a cancellation into an error of its own, which would make a caller's Ctrl-C look
    like silence.
    """
    task = asyncio.create_task(call)
    try:
        await asyncio.wait({task}, timeout=limit.total_seconds())
    finally:
        task.cancel()
        await asyncio.wait({task})
    if task.cancelled() or isinstance(task.exception(), WorkflowUpdateRPCTimeoutOrCancelledError):
        return None
    return task.result()


async def insisting(incident_id: str, attempt: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """Try until there is an answer. Busy, away or None: again after a pause; `within` says until when."""
    while True:
        try:
            answer = await attempt()
        except RPCError as failed:
            if failed.status in FINAL:
                raise explained(failed, incident_id) from failed
        else:
            if answer is not None:
                return answer
        await asyncio.sleep(PAUSE.total_seconds())


def explained(failed: RPCError, incident_id: str) -> TocsinError:
    """What Temporal's refusal means for who asked."""
    said = f"Temporal refused this for {incident_id} ({failed.status.name})"
    match failed.status:
        case RPCStatusCode.NOT_FOUND if "amespace" in failed.message:
            return Misconfigured(f"{said}: there is no such namespace. Create it, or correct TEMPORAL_NAMESPACE.")
        case RPCStatusCode.NOT_FOUND:
            return no_such(incident_id)
        case RPCStatusCode.INVALID_ARGUMENT if "search attribute" in failed.message.lower():
            return Misconfigured(
                f"{said}: the namespace lacks Tocsin's search attributes. "
                "Register them: `await prepare(client)`, or start a worker once."
            )
        case RPCStatusCode.INVALID_ARGUMENT:
            return Malformed(f"{said}: it is larger than Temporal takes, or not well-formed. Shorten its texts.")
        case RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED:
            return Misconfigured(f"{said}: these credentials may not. Check TEMPORAL_API_KEY or the TLS certificate.")
        case _:
            return Unreachable(f"{said}: it does not answer just now. Nothing was recorded for sure; try again.")


def no_such(incident_id: str) -> NoSuchIncident:
    return NoSuchIncident(
        f"There is no incident {incident_id} in this namespace. Check the id; `tocsin list` shows all."
    )
