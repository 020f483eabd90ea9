"""Who calls in the tests, complaints of theirs, and what an answer must look like whatever went wrong."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

import httpx

from plan.access import Caller, Scope, caller_of
from runtime.documents import SAMPLE, load_organisation

OUTLET: Final = "gd-gz-th-0001"
LEAD: Final = f"{OUTLET}.lead"
ORGANISATION: Final = load_organisation(SAMPLE)


def system(name: str = "crm", *scopes: Scope, units: tuple[str, ...] = ("hq",), insurer: str | None = None) -> Caller:
    """A system with a key for these units; every scope where none is named."""
    return Caller(id=f"system:{name}", scopes=frozenset(scopes or Scope), units=units, insurer=insurer)


def person(name: str) -> Caller:
    """Somebody of the sample organisation, with what it gives."""
    found = caller_of(ORGANISATION, name)
    assert found is not None
    return found


def complaint(**changed: Any) -> dict[str, Any]:
    """A complaint at an outlet, new each time."""
    body: dict[str, Any] = {
        "incident_id": f"H-{uuid4().hex[:10]}",
        "channel": "outlet",
        "subject": "returns",
        "outlet": OUTLET,
        "insurer": "anhe-life",
        "reason": "收益与介绍不符",
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


async def filed(http: httpx.AsyncClient, **changed: Any) -> str:
    """File one and give back its id."""
    answer = await http.post("/v1/incidents", json=complaint(**changed))
    assert answer.status_code == 201, answer.text
    incident_id: str = answer.json()["incident_id"]
    return incident_id


async def until(seen: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it is so; whoever waits in vain is ended by the test's own limit."""
    while not await seen():
        pass


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem an answer holds; every error is one, with nothing of ours in it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["type"].startswith("urn:tocsin:problem:")
    assert "Traceback" not in answer.text
    return said
