"""A mail server, three times: plain, with STARTTLS and with TLS from the beginning; the latter two ask for a password.

Each recipient is an inbox of its own. The key is the header `X-Tocsin-Key`, else `Message-ID`.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.simulators.breaking import Gate
from tests.simulators.faults import Do, Fault
from tests.simulators.inbox import Arrival, Kind
from tests.simulators.service import Heard

if TYPE_CHECKING:
    from tests.simulators.town import Town

HOST: Final = "127.0.0.1"
NAME: Final = "simulators.example"
REFUSED: Final = "550"
LATER: Final = "451"
CLOSED: Final = "421"


@dataclass
class MailAccount:
    """Where mail is handed in. `ca_file` holds the authority that signed the certificate of 127.0.0.1."""

    host: str = HOST
    plain: int = 0
    starttls: int = 0
    tls: int = 0
    user: str = "tocsin"
    password: str = field(default_factory=lambda: token_hex(12))
    ca_file: str = ""


class Mailroom:
    """Takes what a mail server has accepted, or does not."""

    def __init__(self, town: "Town", gate: Gate) -> None:
        self._town, self._gate = town, gate

    async def handle_RCPT(  # noqa: N802 # the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One answer for all: the first recipient whom something is wrong with decides it."""
        content = envelope.content
        mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default)
        said = "250 OK"
        for recipient in envelope.rcpt_tos:
            arrival = _arrival(mail, recipient, envelope, self._town)
            fault, _ = self._town.judge(Heard(self._town.inbox(arrival.inbox)))
            if fault is None:
                self._town.keep(replace(arrival, answer="250", taken=True))
            else:
                said = await self._spoiled(server, arrival, fault)
        return said

    async def _spoiled(self, server: SMTP, arrival: Arrival, fault: Fault) -> str:
        code, taken = _answer(fault)
        self._town.keep(replace(arrival, answer=code, taken=taken, fault=fault.name))
        match fault.do:
            case Do.SLOW:
                await self._slowly(fault.seconds)
            case Do.HANG | Do.SILENT:
                await self._gate.wait()
                _hang_up(server)
            case Do.DROP:
                _hang_up(server)
            case Do.REFUSE | Do.BUSY | Do.STATUS | Do.RANDOM:
                pass
        return f"{code} as it was told to" if code.isdecimal() else f"{CLOSED} gone"

    async def _slowly(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._gate.wait(), seconds)
        except TimeoutError:
            return


def _answer(fault: Fault) -> tuple[str, bool]:
    """Its code, and whether the mail is in the box."""
    match fault.do:
        case Do.REFUSE:
            return fault.code or REFUSED, False
        case Do.BUSY | Do.STATUS:
            return LATER, False
        case Do.SLOW:
            return "250", True
        case Do.SILENT:
            return fault.name, True
        case Do.DROP:
            return fault.name, fault.when == "midway"
        case Do.HANG | Do.RANDOM:
            return fault.name, False


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def _arrival(mail: EmailMessage, recipient: str, envelope: Envelope, town: "Town") -> Arrival:
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    return Arrival(
        inbox=f"{Kind.SMTP}/{recipient}",
        at=town.clock(),
        key=str(mail.get("X-Tocsin-Key") or mail.get("Message-ID") or ""),
        text=str(text),
        mentions=(),
        subject=str(mail.get("Subject", "")),
        sender=str(mail.get("From", envelope.mail_from or "")),
    )


class _Asking(SMTP):
    """One that asks for a password; without a context TLS is there already, which the library cannot see."""

    def __init__(self, room: Mailroom, knows: Callable[..., AuthResult], starttls: ssl.SSLContext | None) -> None:
        super().__init__(
            room,
            hostname=NAME,
            ident=NAME,
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=True,
            authenticator=knows,
        )
        self._auth_require_tls = starttls is not None


class Mail:
    """The three servers, on the running loop."""

    def __init__(self, town: "Town", gate: Gate, folder: Path) -> None:
        self._town, self._room, self._folder = town, Mailroom(town, gate), folder
        self._servers: list[asyncio.Server] = []
        self._talking: WeakSet[SMTP] = WeakSet()

    async def start(self) -> None:
        context = self._certified()
        account = self._town.smtp
        account.plain = await self._listen(lambda: SMTP(self._room, hostname=NAME, ident=NAME, enable_SMTPUTF8=True))
        account.starttls = await self._listen(lambda: _Asking(self._room, self._knows, context))
        account.tls = await self._listen(lambda: _Asking(self._room, self._knows, None), context)

    def stop(self) -> None:
        """Whoever is still connected is hung up on."""
        for server in self._servers:
            server.close()
        for each in list(self._talking):
            _hang_up(each)

    async def _listen(self, protocol: Callable[[], SMTP], context: ssl.SSLContext | None = None) -> int:
        def talking() -> SMTP:
            self._talking.add(smtp := protocol())
            return smtp

        server = await asyncio.get_running_loop().create_server(talking, HOST, 0, ssl=context)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
        account = self._town.smtp
        wanted = LoginPassword(account.user.encode(), account.password.encode())
        return AuthResult(success=given == wanted, handled=False)

    def _certified(self) -> ssl.SSLContext:
        authority = trustme.CA()
        path = self._folder / "simulators-ca.pem"
        authority.cert_pem.write_to_path(str(path))
        self._town.smtp.ca_file = str(path)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(HOST, "localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
        return context
