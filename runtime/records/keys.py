"""The keys of the store: words are encrypted with a key of their incident, and the daily root is signed.

Each incident's data key is random and wrapped by the installation's; whoever deletes it has erased the words, in every
copy of the database that is made from then on. The installation's keys are `id:hex`, the first one wraps and signs, the
others still unwrap; both uses are derived from it, so that it is one secret to keep. AES-256-GCM, Ed25519.
Errors: Misconfigured where a key is needed that is not there.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple, cast

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import JsonValue

from plan.errors import Misconfigured
from runtime.home import Home
from runtime.settings import Settings

NONCE: Final = 12


class Signed(NamedTuple):
    """A signature in hex, the public key it is checked with, and the id of that key."""

    key_id: str
    public_key: str
    signature: str


class RecordKeys:
    """The installation's keys by id, the first one in use."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._first = next(iter(self._keys))

    def new_data_key(self, incident_id: str) -> tuple[str, bytes]:
        """A data key, wrapped: the id of what wraps it, and what may be kept in the database."""
        return self._first, _seal(self._wrapping(self._first), secrets.token_bytes(32), incident_id)

    def data_key(self, incident_id: str, key_id: str, wrapped: bytes) -> bytes:
        try:
            return _open(self._wrapping(key_id), wrapped, incident_id)
        except (KeyError, InvalidTag):
            raise Misconfigured(
                f"the words of {incident_id} are under the key {key_id!r}, which is not here; put it back into "
                "TOCSIN_RECORDS_KEYS, or into records.keys in the home, behind the one in use"
            ) from None

    def seal_secret(self, place: str, value: JsonValue) -> tuple[str, bytes]:
        """A secret of ours that another party shares, bound to its place: the id of the key, and what may be kept."""
        return self._first, sealed(_derived(self._keys[self._first], "secret"), place, value)

    def open_secret(self, place: str, key_id: str, content: bytes) -> JsonValue:
        try:
            return opened(_derived(self._keys[key_id], "secret"), place, content)
        except (KeyError, InvalidTag):
            raise Misconfigured(
                f"the secret of {place} is under the key {key_id!r}, which is not here; put it back into "
                "TOCSIN_RECORDS_KEYS, or into records.keys in the home, behind the one in use"
            ) from None

    def sign(self, content: bytes) -> Signed:
        private = Ed25519PrivateKey.from_private_bytes(_derived(self._keys[self._first], "root"))
        return Signed(self._first, self.public_key, private.sign(content).hex())

    @property
    def public_key(self) -> str:
        """What a second party keeps to check roots with, in hex."""
        private = Ed25519PrivateKey.from_private_bytes(_derived(self._keys[self._first], "root"))
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def _wrapping(self, key_id: str) -> bytes:
        return _derived(self._keys[key_id], "wrap")


def sealed(key: bytes, place: str, value: JsonValue) -> bytes:
    """A word encrypted; `place` binds it to its incident and commitment."""
    return _seal(key, json.dumps(value, ensure_ascii=False).encode(), place)


def opened(key: bytes, place: str, sealed: bytes) -> JsonValue:
    return cast(JsonValue, json.loads(_open(key, sealed, place)))


def signature_fits(content: bytes, public_key: str, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def record_keys(settings: Settings) -> RecordKeys:
    """From the environment, else from the home, which makes its own the first time."""
    written = settings.records_keys.get_secret_value() if settings.records_keys else Home(settings.home).records_keys()
    try:
        pairs = (each.strip().partition(":") for each in written.split(","))
        return RecordKeys({name: bytes.fromhex(key) for name, _, key in pairs})
    except ValueError:
        raise Misconfigured(
            "the keys of the records cannot be read; restore them, or set TOCSIN_RECORDS_KEYS"
        ) from None


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, f"tocsin records {purpose}".encode(), hashlib.sha256).digest()


def _seal(key: bytes, content: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, place.encode())


def _open(key: bytes, sealed: bytes, place: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
