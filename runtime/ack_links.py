"""Personal links by which a recipient says "received", in one tap (R14; contract, section 10).

A link is `<public url>/n/<token>`; the token names incident, notice, recipient and expiry, and is signed with a key
derived from the door keys for nothing else. It proves to whom it was sent, so it goes out over personal channels only;
in a chat a link leads to the incident's page, where one signs in. A GET never acknowledges: scanners open every link.
The same notice of the same order has the same token, for its expiry counts from when it was ordered. A token is
accepted in the one spelling in which it was made. Units: an expiry is whole seconds, its last instant included.
Errors: Malformed, what is no token, or none of ours, or was changed; Refused, one whose time is over. None of them
repeats the token.
"""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from plan.errors import Malformed, Refused
from plan.values import Instant, Kept
from runtime.seals import Keyring
from runtime.settings import Settings

PURPOSE: Final = "tocsin/ack-link/1"
MAC_BYTES: Final = 16
"""128 bits of the HMAC-SHA256."""
LONGEST: Final = 800
"""Characters of a token; the longest ids there may be make about 600."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")


class AckToken(Kept):
    """What a token says, once it is proved: this person, for this notice, until then."""

    incident_id: str
    notice_id: str
    recipient: str
    expires_at: Instant


class AckLinks:
    """Makes links and reads their tokens. Without a public URL there are no links; tokens are read all the same."""

    def __init__(self, keyring: Keyring, public_url: str | None, valid_for: timedelta) -> None:
        self._keys = keyring.derived(PURPOSE)
        self._url = public_url.rstrip("/") if public_url else None
        self._valid_for = valid_for

    def personal(self, incident_id: str, notice_id: str, recipient: str, at: datetime) -> str | None:
        """The link for a notice ordered at an instant; None without a public URL."""
        if self._url is None:
            return None
        return f"{self._url}/n/{self.token(incident_id, notice_id, recipient, at)}"

    def page(self, incident_id: str) -> str | None:
        """Where somebody of a chat signs in to act; it proves nothing. None without a public URL."""
        return f"{self._url}/incidents/{quote(incident_id, safe='')}" if self._url else None

    def front(self) -> str | None:
        """Where somebody signs in whatever it is about. None without a public URL."""
        return f"{self._url}/" if self._url else None

    def token(self, incident_id: str, notice_id: str, recipient: str, at: datetime) -> str:
        """The same for the same notice and order."""
        expiry = int((at + self._valid_for).timestamp())
        return self._made(next(iter(self._keys)), incident_id, notice_id, recipient, expiry)

    def read(self, token: str, now: datetime) -> AckToken:
        """What a token says, if it was made here and its time is not over."""
        key, incident_id, notice_id, recipient, expiry = _fields(token)
        if key not in self._keys:
            raise _unknown()
        made = self._made(key, incident_id, notice_id, recipient, expiry)
        if not hmac.compare_digest(made.encode(), token.encode()):
            raise _unknown()
        expires_at = datetime.fromtimestamp(expiry, UTC)
        if now > expires_at:
            raise Refused("This link is too old to say received. Sign in, or tell the operator that you have it.")
        return AckToken(incident_id=incident_id, notice_id=notice_id, recipient=recipient, expires_at=expires_at)

    def _made(self, key: str, incident_id: str, notice_id: str, recipient: str, expiry: int) -> str:
        """As a rule a notice's id names its recipient, who is then not named twice."""
        named = "" if notice_id.rpartition("~")[2] == recipient else recipient
        fields = (key, incident_id, notice_id, named, str(expiry))
        if any("\n" in field for field in fields):
            raise Malformed("An id of this notice holds a line break, so that no link can name it; correct the id.")
        said = "\n".join(fields).encode()
        mac = hmac.new(self._keys[key], said, hashlib.sha256).digest()[:MAC_BYTES]
        return base64.urlsafe_b64encode(mac + said).rstrip(b"=").decode()


def ack_links(settings: Settings, keyring: Keyring) -> AckLinks:
    """As the environment says."""
    return AckLinks(keyring, settings.public_url, settings.link_valid_for)


def token_of(written: str) -> str:
    """The token of a link as somebody pasted it, or the token itself."""
    return written.strip().rpartition("/")[2]


def _fields(token: str) -> tuple[str, str, str, str, int]:
    """What it says, proved by nothing yet."""
    if len(token) > LONGEST or not _TOKEN.fullmatch(token):
        raise _unknown()
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        key, incident_id, notice_id, named, expiry = raw[MAC_BYTES:].decode().split("\n")
    except (binascii.Error, ValueError):
        raise _unknown() from None
    if not _SECONDS.fullmatch(expiry):
        raise _unknown()
    return key, incident_id, notice_id, named or notice_id.rpartition("~")[2], int(expiry)


def _unknown() -> Malformed:
    """One answer for whatever was not made here: a part of a link, a forged or an altered one."""
    return Malformed("This is no link of ours, or only a part of one. Copy the whole link from your own message.")
