"""Calls that can be repeated: what names them, and the ids that follow from it (contract, section 9).

An id in the body names a call best. Where it has none, an `Idempotency-Key` does (the IETF draft, 07: a quoted string;
one without quotes is taken too), or the source and id of a CloudEvent. The incident or fact id is then
derived from the caller and that name, so that a repeat, however often and through whichever process, is the same
incident or fact. Nothing is kept here. Errors: Malformed for a key that cannot be read.
"""

import hashlib
import re
from typing import Final

from plan.errors import Malformed

LONGEST: Final = 255
HEADER: Final = "idempotency-key"
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-+\--~]+")
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv")
"""An id of letters alone never looks like somebody's number (R29); without vowels it spells nothing."""


class KeyReused(Malformed):
    """One key, two contents: the first one stands (the draft's 422)."""


def key_in(header: str | None) -> str | None:
    """The key that a header says; None where there is none."""
    if header is None:
        return None
    written = header.strip(" \t")
    quoted, bare = _QUOTED.fullmatch(written), _BARE.fullmatch(written)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else bare[0] if bare else ""
    if not key or len(key) > LONGEST:
        raise Malformed(
            f'Idempotency-Key cannot be read. Send it once, as 1 to {LONGEST} characters of ASCII in quotes: "4f1c…".'
        )
    return key


def incident_id(caller: str, name: str) -> str:
    """The incident of a complaint that this caller named so: 80 bits, as letters."""
    return f"K-{_digest('incident', caller, name)[:20].translate(_LETTERS)}"


def fact_id(caller: str, incident: str, name: str) -> str:
    """The fact that this caller named so, of one incident."""
    return f"k-{_digest('fact', caller, incident, name)[:40]}"


def key_of_event(source: str, id: str) -> str:
    """The name of a CloudEvent: source and id together (CloudEvents 1.0, "id")."""
    return f"event {source} {id}"


def key_of_row(key: str, row: int) -> str:
    """The name of one row of many that were sent under one key."""
    return f"{key} row {row}"


def reused(what: str) -> KeyReused:
    """`what`: the header, or the event's id and source."""
    return KeyReused(
        f"{what} was used before with other content, which stands. Send what is new under a new one, or the same again."
    )


def _digest(*parts: str) -> str:
    """Parts are told apart by their length, so that no two lists of parts are one text."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode(errors="surrogatepass")).hexdigest()
