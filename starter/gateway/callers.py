"""Who asks: a system by its key, a person by a session, and one answer for whatever is wrong with what was shown.

    caller = await parts.callers.caller(request)

Exactly one credential: `Authorization: Bearer tcs_…`, or the cookie of a session. With several nobody could say which
of them acts. What stands in the address counts for nothing: addresses are logged everywhere. A session that changes
something must come from a page of ours. Errors: Unauthenticated; Forbidden; Unreachable.
"""

from datetime import datetime
from typing import Final

from starlette.requests import HTTPConnection

from plan.access import Caller, Scope, caller_of
from runtime.records.access_keys import AccessKey
from runtime.settings import Settings
from starter.gateway.known_keys import KnownKeys
from starter.gateway.opened import OpenedStore
from starter.gateway.own import SAFE, from_our_own_page
from starter.gateway.parts import parts_of
from starter.gateway.problems import Unauthenticated
from starter.gateway.sessions import Sessions, shown_ids

SCHEME: Final = "bearer"
_SAID: Final = (
    "没有有效的凭证。系统请在 Authorization 中提供一把有效的密钥，个人请登录。"
    " No valid credential. A system shows one good key (Authorization: Bearer tcs_…), a person signs in; "
    "`tocsin keys` makes a key."
)


class StoredCallers:
    """As the store of records has them."""

    def __init__(self, settings: Settings, *, store: OpenedStore | None = None, keys: KnownKeys | None = None) -> None:
        self.store = store or OpenedStore(settings)
        self.keys = keys or KnownKeys(self.store)
        self.sessions = Sessions(self.store)

    async def caller(self, connection: HTTPConnection) -> Caller:
        shown, cookies = connection.headers.getlist("authorization"), shown_ids(connection)
        if len(shown) + len(cookies) != 1:
            raise Unauthenticated(_SAID)
        now = parts_of(connection).clock.now()
        return await (self._system(connection, shown[0], now) if shown else self._person(connection, cookies[0], now))

    async def _system(self, connection: HTTPConnection, shown: str, now: datetime) -> Caller:
        scheme, _, text = shown.partition(" ")
        key = await self.keys.of(text if scheme.lower() == SCHEME else "", now)
        organisation = await parts_of(connection).directory.organisation()
        if key is None or not any(system.id == key.system for system in organisation.systems):
            raise Unauthenticated(_SAID)
        return system_of(key)

    async def _person(self, connection: HTTPConnection, shown: str, now: datetime) -> Caller:
        person = await self.sessions.person(shown, now)
        caller = caller_of(await parts_of(connection).directory.organisation(), person) if person else None
        if caller is None:
            raise Unauthenticated(_SAID)
        if connection.scope.get("method", "GET") not in SAFE:
            from_our_own_page(connection)
        return caller


def system_of(key: AccessKey) -> Caller:
    """A scope that this version does not know gives nothing."""
    scopes = frozenset(Scope(each) for each in key.scopes if each in set(Scope))
    return Caller(id=key.system, scopes=scopes, units=key.units, insurer=key.insurer)
