"""A browser's session: a cookie with a random id, and a row that says whose it is (ADR 26).

The cookie can be read by no script, is sent to this host alone, and by https only where browsers reach us by it. Every
sign-in begins a new session and ends the one before. Errors: Unreachable, Misconfigured.
"""

from datetime import datetime
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from runtime.records.sessions import LONGEST, begin_session, end_session, session
from starter.gateway.opened import OpenedStore
from starter.gateway.own import over_tls

PLAIN: Final = "tocsin"
SECURE: Final = "__Host-tocsin"
"""A name that browsers accept by https alone, for the whole host, from the host itself."""


class Sessions:
    def __init__(self, store: OpenedStore) -> None:
        self._store = store

    async def person(self, shown: str, now: datetime) -> str | None:
        """Whose session it is; None where it is none, or over."""
        found = await self._store.do(lambda store: session(store, shown, now=now))
        return found.person if found else None

    async def begin(
        self, connection: HTTPConnection, response: Response, person: str, *, way: str, now: datetime
    ) -> None:
        before = shown_ids(connection)
        new = await self._store.do(lambda store: begin_session(store, person, way=way, now=now))
        for each in before:
            await self._store.do(lambda store, each=each: end_session(store, each))
        response.set_cookie(
            cookie_name(connection),
            new,
            max_age=int(LONGEST.total_seconds()),
            path="/",
            secure=over_tls(connection),
            httponly=True,
            samesite="lax",
        )

    async def end(self, connection: HTTPConnection, response: Response) -> None:
        for each in shown_ids(connection):
            await self._store.do(lambda store, each=each: end_session(store, each))
        name = cookie_name(connection)
        response.delete_cookie(name, path="/", secure=over_tls(connection), httponly=True, samesite="lax")


def cookie_name(connection: HTTPConnection) -> str:
    return SECURE if over_tls(connection) else PLAIN


def shown_ids(connection: HTTPConnection) -> list[str]:
    """Every value that is shown under our cookie's name, however often it is there."""
    name = cookie_name(connection)
    pairs = (pair.strip().partition("=") for line in connection.headers.getlist("cookie") for pair in line.split(";"))
    return [value for key, _, value in pairs if key == name]
