"""Mail over SMTP: delivered is the server's 250 to the whole mail, nothing before it (R14, R29; RFC 5321).

What else it may answer stands in `smtp_failures.py`. A connection that breaks after the mail has gone out and before
the 250 may double it; the repeat has the same `Message-ID` and text. A mail is never sent unprotected unless
`smtp+plain://` asks for it, and a password leaves this machine protected only. Each mail has a connection of its own,
cut when the attempt ends or is cancelled.
"""

import asyncio
import os
import re
import ssl
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from aiosmtplib import SMTP, SMTPException

from activities.channels.addresses import resolved
from activities.channels.answers import short
from activities.channels.contract import Message
from activities.channels.smtp_failures import misconfigured, verdict
from activities.channels.smtp_mail import mail, mailbox
from plan.orders import Delivered
from plan.organisation import Address
from runtime.mail_server import MailServer, Protection

Said = TypeVar("Said")
FAREWELL: Final = 1.0
"""Seconds for a polite end, once the mail is taken."""
_MAILBOX: Final = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Where and as whom mail is handed in. `ca` replaces the system's certificates."""

    server: MailServer
    sender: str
    user: str | None = None
    password: str = field(default="", repr=False)
    ca: Path | None = None


class Mail:
    """`account` is None where none is set: then nothing can be sent, and the operator hears of it."""

    def __init__(
        self,
        account: MailAccount | None,
        *,
        patience: timedelta = timedelta(seconds=9),
        env: Mapping[str, str] = os.environ,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._account, self._patience = account, patience.total_seconds()
        self._env, self._clock = env, clock
        self._trusted: ssl.SSLContext | None = None

    async def send(self, message: Message, address: Address) -> Delivered:
        account = self._account
        if account is None:
            raise misconfigured(message, "no mail server is set. Set TOCSIN_SMTP_SERVER and TOCSIN_SMTP_SENDER")
        to, whole = self._written(message, address, account)
        trusted = await self._certificates(message, account)
        with _connection(account, trusted, self._patience) as smtp:
            try:
                answer = await _within(self._patience, _handed_in(smtp, account, to, whole))
            except (SMTPException, OSError, ValueError) as failed:
                raise verdict(message, failed) from None
            with suppress(SMTPException, OSError):
                await _within(FAREWELL, smtp.quit())
        return Delivered(channel=address.channel, code="250", message_id=_without_addresses(answer))

    def _written(self, message: Message, address: Address, account: MailAccount) -> tuple[str, bytes]:
        try:
            sender = mailbox(account.sender)
        except ValueError as wrong:
            raise misconfigured(message, f"TOCSIN_SMTP_SENDER cannot be used: {wrong}. Correct it") from None
        try:
            to = mailbox(resolved(address, self._env))
        except ValueError as wrong:
            raise misconfigured(message, f"the recipient's address cannot be used: {wrong}. Correct it") from None
        return to, mail(message, sender=sender, to=to, at=self._clock())

    async def _certificates(self, message: Message, account: MailAccount) -> ssl.SSLContext | None:
        if account.server.protection is Protection.NONE:
            if account.user and not account.server.on_this_machine:
                why = "a password would leave this machine unprotected. Use smtps:// or smtp:// in TOCSIN_SMTP_SERVER"
                raise misconfigured(message, why)
            return None
        if self._trusted is None:
            try:
                self._trusted = await asyncio.to_thread(ssl.create_default_context, cafile=account.ca)
            except (OSError, ValueError) as wrong:
                why = f"the file of TOCSIN_SMTP_CA cannot be used ({type(wrong).__name__}). Give it PEM certificates"
                raise misconfigured(message, why) from None
        return self._trusted


class _Connection(SMTP):
    """Closed, it is cut: the library's way waits for the other side, which may be what hangs."""

    def close(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        super().close()


@contextmanager
def _connection(account: MailAccount, trusted: ssl.SSLContext | None, patience: float) -> Generator[SMTP]:
    """Not connected yet; whatever happens, nothing stays open."""
    smtp = _Connection(
        hostname=account.server.host,
        port=account.server.port,
        use_tls=account.server.protection is Protection.IMPLICIT,
        start_tls=False,
        tls_context=trusted,
        local_hostname=account.sender.rpartition("@")[2],
        timeout=patience,
    )
    try:
        yield smtp
    finally:
        smtp.close()


async def _within(patience: float, talk: Coroutine[object, object, Said]) -> Said:
    """What is said within so many seconds, else TimeoutError. Ended or cancelled, it is over when this returns.

    The library waits by `asyncio.wait_for`, which in Python 3.11 may swallow a cancellation: it is told until it hears.
    """
    talking = asyncio.ensure_future(talk)
    try:
        await asyncio.wait({talking}, timeout=patience)
        if not talking.done():
            raise TimeoutError
        return talking.result()
    finally:
        while not talking.done():
            talking.cancel()
            await asyncio.sleep(0)


async def _handed_in(smtp: SMTP, account: MailAccount, to: str, whole: bytes) -> str:
    """The server's words when it has taken the mail."""
    await smtp.connect()
    if account.server.protection is Protection.STARTTLS:
        await smtp.starttls()
    if account.user:
        await smtp.login(account.user, account.password)
    await smtp.mail(account.sender)
    await smtp.rcpt(to)
    return (await smtp.data(whole)).message


def _without_addresses(answer: str) -> str:
    """The server's own words, one short line: the number of its queue stands in there."""
    return short(_MAILBOX.sub("<…>", " ".join(answer.split())))
