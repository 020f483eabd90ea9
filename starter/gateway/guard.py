"""A fault of our own is answered without its text and logged by its kind: the text may hold what a customer said."""

import logging
import os
import traceback
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.gateway.arrival import arrived
from starter.gateway.problems import fault

log: Final = logging.getLogger(__name__)


class Guard:
    """Middleware. Where an answer has begun already, the connection is cut, so that nobody takes it for whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:  # the outer door: no traceback reaches a caller
            request = Request(scope)
            verbose = error if os.environ.get("TOCSIN_DEBUG") == "1" else None
            log.error("request %s: %s", arrived(request).request_id, _kind(error), exc_info=verbose)
            if begun:
                raise Cut from None
            await fault(request)(scope, receive, send)


def _kind(error: Exception) -> str:
    """What it is and where it came up."""
    steps = traceback.extract_tb(error.__traceback__)
    return (
        f"{type(error).__name__} in {Path(steps[-1].filename).name}:{steps[-1].lineno}" if steps else repr(type(error))
    )


class Cut(Exception):
    """An answer broken off; the server closes the connection."""
