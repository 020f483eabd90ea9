"""How a call over HTTP is answered: heard, counted, spoiled if somebody wants it so, remembered, answered."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.breaking import Broken, Gate, Hung, Slow
from tests.simulators.dingtalk import DingTalk
from tests.simulators.faults import Do, Fault
from tests.simulators.feishu import Feishu
from tests.simulators.inbox import Arrival
from tests.simulators.service import Answer, Call, Heard, Service
from tests.simulators.sms import SMS
from tests.simulators.town import Town
from tests.simulators.voice import Voice
from tests.simulators.webhook import Webhook
from tests.simulators.wecom import WeCom

NOWHERE: Final = "-"
"""The inbox of a call whose key nobody has."""

SERVICES: Final[dict[str, Service]] = {
    "/wecom/cgi-bin/webhook/send": WeCom(),
    "/dingtalk/robot/send": DingTalk(),
    "/feishu/open-apis/bot/v2/hook/{rest}": Feishu(),
    "/webhook/{rest}": Webhook(),
    "/voice": Voice(),
    "/": SMS(),
}
"""By the path at which each listens. A gateway of Aliyun's listens at the root, whatever else is there."""


class Desk:
    """One town's services over HTTP."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.gate = Gate()

    def routes(self) -> list[Route]:
        return [Route(path, self._answering(service), methods=["POST"]) for path, service in SERVICES.items()]

    def _answering(self, service: Service) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            heard = service.hear(await self._call(request), self._town)
            fault, too_fast = self._town.judge(heard)
            where = heard.inbox.address if heard.inbox else f"{service.kind}/{NOWHERE}"
            arrival = Arrival(
                where, self._town.clock(), heard.key, heard.text, heard.mentions, limited=too_fast, notes=heard.notes
            )
            if no := heard.problem or (service.too_fast if too_fast else None):
                self._town.keep(replace(arrival, answer=no.code))
                return _json(no)
            return self._spoiled(service, heard, arrival, fault) if fault else self._taken(service, heard, arrival)

        return answer

    async def _call(self, request: Request) -> Call:
        raw_query = request.url.query
        return Call(
            method=request.method,
            rest=str(request.path_params.get("rest", "")),
            raw_query=raw_query,
            query=dict(parse_qsl(raw_query, keep_blank_values=True)),
            headers=dict(request.headers),
            body=await request.body(),
            at=self._town.clock(),
        )

    def _taken(self, service: Service, heard: Heard, arrival: Arrival) -> Response:
        kept = self._town.keep(replace(arrival, answer=arrival.answer or service.yes, taken=heard.shown))
        return _json(service.taken(heard, kept.number))

    def _spoiled(self, service: Service, heard: Heard, arrival: Arrival, fault: Fault) -> Response:
        """What is taken is remembered as taken; `answer` is what the caller saw, or did not."""
        arrival = replace(arrival, fault=fault.name)
        match fault.do:
            case Do.SLOW:
                return Slow(self._taken(service, heard, arrival), fault.seconds, self.gate)
            case Do.SILENT:
                self._taken(service, heard, replace(arrival, answer=fault.name))
                return Hung(self.gate)
            case Do.DROP if fault.when == "midway":
                return Broken(self._taken(service, heard, replace(arrival, answer=fault.name)))
            case Do.DROP if fault.when == "before":
                self._town.keep(replace(arrival, answer=fault.name, text="", mentions=(), read=False))
                return Broken()
            case Do.DROP:
                self._town.keep(replace(arrival, answer=fault.name))
                return Broken()
            case Do.HANG:
                self._town.keep(replace(arrival, answer=fault.name))
                return Hung(self.gate)
            case Do.STATUS:
                self._town.keep(replace(arrival, answer=fault.name))
                return Response(f"{fault.name}\n", status_code=fault.status or 503)
            case Do.REFUSE | Do.BUSY:
                no = service.busy if fault.do is Do.BUSY else service.refusal(fault.code)
                self._town.keep(replace(arrival, answer=no.code))
                return _json(no, fault.status)
            case Do.RANDOM:
                raise AssertionError("it became one of the others when it was drawn")


def _json(answer: Answer, status: int | None = None) -> Response:
    return JSONResponse(dict(answer.body), status_code=status or answer.status)
