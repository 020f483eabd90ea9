"""How a watch says what it has decided: an activity each, tried for an hour at a time.

None is answered where it could not be said now: it is still owed, and tried again later.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import LOOK_AT_INCIDENT, MALFORMED, RAISE_ALERT, TELL_INCIDENT
from plan.orders import LinkAnswer, LinkOrder
from plan.saying import RaiseAlert, Said, Say, Tell

LIMIT = timedelta(seconds=30)
AT_MOST = timedelta(hours=1)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


async def say_it(say: Say) -> Said | None:
    """Say it once, however often it is tried; what became of it."""
    try:
        return await _tell(say) if isinstance(say, Tell) else await _raise_alert(say)
    except ActivityError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == MALFORMED:
            return Said(rule="malformed", reason=cause.message)
        return None


async def _tell(say: Tell) -> Said:
    fact = {**say.fact, "fact_id": say.id}
    if say.looks_at is not None and await _activity(LOOK_AT_INCIDENT, say.looks_at, bool, f"→ {say.looks_at}"):
        fact["reopen"] = True
    order = LinkOrder(incident_id=say.incident_id, fact=fact, received_at=say.at)
    answer: LinkAnswer = await _activity(TELL_INCIDENT, order, LinkAnswer, f"{fact['kind']} → {say.incident_id}")
    receipt = answer.receipt or {}
    return Said(
        accepted=bool(receipt.get("accepted")),
        gone=answer.gone,
        rule=receipt.get("rule"),
        reason=receipt.get("reason"),
        sequence=receipt.get("sequence") or 0,
    )


async def _raise_alert(say: RaiseAlert) -> Said:
    await _activity(RAISE_ALERT, say, None, f"{say.province or 'all'} · {say.insurer}")
    return Said(accepted=True)


async def _activity(name: str, order: object, result: Any, summary: str) -> Any:
    return await workflow.execute_activity(
        name,
        order,
        result_type=result,
        start_to_close_timeout=LIMIT,
        schedule_to_close_timeout=AT_MOST,
        retry_policy=RETRY,
        summary=summary,
    )
