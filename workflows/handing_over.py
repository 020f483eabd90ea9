"""What an incident leaves to be done, on its way to its unit's register (R58-R63): one step after the other, in order.

The incident does not end before all of it is received, so that an action outlives it. What no register receives in a
week leaves an entry.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.names import FINISH_ACTION, OPEN_ACTION
from plan.actions import HandOver, to_hand_over
from plan.book import Book
from plan.register_items import FinishActionOrder, OpenActionOrder
from runtime.names import register_id
from workflows.background import Background

LIMIT = timedelta(seconds=12)
AT_MOST = timedelta(days=7)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class HandingOver:
    """Hands over what the register has not been told of."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background
        self._under_way = False

    @property
    def owes(self) -> bool:
        return self._next() is not None

    def begin(self) -> None:
        step = None if self._under_way else self._next()
        if step is not None:
            self._under_way = True
            self._background.begin(self._hand_over(step))

    def _next(self) -> HandOver | None:
        return to_hand_over(self._book.incident, self._book.playbook, self._book.handed)

    async def _hand_over(self, step: HandOver) -> None:
        try:
            await workflow.execute_activity(
                FINISH_ACTION if step.done else OPEN_ACTION,
                self._order(step),
                start_to_close_timeout=LIMIT,
                schedule_to_close_timeout=AT_MOST,
                retry_policy=RETRY,
                summary=f"{step.action.action_id} → {register_id(step.unit)}",
            )
        except ActivityError as error:
            why = str(error.cause or error)[:300]
            self._book.note("link_failed", workflow.now(), to=register_id(step.unit), why=why)
        finally:
            self._under_way = False
        self._book.handed = {**self._book.handed, step.key: step.unit}

    def _order(self, step: HandOver) -> OpenActionOrder | FinishActionOrder:
        action, incident = step.action, self._book.incident
        if step.done:
            return FinishActionOrder(unit=step.unit, action_id=action.action_id, note=action.note, at=step.at)
        said = {
            "action_id": action.action_id,
            "text": action.text,
            "owner": action.owner,
            "due_at": action.due_at.isoformat(),
            "feeds": action.feeds.value,
            "from_incident": incident.incident_id,
            "outlet": incident.place if incident.place != incident.unit else None,
        }
        return OpenActionOrder(unit=step.unit, action=said, at=step.at)
