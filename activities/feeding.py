"""Telling a subscription what happened: reads incidents' records, makes events of them, posts them signed (R14, R29).

An event is taken when the receiver answers 2xx. Of one incident they go in order, each only after the one before was
taken; several incidents go side by side. Safe to repeat: an event is the same bytes under the same `webhook-id`.
- 408, 425, 429, 5xx, no connection, no answer in time, an address that may not be reached: nothing is taken now.
- 410: the receiver wants no more; the subscription ends.
- anything else: this event is refused; its incident waits, others go on.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.channels.answers import passing, wait_asked
from activities.channels.signing import signatures
from activities.destinations import NotThere, destination
from activities.http import HTTP, BadAddress, NoAnswer
from activities.names import DELIVER_EVENTS, RECORDS_AWAY, TRY_SUBSCRIPTION
from activities.record_pages import NoAnswerYet, Page, RecordPages
from activities.shelf import Shelf
from activities.subscribers import Subscribers
from plan.errors import TocsinError
from plan.events import Cursor, Event, events, trial
from plan.feeding import LIMIT, FeedAnswer, FeedOrder, Sent
from plan.values import Kept
from runtime.records.subscriptions import Keyed, end, pause

WORK: Final = timedelta(seconds=6)
"""After so long no further event is begun: the workflow hears how far it came, and who else waits gets a turn."""
SIDE_BY_SIDE: Final = 8
GONE: Final = 410


class TryOrder(Kept):
    subscription: str
    reference: str


class Tried(Kept):
    """`answer`: the status, or why there was none."""

    delivered: bool
    answer: str


class Trouble(Exception):
    """What stood in the way. `down`: it would stand in the way of anything else too."""

    def __init__(self, why: str, *, down: bool, retry_after: timedelta | None = None, gone: bool = False) -> None:
        super().__init__(why)
        self.why, self.down, self.gone = why, down, gone
        self.retry_after = retry_after.total_seconds() if retry_after else None


class FeedActivities:
    def __init__(
        self, client: Client, http: HTTP, subscribers: Subscribers, shelf: Shelf, *, hosts: Sequence[str] = ()
    ) -> None:
        self._http, self._subscribers, self._shelf, self._hosts = http, subscribers, shelf, hosts
        self._pages = RecordPages(client, shelf)

    @activity.defn(name=DELIVER_EVENTS)
    async def deliver_events(self, order: FeedOrder) -> FeedAnswer:
        if not order.cursors:
            self._subscribers.forget()  # somebody has changed it, and woke its feed
        keyed = await self._keyed(order.subscription)
        if keyed is None:
            return FeedAnswer(ended=True)
        if keyed.subscription.paused_at is not None:
            return FeedAnswer(paused=True)
        if self._subscribers.has_no_key(keyed.subscription.system):
            none = [Sent(cursor=cursor, trouble="no key", down=True) for cursor in order.cursors[:1]]
            return await self._judged(order, none)
        round_ = _Round(self, keyed)
        sent = await asyncio.gather(*(round_.tell(cursor) for cursor in order.cursors))
        if round_.gone:
            return FeedAnswer(sent=tuple(sent), ended=await self._ended(order.subscription))
        return await self._judged(order, sent)

    @activity.defn(name=TRY_SUBSCRIPTION)
    async def try_subscription(self, order: TryOrder) -> Tried:
        """Once, whatever becomes of it; a paused subscription may be tried too."""
        keyed = await self._keyed(order.subscription)
        if keyed is None:
            return Tried(delivered=False, answer="ended")
        body = trial(order.reference, order.subscription, datetime.now(UTC))
        try:
            return Tried(delivered=True, answer=str(await self.post(keyed, order.reference, body)))
        except Trouble as trouble:
            return Tried(delivered=False, answer=trouble.why)

    async def post(self, keyed: Keyed, id: str, body: bytes) -> int:
        """The status of a receiver that has taken it. Errors: Trouble."""
        now, url = datetime.now(UTC), keyed.subscription.url
        stamp, own_id = int(now.timestamp()), quote(id, safe="/:~").replace(".", "%2E")
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "idempotency-key": id,
            "webhook-id": own_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signatures(keyed.signing(now), message_id=own_id, timestamp=stamp, body=body),
        }
        try:
            at = await destination(url, self._hosts)
            answer = await self._http.post(url, content=body, headers=headers, at=at)
        except (NotThere, BadAddress, NoAnswer) as failed:
            raise Trouble(str(failed), down=True) from None
        if not 200 <= answer.status < 300:
            wait = wait_asked(answer.headers.get("retry-after"), now)
            down = passing(answer.status)
            raise Trouble(str(answer.status), down=down, retry_after=wait, gone=answer.status == GONE)
        return answer.status

    async def page(self, cursor: Cursor) -> Page | None:
        return await self._pages.after(cursor.incident_id, cursor.sequence)

    async def _keyed(self, id: str) -> Keyed | None:
        try:
            return await self._subscribers.one(id)
        except TocsinError as away:
            raise ApplicationError(str(away), type=RECORDS_AWAY) from None

    async def _judged(self, order: FeedOrder, sent: Sequence[Sent]) -> FeedAnswer:
        """Who has not answered for too long is paused; what waits is told once somebody resumes it."""
        since = order.failing_since
        down = any(each.down for each in sent) and not any(each.events for each in sent)
        if since is None or not down or datetime.now(UTC) - since < LIMIT:
            return FeedAnswer(sent=tuple(sent))
        try:
            why = f"no event was taken for {LIMIT.days} days"
            await self._shelf.ask(lambda store: pause(store, order.subscription, why=why))
        except TocsinError:
            return FeedAnswer(sent=tuple(sent))
        self._subscribers.forget()
        return FeedAnswer(sent=tuple(sent), paused=True)

    async def _ended(self, id: str) -> bool:
        try:
            await self._shelf.ask(lambda store: end(store, id, why="the receiver answered 410"))
        except TocsinError:
            return False  # told again, and answered so again, when the store is there
        self._subscribers.forget()
        return True


class _Round:
    """One order: several incidents side by side, until the time is over or the receiver does not answer."""

    def __init__(self, feed: FeedActivities, keyed: Keyed) -> None:
        self._feed, self._keyed = feed, keyed
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self._until = asyncio.get_running_loop().time() + WORK.total_seconds()
        self._down = False
        self.gone = False

    async def tell(self, cursor: Cursor) -> Sent:
        async with self._slots:
            return await self._told(cursor)

    async def _told(self, start: Cursor) -> Sent:
        cursor, number = start, 0
        while not self._over():
            activity.heartbeat()
            try:
                page = await self._feed.page(cursor)
            except NoAnswerYet:
                return Sent(cursor=cursor, events=number, trouble="the incident does not answer")
            if page is None:
                return Sent(cursor=cursor, events=number, whole=True, over=True)
            if not self._keyed.subscription.concerns(page.about):
                return Sent(cursor=cursor, events=number, foreign=True)
            wanted = self._keyed.subscription
            steps = events(
                page.about,
                page.entries,
                cursor,
                since=wanted.created_at,
                types=frozenset(wanted.types),
                insurer=wanted.insurer,
            )
            for step in steps:
                if isinstance(step, Event):
                    if self._over():
                        return Sent(cursor=cursor, events=number)
                    try:
                        await self._post(step)
                    except Trouble as trouble:
                        return self._failed(cursor, number, trouble)
                    number += 1
                cursor = step.cursor if isinstance(step, Event) else step
            if page.last:
                return Sent(cursor=cursor, events=number, whole=True, over=page.over)
        return Sent(cursor=cursor, events=number)

    async def _post(self, event: Event) -> None:
        activity.heartbeat()
        await self._feed.post(self._keyed, event.id, event.body)

    def _failed(self, cursor: Cursor, number: int, trouble: Trouble) -> Sent:
        self._down = self._down or trouble.down
        self.gone = self.gone or trouble.gone
        return Sent(
            cursor=cursor, events=number, trouble=trouble.why, down=trouble.down, retry_after=trouble.retry_after
        )

    def _over(self) -> bool:
        return self._down or self.gone or asyncio.get_running_loop().time() > self._until
