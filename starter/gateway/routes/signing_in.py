"""Signing in and out: at the identity provider, or by a one-time link; pages, for people's browsers (ADR 26)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan.access import caller_of
from plan.errors import TocsinError
from runtime.records.sessions import link_is_good, use_link
from starter.gateway.arrival import arrived
from starter.gateway.attempts import VALID
from starter.gateway.own import from_our_own_page, on_loopback, over_tls, somewhere_here
from starter.gateway.page import HEADERS, page, root_of, trouble
from starter.gateway.parts import parts_of
from starter.gateway.signing import NotSignedIn, Signing

router = APIRouter(include_in_schema=False)
Text = Annotated[str | None, Query(max_length=4000)]
_ATTEMPT = "tocsin-attempt"


@router.get("/signin")
async def sign_in(request: Request, next: Text = None) -> Response:
    return sign_in_page(request, next)


@router.get("/signin/start")
async def start(request: Request, next: Text = None) -> Response:
    """To the identity provider, and back to where one wanted to go."""
    try:
        signing = _signing(request)
        if signing.identity is None:
            raise _not("这里没有身份服务，请用一次性链接登录。 No identity provider here; use a one-time link.")
        attempt = signing.attempts.begin(next, arrived(request).received_at)
        answer = _to(await signing.identity.address(attempt))
    except TocsinError as error:
        return trouble(request, error)
    answer.set_cookie(
        _ATTEMPT,
        attempt.browser,
        max_age=int(VALID.total_seconds()),
        path=f"{root_of(request)}/signin",
        secure=over_tls(request),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/signin/callback")
async def callback(request: Request, code: Text = None, state: Text = None, iss: Text = None) -> Response:
    """Back from the identity provider, in the browser that began it."""
    try:
        signing = _signing(request)
        attempt = signing.attempts.again(request.cookies.get(_ATTEMPT), state, arrived(request).received_at)
        another = iss is not None and iss != parts_of(request).settings.oidc_issuer
        if signing.identity is None or attempt is None or not code or another:
            raise _not("登录没有完成，请重新登录。 Signing in was not completed. Begin again.")
        person = await signing.identity.person(code, attempt)
        answer = _to(root_of(request) + attempt.then)
        await _begin(request, signing, answer, person, "oidc")
    except TocsinError as error:
        answer = trouble(request, error)
    answer.delete_cookie(_ATTEMPT, path=f"{root_of(request)}/signin", httponly=True, samesite="lax")
    return answer


@router.get("/signin/{token}")
async def link(request: Request, token: str) -> Response:
    """One tap, so that a scanner that opens the link uses nothing up."""
    try:
        signing = _signing(request, by_link=True)
        now = arrived(request).received_at
        if not await signing.store.do(lambda store: link_is_good(store, token, now=now)):
            raise _used_up()
    except TocsinError as error:
        return trouble(request, error)
    return page(request, "sign_in_link.html", token=token)


@router.post("/signin/{token}")
async def by_link(request: Request, token: str) -> Response:
    try:
        from_our_own_page(request)
        signing = _signing(request, by_link=True)
        now = arrived(request).received_at
        person = await signing.store.do(lambda store: use_link(store, token, now=now))
        if person is None:
            raise _used_up()
        answer = _to(f"{root_of(request)}/")
        await _begin(request, signing, answer, person, "link")
    except TocsinError as error:
        return trouble(request, error)
    return answer


@router.post("/signout")
async def sign_out(request: Request) -> Response:
    """Everywhere at once: the id opens nothing any more, whoever has it."""
    try:
        from_our_own_page(request)
        answer = _to(f"{root_of(request)}/signin")
        await _signing(request).sessions.end(request, answer)
    except TocsinError as error:
        return trouble(request, error)
    return answer


def sign_in_page(request: Request, then: str | None, *, status: int = 200, why: str = "") -> Response:
    """How one signs in here, and on to where one wanted to go."""
    signing = parts_of(request).signing
    return page(
        request,
        "sign_in.html",
        status=status,
        then=somewhere_here(then),
        provider=bool(signing and signing.identity),
        links=bool(signing) and _links(request),
        why=why,
    )


async def _begin(request: Request, signing: Signing, answer: Response, person: str, way: str) -> None:
    """A session, for somebody whom the organisation knows."""
    if caller_of(await parts_of(request).directory.organisation(), person) is None:
        raise _not(
            "您不在机构资料中，或已离岗，不能登录。请联系系统管理员。"
            " The organisation does not know you, or says that you left. Tell the operator."
        )
    await signing.sessions.begin(request, answer, person, way=way, now=arrived(request).received_at)


def _signing(request: Request, *, by_link: bool = False) -> Signing:
    signing = parts_of(request).signing
    if signing is None or (by_link and not _links(request)):
        raise _not(
            "这里不接受一次性登录链接，请用单位账号登录，或联系系统管理员。"
            " One-time links are not taken here. Sign in at /signin, or tell the operator (TOCSIN_SIGNIN_LINKS)."
        )
    return signing


def _links(request: Request) -> bool:
    return parts_of(request).settings.signin_links or on_loopback(request)


def _not(why: str) -> NotSignedIn:
    return NotSignedIn(why)


def _used_up() -> NotSignedIn:
    return _not(
        "这个登录链接已用过或已过期。请向系统管理员要一个新的。"
        " This link was used before, or is too old. Ask the operator for another: tocsin signin --by PERSON."
    )


def _to(where: str) -> RedirectResponse:
    return RedirectResponse(where, 303, headers=HEADERS)
