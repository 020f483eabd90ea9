"""Answers to what went wrong: `application/problem+json` (RFC 9457), with the plan's rule where one refused.

    raise Forbidden("…")                              anywhere in a handler; app.py answers
    return problem(request, refused, receipt={...})   where the answer has more to say

A problem never holds a value that was sent, a traceback, a path of this machine, or anything personal. Its `type` is a
URN, stable for each kind of error; its title is for people, in both languages.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from plan.errors import (
    Conflict,
    Malformed,
    Misconfigured,
    NoSuchIncident,
    Refused,
    TocsinError,
    Unreachable,
)
from runtime.records.subscriptions import NoSuchSubscription
from starter.gateway.arrival import arrived

MEDIA_TYPE: Final = "application/problem+json"
AGAIN_AFTER: Final = 5
"""Seconds until it is worth asking again where Temporal or every worker is away."""
_OWN_FAULT: Final = "This is a fault of Tocsin itself. Report it with the request id; what was sent may be sent again."


class Unauthenticated(TocsinError):
    """Nobody we know: no key or session, or one that is unknown, altered, over or taken back. One text for all."""

    http_status = 401


class Forbidden(TocsinError):
    """Somebody we know, who may not do this, or not there."""

    http_status = 403

    def __init__(self, message: str, *, rule: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule


class TooMany(TocsinError):
    """More calls than agreed; `retry_after` in whole seconds."""

    http_status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class HTTPProblem(TocsinError):
    """What HTTP itself refuses: no such path, another method, a body that is too large or too slow."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.http_status = status
        self.headers = dict(headers or {})


class Flawed(BaseModel):
    """One fault of what was sent; `pointer` into the body (RFC 6901, as a fragment), or the name of a parameter."""

    pointer: str | None = Field(None, examples=["#/headcount"])
    parameter: str | None = Field(None, examples=["limit"])
    detail: str = Field(examples=["must be a whole number"])


class Problem(BaseModel):
    """How every error is answered (RFC 9457)."""

    type: str = Field(examples=["urn:tocsin:problem:refused"])
    title: str = Field(examples=["未被接受 · Refused"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["resolved was not accepted for GD-1 (R20): the insurer has not decided yet."])
    instance: str = Field(examples=["urn:tocsin:request:3f0c2a9be1d84c6f"])
    rule: str | None = Field(None, examples=["R20"], description="The rule of the plan that refused it.")
    errors: list[Flawed] | None = Field(None, description="Every fault of what was sent, one by one.")


class _Kind(NamedTuple):
    slug: str
    title: str


_KINDS: Final[Mapping[type[TocsinError], _Kind]] = {
    Conflict: _Kind("conflict", "内容冲突 · Conflict"),
    Refused: _Kind("refused", "未被接受 · Refused"),
    Malformed: _Kind("malformed", "输入有误 · Malformed"),
    NoSuchIncident: _Kind("no-such-incident", "没有这一事件 · No such incident"),
    NoSuchSubscription: _Kind("no-such-subscription", "没有这一订阅 · No such subscription"),
    Unreachable: _Kind("unreachable", "连不上 Temporal，或没有工作进程应答 · Unreachable"),
    Misconfigured: _Kind("misconfigured", "配置有误 · Misconfigured"),
    Unauthenticated: _Kind("unauthenticated", "未通过身份验证 · Unauthenticated"),
    Forbidden: _Kind("forbidden", "无权操作 · Forbidden"),
    TooMany: _Kind("too-many-calls", "请求过于频繁 · Too many calls"),
}
_STATUSES: Final[Mapping[int, _Kind]] = {
    400: _Kind("bad-request", "请求有误 · Bad request"),
    404: _Kind("no-such-path", "没有这一路径 · No such path"),
    405: _Kind("method-not-allowed", "不支持此方法 · Method not allowed"),
    406: _Kind("not-acceptable", "无法给出所要的格式 · Not acceptable"),
    408: _Kind("too-slow", "请求发送过慢 · Too slow"),
    410: _Kind("gone", "已不在线，记录仍在 · Gone; its record is kept"),
    413: _Kind("too-large", "请求过大 · Too large"),
    415: _Kind("unsupported-media-type", "不支持此内容类型 · Unsupported media type"),
}
_FAULT: Final = _Kind("fault", "系统内部错误 · Fault of Tocsin")


def problem(connection: HTTPConnection, error: TocsinError, **more: Any) -> Response:
    """The answer to an error. `more`: members of its own, such as a receipt."""
    content = {**problem_of(connection, error).model_dump(mode="json", exclude_none=True), **more}
    return JSONResponse(content, error.http_status, headers=_headers(error), media_type=MEDIA_TYPE)


def problem_of(connection: HTTPConnection, error: TocsinError) -> Problem:
    """What there is to say of an error, also where it is one of many in an answer."""
    return Problem(
        type=f"urn:tocsin:problem:{_kind(error).slug}",
        title=_kind(error).title,
        status=error.http_status,
        detail=_detail(error),
        instance=f"urn:tocsin:request:{arrived(connection).request_id}",
        rule=error.rule if isinstance(error, Refused | Forbidden) else None,
        errors=list(_errors(error)) or None,
    )


def fault(connection: HTTPConnection) -> Response:
    """The answer to a fault of our own, of which nothing is said but the request id."""
    return problem(connection, HTTPProblem(500, _OWN_FAULT))


def _kind(error: TocsinError) -> _Kind:
    if isinstance(error, HTTPProblem):
        return _STATUSES.get(error.http_status, _FAULT if error.http_status >= 500 else _STATUSES[400])
    return next((_KINDS[kind] for kind in type(error).__mro__ if kind in _KINDS), _FAULT)


def _detail(error: TocsinError) -> str:
    """What, why, what to do. What is misconfigured is for the log: it names files and settings of this machine."""
    if isinstance(error, Misconfigured):
        return "Tocsin is not set up correctly. Its log says what; ask whoever runs it, naming the request id."
    if isinstance(error, Malformed) and error.flaws:
        return str(error).partition("\n")[0].removesuffix(":") + "."
    return str(error)


def _errors(error: TocsinError) -> list[Flawed]:
    if not isinstance(error, Malformed):
        return []
    return [
        Flawed(
            pointer=f"#{flaw.pointer}" if flaw.parameter is None else None, parameter=flaw.parameter, detail=flaw.what
        )
        for flaw in error.flaws
    ]


def _headers(error: TocsinError) -> dict[str, str]:
    match error:
        case HTTPProblem():
            return error.headers
        case Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case TooMany():
            return {"Retry-After": str(error.retry_after)}
        case Unreachable():
            return {"Retry-After": str(AGAIN_AFTER)}
        case _:
            return {}
