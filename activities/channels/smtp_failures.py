"""What it means when a mail was not taken: again, never again, or the operator's business (R14; RFC 5321, 4.2).

- 4xx at any point, no connection, no answer in time, a connection that breaks: try again.
- 5xx to the recipient or to the mail: refused, never again. 530, 534, 535 and 538, and any 5xx to our greeting, our
  name or our sender: the set-up is wrong, never again.
- TLS that does not come about is a wrong set-up as well: a certificate that is not trusted, or a server that offers no
  STARTTLS, is no better in ten minutes, so the next channel is tried at once. A server that says 4xx to STARTTLS, or
  breaks off, is tried again.
"""

import ssl
from typing import Final

from aiosmtplib import SMTPConnectResponseError, SMTPDataError, SMTPRecipientRefused, SMTPResponseException

from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    Message,
)

NOT_ALLOWED: Final = frozenset({530, 534, 535, 538})
"""Sign in first, in another way, with the right name, or over TLS: never the recipient's fault."""


def verdict(message: Message, failed: Exception) -> ChannelError:
    """What a failure means. Its own text stays out: it holds addresses, and the server's name."""
    if isinstance(failed, SMTPResponseException):
        return _of_code(message, failed)
    if tls := _tls_fault(failed):
        return misconfigured(message, _untrusted(tls))
    if isinstance(failed, TimeoutError):
        return ChannelUnavailable(_not_delivered(message, "the mail server did not answer in time. It is tried again"))
    if isinstance(failed, OSError):
        why = f"the connection to the mail server failed ({type(failed).__name__}). It is tried again"
        return ChannelUnavailable(_not_delivered(message, why))
    why = "the mail server does not offer what it is asked for (STARTTLS, or a way to sign in)"
    return misconfigured(message, f"{why}. Correct TOCSIN_SMTP_SERVER, or TOCSIN_SMTP_USER")


def _of_code(message: Message, failed: SMTPResponseException) -> ChannelError:
    code, why = str(failed.code), f"the mail server answered {failed.code}"
    if 400 <= failed.code < 500:
        return ChannelBusy(_not_delivered(message, f"{why}. It is tried again"), code=code)
    if not 500 <= failed.code < 600:
        return ChannelUnavailable(_not_delivered(message, "the mail server makes no sense. It is tried again"))
    if isinstance(failed, SMTPRecipientRefused | SMTPDataError) and failed.code not in NOT_ALLOWED:
        return ChannelRefused(_not_delivered(message, f"{why} and does not take it"), code=code)
    why = f"{why} to {_step(failed)}. Correct the TOCSIN_SMTP settings"
    return misconfigured(message, why, code)


def _step(failed: SMTPResponseException) -> str:
    return "our connection" if isinstance(failed, SMTPConnectResponseError) else "what we sign in or send with"


def _tls_fault(failed: Exception) -> ssl.SSLError | None:
    """None as well where the other side only broke off."""
    fault = failed if isinstance(failed, ssl.SSLError) else failed.__cause__
    broken_off = isinstance(fault, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return fault if isinstance(fault, ssl.SSLError) and not broken_off else None


def _untrusted(failed: ssl.SSLError) -> str:
    if isinstance(failed, ssl.SSLCertVerificationError):
        why = "the mail server's certificate is not trusted or bears another name"
        return f"{why}. Name its authority in TOCSIN_SMTP_CA, or correct TOCSIN_SMTP_SERVER"
    return "the mail server does not speak TLS there. Correct the scheme or the port of TOCSIN_SMTP_SERVER"


def misconfigured(message: Message, why: str, code: str = "") -> ChannelMisconfigured:
    return ChannelMisconfigured(_not_delivered(message, why), code=code)


def _not_delivered(message: Message, why: str) -> str:
    return f"The notice for {message.recipient} was not delivered by mail: {why}."
