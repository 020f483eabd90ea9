"""The keys that are good, as the gateway knows them: no key needs a restart, none needs the database at each call.

They are read again once they are a second old, behind the caller's back; who calls after two seconds of silence waits
for it. So a key that is revoked is dead within two seconds. While the database is away the last that was read goes on
for an hour, then nobody is let in by a key: better late than wrong. Units: monotonic seconds.
Errors: Unreachable where nothing was read, or too long ago.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from plan.errors import TocsinError, Unreachable
from runtime.records.access_keys import SPELLING, AccessKey, hash_of, keys, note_use
from runtime.records.engine import Store
from starter.gateway.opened import OpenedStore

FRESH: Final = 1.0
STALE: Final = 2.0
AT_MOST: Final = 3600.0
WAIT: Final = 3.0
"""How long a caller waits for keys to be read again before the last ones are used."""
AGAIN: Final = 5.0
"""After a reading failed nobody waits for another one this long."""
NOTED: Final = timedelta(hours=1)
"""How exactly it is kept when a key was last used."""
_NOBODY: Final = "0" * 64

log: Final = logging.getLogger(__name__)


class KnownKeys:
    def __init__(self, store: OpenedStore, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store, self._monotonic = store, monotonic
        self._known: Mapping[str, AccessKey] = {}
        self._read_at: float | None = None
        self._failed_at: float | None = None
        self._used: dict[str, datetime] = {}
        self._reading: asyncio.Task[None] | None = None

    async def of(self, shown: str, now: datetime) -> AccessKey | None:
        """The key of this text, if it is good; None for any other, whatever is wrong with it."""
        spelt = SPELLING.fullmatch(shown)
        await self._current()
        key = self._known.get(spelt[1]) if spelt else None
        same = hmac.compare_digest(hash_of(shown), key.hash if key else _NOBODY)
        if key is None or not same or not key.good_at(now):
            return None
        if key.used_at is None or now - key.used_at >= NOTED:
            self._used.setdefault(key.key_id, now)
        return key

    def away_for(self) -> float | None:
        """Seconds since the keys were last read, while the database is away; None while it answers."""
        if self._failed_at is None or self._read_at is None:
            return None
        return self._monotonic() - self._read_at

    async def _current(self) -> None:
        """Twice at most: what was being read already may be older than what is needed."""
        for _ in range(2):
            age, failed = self._age(), self._since_it_failed()
            if age >= FRESH and failed >= FRESH and self._reading is None:
                self._reading = asyncio.create_task(self._read())
                self._reading.add_done_callback(self._has_read)
            if age < STALE or failed < AGAIN or self._reading is None:
                break
            await asyncio.wait([self._reading], timeout=WAIT)
        if self._age() > AT_MOST:
            raise Unreachable("The keys cannot be read: the records' database does not answer. Try again in a moment.")

    def _since_it_failed(self) -> float:
        return float("inf") if self._failed_at is None else self._monotonic() - self._failed_at

    def _age(self) -> float:
        return float("inf") if self._read_at is None else self._monotonic() - self._read_at

    async def _read(self) -> None:
        begun = self._monotonic()
        used, self._used = self._used, {}
        try:
            found = await self._store.do(lambda store: _read(store, used))
        except TocsinError as failed:
            if self._failed_at is None:
                log.warning("the keys cannot be read (%s); the last that were read go on", type(failed).__name__)
            self._failed_at, self._used = self._monotonic(), used | self._used
        else:
            # the instant at which reading began: what was changed meanwhile may not be in it
            self._known, self._read_at, self._failed_at = {key.key_id: key for key in found}, begun, None

    def _has_read(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("reading the keys failed: %s", type(fault).__name__)


def _read(store: Store, used: Mapping[str, datetime]) -> list[AccessKey]:
    """What is noted is only for people to see: a role that may not write it reads all the same."""
    found = keys(store)
    if used:
        try:
            note_use(store, used)
        except TocsinError:
            return found
        return [key.model_copy(update={"used_at": used.get(key.key_id, key.used_at)}) for key in found]
    return found
