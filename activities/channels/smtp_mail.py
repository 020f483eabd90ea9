"""A notice as a mail: what stands in its headers and how it is written (R14, R29; RFC 5322, RFC 3834).

`Message-ID` comes from the notice's key, so that a repeat has the same and a mail program shows it once; every notice
of an incident answers one message that never was, so that they stand together. Nothing that could begin another header
gets into one: addresses are parsed as addresses, the rest is our own. Errors: ValueError for an address that is none.
"""

import base64
import hashlib
import re
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address as Mailbox
from email.utils import format_datetime
from typing import Final

from activities.channels.contract import Message

LONGEST_SUBJECT: Final = 100
"""Characters before the incident's id."""
_LINE_END: Final = "\r\n"
_BRACKETS: Final = re.compile(r"(?:\[[^\]\n]*\]\s*|【[^】\n]*】\s*)+")
_SENTENCE: Final = re.compile(r"[^:：。.\n]+")
_ONE_WORD: Final = re.compile(r"[\x21-\x7e]+")


def mailbox(written: str) -> str:
    """One plain address, as it is written: no name, no comment, no second one, ASCII only."""
    try:
        parsed = Mailbox(addr_spec=written)
    except (ValueError, IndexError, MessageError):
        parsed = None
    if parsed is None or parsed.addr_spec != written or not (written.isascii() and parsed.username and parsed.domain):
        raise ValueError("it is not one plain mail address")
    return written


def mail(message: Message, *, sender: str, to: str, at: datetime) -> bytes:
    """The whole mail, with the line ends of the wire. `at` is when it is sent.

    Written out here, for the library folds or encodes what is longer than a line, and threads would fall apart.
    """
    domain = mailbox(sender).rpartition("@")[2]
    incident = _id("incident", message.incident_id, domain)
    headers = {
        "From": sender,
        "To": mailbox(to),
        "Subject": Header(subject(message), "utf-8", header_name="Subject").encode(linesep=_LINE_END),
        "Date": format_datetime(at),
        "Message-ID": _id("notice", message.key, domain),
        "In-Reply-To": incident,
        "References": incident,
        "Auto-Submitted": "auto-generated",
        "X-Tocsin-Key": message.key if _ONE_WORD.fullmatch(message.key) else "",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
    }
    head = [f"{name}: {value}" for name, value in headers.items() if value]
    body = base64.encodebytes(_LINE_END.join(message.text.splitlines()).encode()).decode().splitlines()
    return _LINE_END.join([*head, "", *body, ""]).encode()


def subject(message: Message) -> str:
    """What is to be done, and about what: the brackets the text begins with (a drill's mark first), and the incident.

    A text without brackets of its own gives what stands before its first colon or full stop.
    """
    found = _BRACKETS.match(message.text)
    head, rest = (found[0], message.text[found.end() :]) if found else ("", message.text)
    if head.count("】") + head.count("]") <= (2 if message.drill else 0):
        sentence = _SENTENCE.match(rest)
        head += sentence[0] if sentence else ""
    short = " ".join(head.split())[:LONGEST_SUBJECT].rstrip()
    return f"{short} {message.incident_id}".strip()


def _id(what: str, of: str, domain: str) -> str:
    return f"<{what}.{hashlib.sha256(of.encode()).hexdigest()[:32]}@{domain}>"
