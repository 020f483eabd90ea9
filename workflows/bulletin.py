"""Tells an audience what belongs to no incident (R10, R11, R13, R30, R32): each person over one way after the other.

Begun once for each `reference`, so that the same thing is told once. Ends when everybody was told or every way failed;
its result, and `view`, say who was and who was not.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

from activities.names import RESOLVE_AUDIENCE
from plan.bulletin import AudienceAnswer, AudienceOrder, Bulletin, Listener
from plan.incident import NoticeState
from plan.messages import Bad
from plan.orders import DeliveryOrder
from plan.settling import read_outcomes
from runtime.names import BULLETIN, CRISIS_PRIORITY, SETTLE, USUAL_PRIORITY, VIEW, incident_id_of
from workflows.delivering import Delivering, NotDelivered
from workflows.reading import NOTHING, decoded, open_seal

LIMIT = timedelta(minutes=10)
LOOK_UP = timedelta(seconds=10)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60))


@workflow.defn(name=BULLETIN)
class BulletinWorkflow:
    """`run` is the whole story."""

    def __init__(self) -> None:
        self._delivering = Delivering()
        self._told: dict[str, dict[str, JsonValue]] = {}
        self._bulletin: Bulletin | None = None

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        bulletin = self._bulletin = _read(start)
        answer = await self._resolved(bulletin)
        bulletin = self._bulletin = bulletin.model_copy(update={"words": answer.words | bulletin.words})
        listeners = answer.listeners
        self._told = {each.person: {"state": NoticeState.PENDING} for each in listeners}
        self._show()
        await asyncio.gather(*(self._tell(bulletin, each) for each in listeners))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._seen()

    @workflow.signal(name=SETTLE, description="信箱回执 · What became of notices in a mailbox; a worker seals it")
    def settle(self, message: RawValue = NOTHING) -> None:
        of = incident_id_of(workflow.info().workflow_id)
        said = read_outcomes(decoded(message), incident_id=of, open_seal=open_seal())
        if not isinstance(said, Bad):
            self._delivering.settle(said)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """It takes nothing else."""

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> dict[str, JsonValue]:
        return {"accepted": False, "reason": "a bulletin takes no messages; it tells an audience once and ends"}

    @workflow.query(name=VIEW, description="已通知与未送达 · Who was told, and who was not")
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return self._seen()

    async def _resolved(self, bulletin: Bulletin) -> AudienceAnswer:
        return await workflow.execute_activity(
            RESOLVE_AUDIENCE,
            AudienceOrder(reference=bulletin.reference, to=bulletin.to, now=workflow.now(), insurer=bulletin.insurer),
            result_type=AudienceAnswer,
            start_to_close_timeout=LOOK_UP,
            retry_policy=RETRY,
        )

    async def _tell(self, bulletin: Bulletin, listener: Listener) -> None:
        tried: list[JsonValue] = []
        for way in listener.ways:
            if bulletin.confidential and way.audience == "tripartite":
                continue
            try:
                answer = await self._delivering.deliver(
                    _order(bulletin, listener, way.channel),
                    limit=LIMIT,
                    priority=CRISIS_PRIORITY if bulletin.urgent else USUAL_PRIORITY,
                    held=lambda until: self._note(listener, NoticeState.HELD, held_until=until.isoformat()),
                )
            except NotDelivered as no:
                tried.append({"channel": way.channel, "why": no.why, "code": no.code})
                continue
            self._note(
                listener, NoticeState.DELIVERED, channel=answer.channel, code=answer.code, message_id=answer.message_id
            )
            return
        self._note(listener, NoticeState.FAILED, tried=tried)

    def _note(self, listener: Listener, state: NoticeState, **said: JsonValue) -> None:
        self._told[listener.person] = {"state": state, **said}
        self._show()

    def _show(self) -> None:
        """Ids and states only."""
        lines = [f"- {person}: {said['state']}" for person, said in self._told.items()]
        workflow.set_current_details("\n".join(lines[:50]) or "—")

    def _seen(self) -> dict[str, JsonValue]:
        bulletin = self._bulletin
        return {
            "reference": bulletin.reference if bulletin else None,
            "duty": bulletin.duty if bulletin else None,
            "drill": bulletin.drill if bulletin else False,
            "told": {person: dict(said) for person, said in self._told.items()},
        }


def _read(start: RawValue) -> Bulletin:
    try:
        return Bulletin.model_validate(decoded(start))
    except ValidationError as malformed:
        why = (
            f"The bulletin cannot be read ({malformed.error_count()} faults); start it with what plan/bulletin.py says."
        )
        raise ApplicationError(why, type="Malformed", non_retryable=True) from None


def _order(bulletin: Bulletin, listener: Listener, channel: str) -> DeliveryOrder:
    return DeliveryOrder(
        key=f"{bulletin.reference}/{bulletin.duty}~{listener.person}/{channel}",
        incident_id=bulletin.reference,
        duty=bulletin.duty,
        recipient=listener.person,
        channel=channel,
        drill=bulletin.drill,
        confidential=bulletin.confidential,
        words=_words(bulletin, listener),
        due_at=bulletin.due_at,
        now=workflow.now(),
    )


def _words(bulletin: Bulletin, listener: Listener) -> dict[str, str]:
    known = {
        "incident": bulletin.reference,
        "role": str(listener.role),
        "recipient_unit": listener.unit_name,
        "recipient_unit_en": listener.unit_name_en,
        **({"due": bulletin.due_at.isoformat()} if bulletin.due_at else {}),
        **bulletin.words,
    }
    return {name: word for name, word in known.items() if word}
