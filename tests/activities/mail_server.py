"""Mail servers on this machine: a real one (aiosmtpd) that answers as told, and one that says any line at any point."""

import asyncio
import logging
import selectors
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Done = TypeVar("Done")
HOST = "127.0.0.1"
for _chatty in ("mail.log", "mail.error", "mail.debug"):
    logging.getLogger(_chatty).setLevel(logging.CRITICAL)  # the server's own; what we log is tested
USER, PASSWORD = "tocsin", "correct horse battery"


@dataclass(frozen=True)
class Received:
    sender: str
    to: tuple[str, ...]
    whole: bytes
    signed_in: bool


class Trouble(Enum):
    """What becomes of a mail that has arrived instead of an answer."""

    HANG = auto()
    DROP = auto()
    BREAK_OFF = auto()


@dataclass
class Handler:
    """Answers each step with what stands under its name, else takes it; a mail may bring it into trouble instead."""

    answers: dict[str, str] = field(default_factory=dict[str, str])
    trouble: Trouble | None = None
    received: list[Received] = field(default_factory=list[Received])
    arrived: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 sender ok")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get("RCPT", "250 recipient ok")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.arrived.set()
        await self._troubled(cast("asyncio.Transport", server.transport))
        content, to = envelope.original_content or b"", tuple(envelope.rcpt_tos)
        self.received.append(Received(envelope.mail_from or "", to, content, bool(session.authenticated)))
        return self.answers.get("DATA", f"250 2.0.0 Ok: queued as Q{len(self.received)}")

    async def _troubled(self, transport: asyncio.Transport) -> None:
        match self.trouble:
            case Trouble.HANG:
                try:
                    await asyncio.Event().wait()
                finally:
                    self.hung_up.set()
            case Trouble.DROP:
                transport.abort()
            case Trouble.BREAK_OFF:
                transport.write(b"250-half\r\n")
                transport.close()
            case None:
                pass


@dataclass(frozen=True)
class Mails:
    port: int
    handler: Handler

    @property
    def received(self) -> list[Received]:
        return self.handler.received


def _authenticator(server: SMTP, session: Session, envelope: Envelope, kind: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def receiving_mail(
    *,
    implicit: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    sign_in: bool = False,
    answers: dict[str, str] | None = None,
) -> AsyncGenerator[Mails]:
    """A server on a free port; with `starttls` it takes nothing without, with `sign_in` nothing from who has not."""
    handler = Handler(answers or {})

    def session() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.example.cn",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=_authenticator,
            auth_required=sign_in,
            auth_require_tls=starttls is not None,
        )

    selector = selectors.DefaultSelector()
    loop = asyncio.SelectorEventLoop(selector)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def there(doing: Coroutine[Any, Any, Done]) -> Done:
        return await asyncio.wait_for(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(doing, loop)), 20)

    server = await there(loop.create_server(session, HOST, 0, ssl=implicit))
    try:
        yield Mails(server.sockets[0].getsockname()[1], handler)
    finally:
        await there(_ended(server, selector))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(server: asyncio.Server, selector: selectors.BaseSelector) -> None:
    """All connections are closed: one that is not would be found by the garbage collector, in another test."""
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    while len(selector.get_map()) > 1:  # noqa: ASYNC110 # there is no event for it; one is the loop's own
        await asyncio.sleep(0)
    for _ in range(3):
        await asyncio.sleep(0)


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued = authority.issue_cert(*(names or (HOST,)))
    issued.configure_cert(context)  # pyright: ignore[reportUnknownMemberType] # takes another library's contexts too
    return context


WHOLE_MAIL = b""
"""Of a script: hear the mail to its end, and say nothing."""


class Scripted:
    """Says each line in turn, after one line of the client's each but the first; then it hangs, or hangs up.

    With `tls` it says nothing once that has come about, and listens to the bare connection.
    """

    def __init__(self, lines: tuple[bytes, ...], *, hangs: bool, tls: ssl.SSLContext | None = None) -> None:
        self._lines, self._hangs, self._tls = lines, hangs, tls
        self._listening = socket.create_server((HOST, 0))
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve)
        self.port: int = self._listening.getsockname()[1]
        self.spoken_to = threading.Event()
        self.left = threading.Event()
        """The client is gone."""

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            if self._client is not None:
                self._client.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        try:
            client = self._listening.accept()[0]
            if self._tls:
                client = socket.socket(fileno=self._tls.wrap_socket(client, server_side=True).detach())
            self._client = client
        except OSError:
            return
        with client, client.makefile("rb") as heard:
            client.settimeout(20)
            for turn, line in enumerate(self._lines):
                if line == WHOLE_MAIL:
                    while heard.readline() not in (b".\r\n", b""):
                        pass
                    continue
                if turn:
                    heard.readline()
                client.sendall(line + b"\r\n")
            self.spoken_to.set()
            with suppress(OSError):
                while self._hangs and heard.read(1):
                    pass
        self.left.set()
