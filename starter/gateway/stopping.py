"""Told when the gateway stops, so that what would answer for ever ends: a stream waits for this too.

    stopping = stopping_of(request)
    await next_or(stopping.wait())

A stream that goes on is cut off a few seconds later.
"""

import asyncio

from starlette.requests import HTTPConnection


def stopping_of(connection: HTTPConnection) -> asyncio.Event:
    """Set once the gateway stops."""
    stopping = connection.app.state.stopping
    if not isinstance(stopping, asyncio.Event):
        raise TypeError("the app was made without its stopping")
    return stopping
