"""The pages: each chat as its group would see it, each phone, mail box and receiver, and what is to go wrong there.

They work without JavaScript; with it, a page brings itself up to date. Chinese first. Whatever came is escaped.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.simulators.bubbles import CHINA, bubbles
from tests.simulators.faults import EVERYWHERE, Fault
from tests.simulators.frame import SERVICES, audience, both, page, service
from tests.simulators.inbox import CHATS, Arrival, Inbox, Kind
from tests.simulators.markup import Html, joined, tag
from tests.simulators.town import Town
from tests.simulators.wrongs import fault_asked, faults_form, faults_shown

SHOWN: Final = 100
"""Bubbles on one page, the newest."""
PREVIEW: Final = 60
HERE: Final = Path(__file__).parent
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
PHONES: Final = (Kind.SMS, Kind.VOICE)
OTHERS: Final = (
    ("手机", "Phones", PHONES),
    ("邮箱", "Mail boxes", (Kind.SMTP,)),
    ("推送", "Webhooks", (Kind.WEBHOOK,)),
)


class Pages:
    def __init__(self, town: Town) -> None:
        self._town = town

    def routes(self) -> list[Route]:
        return [
            Route("/", self._index, methods=["GET"]),
            Route("/style.css", _file("style.css", "text/css")),
            Route("/refresh.js", _file("refresh.js", "text/javascript")),
            Route("/faults", self._fault, methods=["POST"]),
            Route("/phone/{id}", self._phone),
            Route("/n/{token}", _acknowledge),
            Route("/incidents/{id}", _incident),
            Route("/see/{kind}/{id:path}", self._one),
        ]

    # -- all of it -----------------------------------------------------------------------------------------------------

    async def _index(self, request: Request) -> Response:
        everywhere = [(EVERYWHERE, "全部 all"), *((kind.value, " ".join(SERVICES[kind])) for kind in Kind)]
        about = tag(
            "p",
            "通知到这里为止，没有人真的收到。",
            tag("small", "Notices end here; nobody is really told.", lang="en"),
            class_="about",
        )
        live = tag(
            "main",
            faults_shown(everywhere, self._faults(everywhere)),
            tag("section", tag("h2", both("群聊", "Chats")), self._cards(CHATS)),
            *(tag("section", tag("h2", both(zh, en)), self._cards(kinds)) for zh, en, kinds in OTHERS),
            id="live",
        )
        head = tag("header", tag("h1", both("模拟器", "Simulators")), about)
        return _html(page("全部", head, live, tag("footer", faults_form(everywhere)), back=False))

    def _cards(self, kinds: Sequence[Kind]) -> Html:
        """One for each where something came, the latest first; the others by name."""
        by_page: dict[str, list[Inbox]] = {}
        for inbox in self._town.inboxes():
            if inbox.kind in kinds:
                by_page.setdefault(_path(inbox), []).append(inbox)
        shelves = [(path, inboxes, self._of(inboxes)) for path, inboxes in by_page.items()]
        spoken = sorted((each for each in shelves if each[2]), key=lambda each: -each[2][-1].number)
        quiet = [tag("a", inboxes[0].name, href=path) for path, inboxes, arrivals in shelves if not arrivals]
        cards = tag("div", *(_card(*each) for each in spoken), class_="cards") if spoken else None
        return joined(cards, _quiet(quiet, alone=not spoken))

    # -- one of it -----------------------------------------------------------------------------------------------------

    async def _phone(self, request: Request) -> Response:
        number = request.path_params["id"]
        known = [each for each in self._town.inboxes() if each.kind in PHONES and each.id == number]
        return self._seen(known, request)

    async def _one(self, request: Request) -> Response:
        address = f"{request.path_params['kind']}/{request.path_params['id']}"
        return self._seen([each for each in self._town.inboxes() if each.address == address], request)

    def _seen(self, inboxes: Sequence[Inbox], request: Request) -> Response:
        if not inboxes:
            return _html(page("没有", tag("main", tag("p", both("没有这个地址。", "There is no such address.")))), 404)
        inbox = inboxes[0]
        arrivals = self._of(inboxes)
        before = request.query_params.get("before", "")
        if before.isdecimal():
            arrivals = tuple(each for each in arrivals if each.number < int(before))
        shown = arrivals[-SHOWN:]
        places = [(each.address, " ".join(SERVICES[each.kind])) for each in inboxes]
        live = tag(
            "main",
            faults_shown(places, self._faults(places)),
            _earlier(shown[0]) if len(shown) < len(arrivals) else None,
            bubbles(shown, {each.address: each for each in inboxes}, self._town.url) if shown else _nothing(),
            tag("p", id="end"),
            id="live",
            class_="chat",
        )
        return _html(page(inbox.name, _head(inboxes), live, tag("footer", faults_form(places))))

    def _of(self, inboxes: Sequence[Inbox]) -> tuple[Arrival, ...]:
        came = [each for inbox in inboxes for each in self._town.arrivals(inbox.address)]
        return tuple(sorted(came, key=lambda each: each.number))

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def _faults(self, places: Sequence[tuple[str, str]]) -> Mapping[str, Sequence[Fault]]:
        return {place: self._town.faults.at(place) for place, _ in places}

    async def _fault(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        place = form.get("place", "")
        try:
            self._town.fault(place, *fault_asked(form))
        except ValueError:
            wrong = tag("p", both("看不懂：次数要写数字。", "Times must be a number."))
            return _html(page("看不懂", tag("main", wrong)), 422)
        inbox = next((each for each in self._town.inboxes() if each.address == place), None)
        return RedirectResponse(_path(inbox) if inbox else "/", 303)


async def _acknowledge(request: Request) -> Response:
    """Where a personal link leads while there is no gateway: a GET never acknowledges anything."""
    return _to_be_typed("确认收到", "Say received", f"tocsin acknowledge {request.path_params['token']}")


async def _incident(request: Request) -> Response:
    return _to_be_typed("查看事件", "Look at the incident", f"tocsin show {request.path_params['id']}")


def _to_be_typed(zh: str, en: str, command: str) -> Response:
    about = both("网关的页面还没有，请在命令行执行：", "There is no gateway yet; type this:")
    return _html(page(zh, tag("main", tag("h1", both(zh, en)), tag("p", about), tag("pre", command))))


def _card(path: str, inboxes: Sequence[Inbox], arrivals: Sequence[Arrival]) -> Html:
    inbox, taken = inboxes[0], sum(each.taken for each in arrivals)
    no = len(arrivals) - taken
    last = next((each for each in reversed(arrivals) if each.taken), None)
    return tag(
        "a",
        tag("strong", inbox.name),
        _badges(inboxes),
        _preview(last),
        tag("span", f"{taken} 条", tag("b", f" · {no} 次不成") if no else None, class_="count"),
        class_="card",
        href=f"{path}#end",
    )


def _quiet(names: Sequence[Html], *, alone: bool) -> Html:
    """The places where nothing came: they can be made to fail all the same."""
    if not names:
        return _nothing() if alone else joined()
    said = tag("summary", both(f"{len(names)} 处还没有消息", "nothing came"))
    return tag("details", said, tag("p", *(joined(each, " ") for each in names), class_="quiet"))


def _badges(inboxes: Sequence[Inbox]) -> Html:
    return tag("span", *(service(each.kind) for each in inboxes), audience(inboxes[0]), class_="badges")


def _path(inbox: Inbox) -> str:
    return f"/phone/{quote(inbox.id)}" if inbox.kind in PHONES else f"/see/{inbox.kind}/{quote(inbox.id)}"


def _head(inboxes: Sequence[Inbox]) -> Html:
    """The name of the chat, who reads along, and who is in it; of a phone or mail box whose it is."""
    inbox = inboxes[0]
    people = [tag("li", each.name, tag("small", each.role)) for each in inbox.people]
    inside = tag("summary", both(f"群成员 {len(people)} 人", "members"))
    return tag(
        "header",
        tag("h1", inbox.name),
        tag("p", inbox.id, class_="about") if inbox.kind not in CHATS and inbox.title else None,
        _badges(inboxes),
        tag("details", inside, tag("ul", *people, class_="people")) if people else None,
    )


def _earlier(first: Arrival) -> Html:
    return tag("a", both("更早的", "earlier"), href=f"?before={first.number}", class_="earlier")


def _preview(last: Arrival | None) -> Html:
    if last is None:
        return tag("span", both("一条也没收到", "nothing got through"), class_="preview")
    text = last.text if len(last.text) <= PREVIEW else last.text[:PREVIEW] + "…"
    return tag("span", tag("time", f"{last.at.astimezone(CHINA):%H:%M}"), " ", text, class_="preview")


def _nothing() -> Html:
    return tag("p", both("还没有消息。", "Nothing yet."), class_="about")


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers=HEADERS)


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def send(request: Request) -> Response:
        return FileResponse(HERE / name, media_type=media_type, headers=HEADERS)

    return send
