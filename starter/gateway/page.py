"""Pages for people: HTML made here, for a phone first, readable without any script (R14).

    return page(request, "front.html", incidents=...)
    return trouble(request, error)

Every value is escaped. A page may load nothing but our own style sheet, be framed by nobody, be kept by no cache, and
tells no other site where one came from: an address may hold a token.
"""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from plan.errors import Malformed, Misconfigured, NoSuchIncident, Refused, TocsinError, Unreachable
from starter.gateway.arrival import arrived
from starter.gateway.parts import parts_of
from starter.gateway.problems import Forbidden, Unauthenticated

TEMPLATES: Final = Path(__file__).parent / "templates"
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_TITLES: Final[tuple[tuple[type[TocsinError], str], ...]] = (
    (NoSuchIncident, "没有这一事件 · No such incident"),
    (Refused, "未能执行 · Not done"),
    (Malformed, "链接有误 · This cannot be read"),
    (Unreachable, "暂时连不上，请稍后再试 · Out of reach, try again"),
    (Misconfigured, "配置有误，请联系系统管理员 · Misconfigured, tell the operator"),
    (Forbidden, "没有权限 · Not allowed"),
    (Unauthenticated, "请先登录 · Sign in first"),
)
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def page(
    request: HTTPConnection, template: str, *, status: int = 200, person: str | None = None, **values: object
) -> Response:
    """`person` is who is signed in, if anybody."""
    made = _ENVIRONMENT.get_template(template).render(root=root_of(request), person=person, **values)
    return HTMLResponse(made, status, headers=HEADERS)


def trouble(request: HTTPConnection, error: TocsinError, *, person: str | None = None) -> Response:
    """What went wrong and what to do; of a fault in our configuration people learn no more than that."""
    title = next((title for kind, title in _TITLES if isinstance(error, kind)), "未能登录 · Not done")
    said = "" if isinstance(error, Misconfigured) else str(error)
    request_id = arrived(request).request_id
    values: dict[str, object] = {"title": title, "said": said, "request_id": request_id}
    return page(request, "trouble.html", status=error.http_status, person=person, **values)


def root_of(request: HTTPConnection) -> str:
    """The path that people reach us under, where a proxy puts us below one; without a slash at its end."""
    public = parts_of(request).settings.public_url
    return urlsplit(public).path.rstrip("/") if public else ""


def wants_html(request: Request) -> bool:
    """A browser asks for HTML by name; a system does not."""
    return "text/html" in request.headers.get("accept", "").lower()
