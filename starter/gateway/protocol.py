"""HTTP as uvicorn speaks it, with an end to waiting: a request whose head does not come is not waited for.

uvicorn 0.54 has a limit between requests (`timeout_keep_alive`), none from a head's first byte to its last.
tests/gateway/test_limits.py tells when it has one, and this can go.
"""

import asyncio
from datetime import timedelta
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN: Final = timedelta(seconds=10)


class Protocol(H11Protocol):
    """A connection is closed when no whole head has come within `head_within` of its beginning."""

    head_within: timedelta = HEAD_WITHIN
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        answering = self.cycle is not None and not self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]
        if answering:
            self._wait_no_more()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.head_within.total_seconds(), self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()
