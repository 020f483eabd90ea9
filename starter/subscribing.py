"""Subscribing another system to what happens, for every way in (decision 27): no more than its key reaches (R29).

Errors: Forbidden is the gateway's; here Refused, where units or an address are not to be had; Malformed, where a
unit is unknown; NoSuchSubscription; Unreachable, Misconfigured.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.destinations import NotThere, destination
from activities.hinting import hint
from plan.access import Caller, Grant, Place, Scope, allowed, place_in
from plan.errors import Flaw, Malformed, Refused, Unreachable
from plan.organisation import Organisation
from plan.subscriptions import NewSubscription, Subscription
from runtime.names import FEED, LOOK, TRY, VIEW, WORKFLOWS_QUEUE, feed_id

PATIENCE: Final = timedelta(seconds=25)
LOOKING: Final = timedelta(seconds=3)


class Reach(NamedTuple):
    """Where a subscription hears from: these units, of this insurer; no units are the whole organisation."""

    units: tuple[str, ...]
    insurer: str | None


def reach_of(organisation: Organisation, caller: Caller, wanted: Sequence[str]) -> Reach:
    """What is asked for, where the caller's grants cover it; else all that the first of them covers."""
    grants = [grant for grant in caller.grants if Scope.EVENTS in grant.scopes]
    if not grants:
        raise Refused(f"{caller.id} has no scope `{Scope.EVENTS}`. Ask the operator for a key that has it.", rule="R29")
    for grant in grants:
        if all(_covers(caller, grant, _place(organisation, unit)) for unit in wanted):
            return _widened(organisation, grant, tuple(wanted))
    raise Refused(
        f"{caller.id} may not hear of all these units. Name units that its key covers, or none for all of them.",
        rule="R29",
    )


def _place(organisation: Organisation, unit: str) -> Place:
    is_outlet = any(outlet.id == unit for outlet in organisation.outlets)
    if not is_outlet and not any(each.id == unit for each in organisation.units):
        raise _unreadable(Flaw("/units", "names a unit that is not there; correct it"))
    return place_in(organisation, outlet=unit) if is_outlet else place_in(organisation, unit=unit)


def _covers(caller: Caller, grant: Grant, place: Place) -> bool:
    """As if what happens there concerned the grant's insurer."""
    one = Caller(id=caller.id, **grant.model_dump(include=set(Grant.model_fields)))
    there = place.model_copy(update={"insurers": (grant.insurer,) if grant.insurer else ()})
    return allowed(one, Scope.EVENTS, there) is None


def _widened(organisation: Organisation, grant: Grant, wanted: tuple[str, ...]) -> Reach:
    """Who hears of the top unit hears too of what stands below none: what is not known is headquarters' business."""
    units = wanted or (() if grant.everywhere else grant.units)
    tops = {unit.id for unit in organisation.units if unit.superior is None}
    whole = grant.insurer is None and tops <= set(units)
    return Reach(() if whole else units, grant.insurer)


async def check_address(wanted: NewSubscription, hosts: Sequence[str]) -> None:
    """An address that nothing would ever be sent to is refused at once; a name that is not there yet is not."""
    try:
        await destination(wanted.url, hosts)
    except NotThere as refused:
        if not refused.down:
            raise _unreadable(Flaw("/url", f"is an address that events are not sent to: {refused}")) from None


def _unreadable(flaw: Flaw) -> Malformed:
    what = f"{flaw.pointer.removeprefix('/')}: {flaw.what}"
    return Malformed(f"the subscription cannot be read; put right and send it again:\n{what}", flaws=[flaw])


async def tried(client: Client, subscription: Subscription) -> dict[str, Any]:
    """`delivered`, and what the receiver answered. Errors: Unreachable."""
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        FEED,
        {},
        id=feed_id(subscription.id),
        task_queue=WORKFLOWS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]
                TRY, start_workflow_operation=start, result_type=dict
            )
    except (RPCError, TimeoutError, WorkflowUpdateFailedError):
        raise Unreachable("No worker tried it in time. Start one (`tocsin worker`), then try again.") from None


async def delivery(client: Client, subscription: Subscription) -> dict[str, Any] | None:
    """What its feed says of itself; None where nothing was ever told, or nobody answers."""
    handle = client.get_workflow_handle(feed_id(subscription.id))
    try:
        return await handle.query(VIEW, result_type=dict, rpc_timeout=LOOKING)
    except (RPCError, WorkflowQueryFailedError):
        return None


async def wake(client: Client, subscription: Subscription) -> None:
    """What waits is tried now; an ended one ends. Nothing where Temporal does not answer: it wakes by itself."""
    try:
        await hint(client, subscription, LOOK, {})
    except RPCError:
        return
