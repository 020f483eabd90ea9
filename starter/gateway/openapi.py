"""The OpenAPI document: what FastAPI writes of the routes, put right and filled in.

FastAPI puts an answer's schema under `application/json` whatever its media type; problems are moved to their own. The
bodies' schemas are those of the models that read them, and say as these do that null says nothing. Every path under
/v1 takes a key, but for a personal link.
"""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from plan.complaint import Complaint
from plan.facts import FACT, MODELS
from plan.subscriptions import NewSubscription
from starter.gateway.cloud_event import CloudEvent
from starter.gateway.problems import MEDIA_TYPE
from starter.gateway.routes.incidents import view_schema

Json = dict[str, Any]
OPENAPI: Final = "3.1.0"
ABOUT: Final = (
    "按《代理保险投诉应急预案》受理投诉、登记事实、查询与统计。"
    "Files complaints, takes facts, and shows what is known, due and recorded under the plan. Errors are "
    "application/problem+json (RFC 9457) with the plan's rule where one refused. docs/http.md has the words to it."
)
PROBLEM: Final[Json] = {
    "type": "urn:tocsin:problem:malformed",
    "title": "输入有误 · Malformed",
    "status": 422,
    "detail": "the complaint cannot be read; put right and send it again.",
    "instance": "urn:tocsin:request:3f0c2a9be1d84c6f",
    "errors": [{"pointer": "#/reason", "detail": "is required; add it"}],
}
_KEY: Final[Json] = {
    "type": "http",
    "scheme": "bearer",
    "description": "A system's key, `tcs_…` (`tocsin keys`), with its scopes, for its units.",
}
WITHOUT_A_KEY: Final = ("/v1/notices/{token}/acknowledge",)
_TEMPLATE: Final = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Have the app serve this document at /openapi.json."""

    def openapi() -> Json:
        if not app.openapi_schema:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi


def document(app: FastAPI) -> Json:
    """The whole document."""
    made = get_openapi(
        title="Tocsin", version=_version(), openapi_version=OPENAPI, description=ABOUT, routes=app.routes
    )
    components = cast(Json, made.setdefault("components", {}))
    schemas = cast(Json, components.setdefault("schemas", {}))
    schemas.update(_bodies())
    components["securitySchemes"] = {"key": _KEY}
    for path, operation in _operations(made):
        if path.startswith("/v1/"):
            operation.setdefault("security", [] if path in WITHOUT_A_KEY else [{"key": []}])
            _put_right(operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return made


def _operations(made: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in cast("dict[str, Json]", made["paths"]).items():
        for operation in methods.values():
            yield path, operation


def _put_right(operation: Json) -> None:
    """Problems under their media type, with an example; parameters; the answer that no model describes."""
    for status, said in cast("dict[str, Json]", operation["responses"]).items():
        if int(status) >= 400:
            schemas = [each.get("schema", {}) for each in said.get("content", {}).values()]
            schema = next((each for each in schemas if "$ref" in each), {"$ref": _ref("Problem")})
            example = PROBLEM if status == "422" else {**_other(PROBLEM), "status": int(status)}
            said["content"] = {MEDIA_TYPE: {"schema": schema, "example": example}}
            if status in ("429", "503"):
                said["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    if shown := operation.pop("x-answer", None):
        content = {"schema": {"$ref": _ref(shown["schema"])}, "example": shown["example"]}
        operation["responses"]["200"]["content"] = {"application/json": content}


def _other(problem: Json) -> Json:
    """A problem of no kind in particular."""
    kept = {name: value for name, value in problem.items() if name != "errors"}
    return {**kept, "type": "urn:tocsin:problem:…", "title": "…", "detail": "What, why, and what to do."}


def _bodies() -> Json:
    """The schemas of what is sent, and of an incident as it is shown."""
    found: Json = {"Incident": view_schema()}
    for name, adapter in _SENT.items():
        schema = adapter.json_schema(ref_template=_TEMPLATE)
        found |= schema.pop("$defs", {})
        found.setdefault(name, schema)
    for model in MODELS.values():
        found[model.__name__]["required"].remove("by")  # absent, it is the caller
    for name in (*(model.__name__ for model in MODELS.values()), *_STATED):
        _null_says_nothing(found[name])
    complaint = cast(Json, found["Complaint"])
    complaint["anyOf"] = [
        {"required": [place], "properties": {place: {"type": "string"}}} for place in ("outlet", "unit")
    ]
    many = {"type": "array", "items": {"$ref": _ref("Complaint")}, "minItems": 1, "maxItems": 2000}
    return {
        **found,
        "Complaints": many,
        "ComplaintLines": {"type": "string", "description": "JSON Lines: one complaint a line."},
        "CloudEvents": {**many, "items": {"$ref": _ref("CloudEvent")}},
        "EventData": {"type": "object", "description": "A complaint or a fact."},
    }


_STATED: Final = ("Complaint", "Customer", "Source", "Circumstances", "ReportContent")
_SENT: Final[dict[str, TypeAdapter[Any]]] = {
    "Complaint": TypeAdapter(Complaint),
    "Fact": FACT,
    "CloudEvent": TypeAdapter(CloudEvent),
    "NewSubscription": TypeAdapter(NewSubscription),
}


def _null_says_nothing(schema: Json) -> None:
    """What need not be there may be null (plan/values.py, Stated)."""
    required = schema.get("required", [])
    for name, said in cast("dict[str, Json]", schema.get("properties", {})).items():
        takes = [each.get("type") for each in said.get("anyOf", [])]
        if name not in required and "null" not in takes:
            about = {key: said.pop(key) for key in ("description", "title", "default", "examples") if key in said}
            schema["properties"][name] = {"anyOf": [said, {"type": "null"}], **about}


def _without_null(schema: Json) -> Json:
    """A parameter is there or not; it cannot be null."""
    match schema.get("anyOf"):
        case [one, {"type": "null"}]:
            about = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
            return {**cast(Json, one), **about}
        case _:
            return schema


def _ref(name: str) -> str:
    return _TEMPLATE.format(model=name)


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0"
