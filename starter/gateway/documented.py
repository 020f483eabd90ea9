"""How a path's answers and bodies are written down, so that each route says its own beside its code.

    @router.post(PATH, **documented(201, FiledAnswer, "…", problems=(409, 422), body=Body(...)))

`openapi.py` makes the document of it: problems get their media type there, schemas of bodies are added. Examples are
checked against the models by the tests.
"""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from starter.gateway.answers import RefusedProblem
from starter.gateway.bodies import JSON
from starter.gateway.idempotency import LONGEST
from starter.gateway.problems import MEDIA_TYPE, Problem

ALWAYS: Final = (401, 403, 429, 500, 503)
"""What any call may be answered with."""
MEANS: Final[Mapping[int, str]] = {
    401: "没有有效的密钥或会话 · No valid key or session",
    403: "无权限，或不在管辖范围 · Not with this key, or not there",
    404: "没有这一事件，或不可见 · No such incident, or none the caller may know of",
    408: "请求体发送过慢 · The body did not come in time",
    409: "与制度或已有内容不符 · Refused by the plan, or the id has other content",
    410: "已结束且只存记录 · Over, and only its record is kept",
    413: "请求体过大 · The body is too large",
    415: "不支持此内容类型 · Another media type, charset or encoding",
    422: "无法读取，逐项列明 · Malformed; every fault is named",
    429: "请求过多 · Too many calls; Retry-After says when to come back",
    500: "系统自身错误 · A fault of Tocsin itself",
    503: "Temporal、工作进程或记录库不应答 · Away; nothing was accepted; Retry-After says when to try again",
}
WITH_A_BODY: Final = (408, 413, 415, 422)
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The caller's own name for this call, in quotes: the same again is done once. Where the body has an "
    "id, that names it. The same key with other content is 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"^[!#-+\--~]+$|^\"[ !#-\[\]-~]+\"$"},
    "example": '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
}


class Body(NamedTuple):
    """A request body: which schema of the document, in which media types, with which examples by name."""

    schema: str
    examples: Mapping[str, Any]
    media_types: Sequence[str] = (JSON,)
    description: str = ""


def answer(model: type[BaseModel] | UnionType, description: str, **headers: str) -> dict[str, Any]:
    """One answer; `headers` by name, with underscores for hyphens."""
    found: dict[str, Any] = {"model": model, "description": description}
    if headers:
        found["headers"] = {
            name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        }
    return found


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problems; a 409 may hold the receipt of a fact."""
    return {
        status: {
            "model": RefusedProblem if status == 409 else Problem,
            "description": MEANS[status],
            "content": {MEDIA_TYPE: {}},
        }
        for status in sorted({*statuses, *ALWAYS})
    }


def body(*bodies: Body, keyed: bool = True) -> dict[str, Any]:
    """The body of a call, and whether it takes an Idempotency-Key."""
    content = {
        media_type: {
            "schema": {"$ref": f"#/components/schemas/{each.schema}"},
            "examples": {name: {"value": value} for name, value in each.examples.items()},
        }
        for each in bodies
        for media_type in each.media_types
    }
    said = " ".join(each.description for each in bodies if each.description)
    found: dict[str, Any] = {
        "requestBody": {"required": True, "content": content, **({"description": said} if said else {})}
    }
    return {**found, **({"parameters": [IDEMPOTENCY_KEY]} if keyed else {})}
