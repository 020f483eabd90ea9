"""The simulators of another process, told and asked over HTTP: what a bench, or a worker about to be killed, uses.

It blocks; an asyncio program calls it in a thread. Errors: urllib's where nobody answers or the request was wrong.
"""

import json
import urllib.request
from typing import Any, cast
from urllib.parse import urlencode

from tests.simulators.control import ARRIVALS, Opened
from tests.simulators.faults import EVERYWHERE, Fault
from tests.simulators.inbox import Arrival, Inbox


class Remote:
    """`control` is the address that stands in the simulators' `addresses`."""

    def __init__(self, control: str) -> None:
        self._control = control.rstrip("/")

    def addresses(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self._call("")))

    def open(self, asked: Opened) -> Inbox:
        return Inbox.model_validate_json(self._call("/inboxes", asked.model_dump_json()))

    def fault(self, place: str, *faults: Fault) -> None:
        told = {"inbox": place, "faults": [fault.model_dump(mode="json") for fault in faults]}
        self._call("/faults", json.dumps(told))

    def mend(self) -> None:
        self._call("/mend", "{}")

    def release(self) -> None:
        self._call("/release", "{}")

    def forget(self) -> None:
        self._call("/forget", "{}")

    def arrivals(self, place: str = EVERYWHERE, *, after: int = 0, wait: int = 0) -> list[Arrival]:
        """What came after this number, in the order it came; so many seconds are waited for the first of it."""
        asked = urlencode({"inbox": place, "after": after, "wait": wait})
        return ARRIVALS.validate_json(self._call(f"/arrivals?{asked}"))

    def _call(self, path: str, body: str | None = None) -> bytes:
        """Past every proxy: it is on this machine."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self._control + path, data=body.encode() if body else None, timeout=60) as answer:
            return cast("bytes", answer.read())
