"""Subscriptions: another system is told of every change of state within its units (contract, section 9; decision 27).

A caller sees and changes its own alone; another's is answered as one that does not exist.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Path
from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan.access import Caller, Scope
from plan.errors import Refused, Unreachable
from plan.malformed import malformed
from plan.subscriptions import NewSubscription, Subscription
from plan.values import Instant, Kept
from runtime.records.engine import Store
from runtime.records.subscriptions import (
    OVERLAP,
    end,
    resume,
    rotate,
    subscribe,
    subscription,
    subscriptions,
)
from starter.gateway.bodies import json_object
from starter.gateway.documented import WITH_A_BODY, Body, answer, body, problems
from starter.gateway.parts import Parts, parts_of
from starter.gateway.permission import permit_somewhere
from starter.gateway.problems import Forbidden
from starter.kept import in_store
from starter.subscribing import check_address, delivery, reach_of, tried, wake

router = APIRouter(tags=["subscriptions"])

PATIENCE: Final = 8.0
EXAMPLE: Final = {
    "url": "https://crm.example.cn/tocsin",
    "types": ["cn.tocsin.incident.crisis", "cn.tocsin.clock.breached"],
    "units": ["gd-gz-th"],
}
SubscriptionId = Annotated[str, Path(pattern="^sub-[0-9a-f]{16}$", examples=["sub-5d1c0a9be1d84c6f"])]
Answer = TypeVar("Answer")


class Shown(Kept):
    """`units`: each with everything below it; none is the whole organisation. `types`: none are all."""

    id: str = Field(examples=["sub-5d1c0a9be1d84c6f"])
    system: str = Field(examples=["system:crm"])
    url: str = Field(examples=["https://crm.example.cn/tocsin"])
    types: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    insurer: str | None = None
    created_at: Instant
    paused_at: Instant | None = Field(None, description="Nothing is sent, nothing is lost, until it is resumed.")
    why: str | None = None


class Made(Shown):
    secret: str = Field(examples=["whsec_…"], description="What each event is signed with. It is shown only here.")


class Looked(Shown):
    delivery: dict[str, Any] | None = Field(
        None, description="What its feed says of itself; null where nothing was told yet, or no worker answers."
    )


class Listed(Kept):
    subscriptions: tuple[Shown, ...]


class TriedAnswer(Kept):
    delivered: bool
    answer: str = Field(description="The receiver's status, or why there was none.", examples=["204"])


class NewSecret(Kept):
    secret: str = Field(examples=["whsec_…"])
    before_until: Instant = Field(description="Until then the secret before signs too.")


@router.post(
    "/v1/subscriptions",
    summary="订阅事件 · Subscribe to events",
    status_code=201,
    response_class=Response,
    responses={201: answer(Made, "已订阅 · Subscribed"), **problems(409, *WITH_A_BODY)},
    openapi_extra=body(Body("NewSubscription", {"crises": EXAMPLE}), keyed=False),
)
async def add(request: Request) -> Response:
    """Each change of state from now on is POSTed to `url` as a CloudEvent, signed by Standard Webhooks.

    Without `units`, of all that the key reaches; never of more. An address in a private network is refused unless the
    operator has named it.
    """
    parts, caller = await _caller(request)
    said = await json_object(request)
    wanted = _read(said)
    try:
        reach = reach_of(await parts.directory.organisation(), caller, wanted.units)
    except Refused as refused:
        raise Forbidden(str(refused), rule=refused.rule) from refused
    await check_address(wanted, parts.settings.hosts_for_events)
    made, secret = await _in_store(
        parts, lambda store: subscribe(store, wanted, system=caller.id, units=reach.units, insurer=reach.insurer)
    )
    shown = Made(**made.model_dump(), secret=secret)
    headers = {"Location": f"/v1/subscriptions/{made.id}", "Cache-Control": "no-store"}
    return JSONResponse(shown.model_dump(mode="json"), 201, headers=headers)


@router.get(
    "/v1/subscriptions",
    summary="我的订阅 · Subscriptions",
    responses={200: answer(Listed, "有效者 · In force"), **problems()},
)
async def mine(request: Request) -> Listed:
    """Those of the caller that are in force, oldest first. No secret is shown."""
    parts, caller = await _caller(request)
    found = await _in_store(parts, partial(subscriptions, system=caller.id))
    return Listed(subscriptions=tuple(Shown(**each.subscription.model_dump()) for each in found))


@router.get(
    "/v1/subscriptions/{subscription_id}",
    summary="一项订阅 · One subscription",
    responses={200: answer(Looked, "订阅及其送达情况 · With how its delivery goes"), **problems(404, 422)},
)
async def one(request: Request, subscription_id: SubscriptionId) -> Looked:
    parts, caller = await _caller(request)
    found = await _own(parts, caller, subscription_id)
    try:
        said = await delivery(await parts.temporal.client(), found)
    except Unreachable:
        said = None
    return Looked(**found.model_dump(), delivery=said)


@router.delete(
    "/v1/subscriptions/{subscription_id}",
    summary="退订 · Unsubscribe",
    status_code=204,
    response_class=Response,
    responses=problems(404, 422),
)
async def remove(request: Request, subscription_id: SubscriptionId) -> Response:
    """For good. What waits is told no more."""
    parts, caller = await _caller(request)
    found = await _own(parts, caller, subscription_id)
    await _in_store(parts, partial(end, id=subscription_id, why=f"ended by {caller.id}"))
    await _wake(parts, found)
    return Response(status_code=204)


@router.post(
    "/v1/subscriptions/{subscription_id}/test",
    summary="发送测试事件 · Send a test event",
    responses={200: answer(TriedAnswer, "接收方的应答 · What the receiver answered"), **problems(404, 422)},
)
async def test(request: Request, subscription_id: SubscriptionId) -> TriedAnswer:
    """One event of the type `cn.tocsin.test`, once; a paused subscription can be tried too."""
    parts, caller = await _caller(request)
    found = await _own(parts, caller, subscription_id)
    return TriedAnswer.model_validate(await tried(await parts.temporal.client(), found))


@router.post(
    "/v1/subscriptions/{subscription_id}/secret",
    summary="更换签名密钥 · Exchange the secret",
    response_class=Response,
    responses={200: answer(NewSecret, "新密钥 · The new secret"), **problems(404, 422)},
)
async def exchange(request: Request, subscription_id: SubscriptionId) -> Response:
    """For a day events carry two signatures, the new one first; exchanged again, the oldest signs no more."""
    parts, caller = await _caller(request)
    secret = await _in_store(parts, partial(rotate, id=subscription_id, system=caller.id))
    said = NewSecret(secret=secret, before_until=datetime.now(UTC) + OVERLAP)
    return JSONResponse(said.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


@router.post(
    "/v1/subscriptions/{subscription_id}/resume",
    summary="恢复推送 · Resume",
    status_code=204,
    response_class=Response,
    responses=problems(404, 422),
)
async def go_on(request: Request, subscription_id: SubscriptionId) -> Response:
    """After a pause, or when a receiver is up again: whatever waits is tried now."""
    parts, caller = await _caller(request)
    found = await _own(parts, caller, subscription_id)
    await _in_store(parts, partial(resume, id=subscription_id))
    await _wake(parts, found)
    return Response(status_code=204)


async def _caller(request: Request) -> tuple[Parts, Caller]:
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    permit_somewhere(caller, Scope.EVENTS)
    return parts, caller


def _read(said: dict[str, object]) -> NewSubscription:
    try:
        return NewSubscription.model_validate(said)
    except ValidationError as wrong:
        raise malformed(wrong, "the subscription") from wrong


async def _own(parts: Parts, caller: Caller, id: str) -> Subscription:
    found = await _in_store(parts, partial(subscription, id=id, system=caller.id))
    return found.subscription


async def _in_store(parts: Parts, work: Callable[[Store], Answer]) -> Answer:
    try:
        async with asyncio.timeout(PATIENCE):
            return await in_store(parts.settings, work)
    except TimeoutError:
        raise Unreachable("The records' database does not answer in time. Try again in a moment.") from None


async def _wake(parts: Parts, found: Subscription) -> None:
    try:
        await wake(await parts.temporal.client(), found)
    except Unreachable:
        return
