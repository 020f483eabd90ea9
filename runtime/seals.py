"""A door's seal: who received a fact, and when, so that nobody who can send a message can also date it (contract, 2).

The seal is an HMAC-SHA256 with a door key over the RFC 8785 form of incident, content, stamp and door. It is checked by
the worker outside the workflow, at no history event. The answer must be the same in every replay, so a key is kept as
long as an incident sealed with it can be replayed; a new one is put in front of it. Source: R43's hour depends on it.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

from plan.errors import Malformed, Misconfigured
from runtime.home import Home
from runtime.settings import Settings

MAINLAND_MOBILE = re.compile(r"(?:0?086|\+86|86)(1\d{10})")
"""A mobile number written with China's country code is the same number without it."""


class Keyring:
    """The door keys by id, the first one signing, and the key that person keys are derived with."""

    def __init__(self, doors: Mapping[str, bytes], person: bytes) -> None:
        if not doors:
            raise Misconfigured("TOCSIN_DOOR_KEYS: no key; write id:hex")
        self._doors = dict(doors)
        self._signing = next(iter(self._doors))
        self._person = person

    def sign(self, incident_id: str, fact: Mapping[str, Any], received_at: str, door: str) -> dict[str, str]:
        """The seal over a fact or a complaint. Malformed where the content is not JSON."""
        content = _content(incident_id, fact, received_at, door)
        if content is None:
            raise Malformed(
                f"what was said of {incident_id} is not plain JSON; use numbers below 2^53, texts, lists, objects"
            )
        return {"key": self._signing, "mac": _mac(self._doors[self._signing], content)}

    def envelope(self, incident_id: str, fact: Mapping[str, Any], received_at: str, door: str) -> dict[str, Any]:
        """The fact as a door sends it: with its stamp, its door and the seal over them."""
        seal = self.sign(incident_id, fact, received_at, door)
        return {"fact": dict(fact), "received_at": received_at, "door": door, "seal": seal}

    def valid(self, incident_id: str, envelope: Mapping[str, Any]) -> bool:
        """Whether the seal is a door's, over exactly this. False for whatever cannot be read; raises nothing."""
        seal: Any = envelope.get("seal")
        fact: Any = envelope.get("fact", envelope.get("complaint"))
        if not isinstance(seal, Mapping) or not isinstance(fact, Mapping):
            return False
        named: Any = seal.get("key")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        mac: Any = seal.get("mac")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        received_at, door = envelope.get("received_at"), envelope.get("door")
        if not (isinstance(named, str) and isinstance(mac, str) and isinstance(received_at, str)):
            return False
        content = _content(incident_id, fact, received_at, door)  # pyright: ignore[reportUnknownArgumentType]
        if named not in self._doors or content is None:
            return False
        return hmac.compare_digest(_mac(self._doors[named], content).encode(), mac.encode(errors="replace"))

    def derived(self, purpose: str) -> dict[str, bytes]:
        """A key of its own for another purpose, of each door key, the signing one first.

        What is signed with one is never a seal: a seal's content is a JSON object, and `purpose` is none.
        """
        return {name: hmac.new(key, purpose.encode(), hashlib.sha256).digest() for name, key in self._doors.items()}

    def person_key(self, name: str, phone: str) -> str:
        """A key for a person, never a name or number and not to be turned back into one (contract, 6: people)."""
        said = rfc8785.dumps([_name(name), _phone(phone)])
        return "p-" + hmac.new(self._person, said, hashlib.sha256).hexdigest()[:20]

    def policy_key(self, number: str) -> str:
        """A key for a policy, by which two complaints about it are known to be about the same one (R14)."""
        said = rfc8785.dumps(["policy", re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).casefold()])
        return "k-" + hmac.new(self._person, said, hashlib.sha256).hexdigest()[:20]


def stamp(instant: datetime) -> str:
    """The instant as it is sealed: UTC, with microseconds. Malformed where it has no offset."""
    if instant.tzinfo is None:
        raise Malformed("The instant of receipt has no offset; pass an aware one.")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def keyring(settings: Settings) -> Keyring:
    """The keys from the environment, else from the home, which makes its own the first time."""
    home = Home(settings.home)
    written = settings.door_keys.get_secret_value() if settings.door_keys else home.door_keys()
    person = settings.person_key.get_secret_value() if settings.person_key else home.person_secret()
    try:
        doors = {name.strip(): bytes.fromhex(key) for name, _, key in (k.partition(":") for k in written.split(","))}
        return Keyring(doors, bytes.fromhex(person))
    except ValueError:
        raise Misconfigured(
            f"the keys in {home.path} cannot be read; restore them, or set TOCSIN_DOOR_KEYS and TOCSIN_PERSON_KEY"
        ) from None


def _content(incident_id: str, fact: Mapping[str, Any], received_at: str, door: object) -> bytes | None:
    try:
        said: Any = {"incident": incident_id, "fact": dict(fact), "received_at": received_at, "door": door}
        return rfc8785.dumps(said)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError):
        return None


def _mac(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _name(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _phone(phone: str) -> str:
    dialled = re.sub(r"[^0-9+]", "", unicodedata.normalize("NFKC", phone))
    mobile = MAINLAND_MOBILE.fullmatch(dialled)
    return mobile[1] if mobile else dialled
