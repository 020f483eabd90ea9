"""Links between incidents: joining a group event, passing reports on, letting a member go (A19).

By an activity each (start-or-tell under stable ids), in order: what is passed on waits until the joining is received.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.names import TELL_INCIDENT
from plan.book import Book
from plan.facts import ConvertedToGroupEvent, MemberLeft
from plan.incident import Form
from plan.linking import membership, opening
from plan.orders import LinkAnswer, LinkOrder
from plan.passing import passed_on
from plan.told import WITHIN, Told
from workflows.background import Background

Step = Callable[[], Coroutine[Any, Any, None]]

CONFLICT = "conflict"
LIMIT = timedelta(seconds=30)
AT_MOST = timedelta(days=7)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


class Links:
    """What is on its way to other incidents, one after the other."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background
        self._turn = asyncio.Lock()

    def follow(self, told: Told) -> None:
        """See whether an accepted fact concerns another incident."""
        fact, incident = told.fact, self._book.incident
        if isinstance(fact, ConvertedToGroupEvent):
            self._then(partial(self._join, told, fact))
        elif (said := passed_on(incident, told)) is not None:
            self._then(partial(self._pass_on, told, said))
        elif isinstance(fact, MemberLeft) and incident.form is Form.GROUP_EVENT:
            self._then(partial(self._let_go, told, fact))

    def _then(self, step: Step) -> None:
        self._background.begin(self._in_turn(step))

    async def _in_turn(self, step: Step) -> None:
        async with self._turn:
            await step()

    async def _join(self, told: Told, fact: ConvertedToGroupEvent) -> None:
        now = workflow.now()
        incident = self._book.incident
        joining = {
            "kind": "member_joined",
            "fact_id": self._link_id("join", told),
            "by": WITHIN,
            "incident_id": incident.incident_id,
            "membership": membership(incident, self._book.rules, now),
        }
        answer = await self._tell(
            LinkOrder(
                incident_id=fact.group_id,
                fact=joining,
                received_at=told.received_at,
                opens=opening(fact, incident),
            )
        )
        receipt = answer.receipt or {}
        if answer.gone or not receipt.get("accepted"):
            self._book.not_joined(str(receipt.get("reason") or "the group event is gone"), workflow.now())
        else:
            self._book.joined(workflow.now())

    async def _pass_on(self, told: Told, said: dict[str, Any]) -> None:
        """Under its own id; where somebody else's fact has that id there, under one of this incident's."""
        group_id = self._book.incident.group_id
        if group_id is None:
            return
        order = LinkOrder(incident_id=group_id, fact=said, received_at=told.received_at)
        answer = await self._tell(order)
        if (answer.receipt or {}).get("rule") == CONFLICT and self._book.incident.rules_version >= 2:
            again = {**said, "fact_id": self._link_id("pass", told)}
            await self._tell(order.model_copy(update={"fact": again}))

    async def _let_go(self, told: Told, fact: MemberLeft) -> None:
        leaving = {
            "kind": "member_left",
            "fact_id": self._link_id("left", told),
            "by": WITHIN,
            "incident_id": fact.incident_id,
            "reason": fact.reason,
        }
        await self._tell(LinkOrder(incident_id=fact.incident_id, fact=leaving, received_at=told.received_at))

    def _link_id(self, what: str, told: Told) -> str:
        """Of this incident's entry alone: callers may tell several members the same fact under one id."""
        return f"{what}:{self._book.incident.incident_id}:{self._book.verdicts[told.fact_id].receipt.sequence}"

    async def _tell(self, order: LinkOrder) -> LinkAnswer:
        """Tried until it is received, pending in the UI meanwhile. What nobody receives any more leaves an entry."""
        try:
            answer = await workflow.execute_activity(
                TELL_INCIDENT,
                order,
                result_type=LinkAnswer,
                start_to_close_timeout=LIMIT,
                schedule_to_close_timeout=AT_MOST,
                retry_policy=RETRY,
                summary=f"{order.fact.get('kind')} → {order.incident_id}",
            )
        except ActivityError as error:
            answer, why = LinkAnswer(gone=True), str(error.cause or error)[:300]
        else:
            why = f"there is no incident {order.incident_id} any more"
        if answer.gone:
            self._book.note("link_failed", workflow.now(), to=order.incident_id, why=why)
        return answer
