"""The incident's reports to the watches: what they would see of it, whenever that has changed (A23; R14).

One at a time, so that the newest is never followed by an older one. Whom it may concern, the activity knows.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.names import REPORT_SIGHTING
from plan.book import Book
from plan.sighting import SightingOrder, sighting_order
from workflows.background import Background

LIMIT = timedelta(seconds=12)
AT_MOST = timedelta(days=7)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class Watching:
    """Reports what changed, until it is received."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background
        self._under_way = False

    @property
    def owes(self) -> bool:
        """Something a watch would see has changed, and is not reported yet."""
        return self._order() is not None

    def report_what_changed(self) -> None:
        order = None if self._under_way else self._order()
        if order is not None:
            self._under_way = True
            self._background.begin(self._report(order))

    def _order(self) -> SightingOrder | None:
        book = self._book
        return sighting_order(book.incident, book.playbook, book.reported, book.sequence)

    async def _report(self, order: SightingOrder) -> None:
        """Tried for a week. What no watch has received by then leaves an entry."""
        try:
            await workflow.execute_activity(
                REPORT_SIGHTING,
                order,
                start_to_close_timeout=LIMIT,
                schedule_to_close_timeout=AT_MOST,
                retry_policy=RETRY,
                summary="告知观察：现状有变",
            )
        except ActivityError as error:
            self._book.note("unwatched", workflow.now(), why=str(error.cause or error)[:300])
        finally:
            self._under_way = False
        self._book.reported = order.sighting
