"""Whether an exported record is whole (contract, section 8): every hash computed again, the first misfit named.

A chain alone shows that nothing inside was changed; it cannot show that the end was not cut off, nor that the whole was
not written anew. So it is "internally consistent" and no more, unless it holds a head that a second party kept.
Errors: none; whatever the lines hold is answered with a finding.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import cast

import rfc8785
from pydantic import JsonValue

from plan.record import GENESIS, Entry, digest
from plan.values import Kept

SHAPE = frozenset(Entry.model_fields)


class Fault(StrEnum):
    NOT_JSON = "not_json"
    UNKNOWN_SHAPE = "unknown_shape"
    SEQUENCE_GAP = "sequence_gap"
    WRONG_PREVIOUS = "wrong_previous"
    WRONG_HASH = "wrong_hash"
    NOT_CANONICAL = "not_canonical"
    TIME_BACKWARDS = "time_backwards"
    EMPTY = "empty"
    OTHER_HEAD = "other_head"


SAID = {
    Fault.NOT_JSON: ("不是一行 JSON", "is not one line of JSON"),
    Fault.UNKNOWN_SHAPE: ("字段不是记录条目的字段", "does not have the fields of an entry"),
    Fault.SEQUENCE_GAP: ("序号不连续", "does not have the next sequence number"),
    Fault.WRONG_PREVIOUS: ("与前一条的哈希不衔接", "does not follow the hash of the entry before"),
    Fault.WRONG_HASH: ("内容与其哈希不符", "does not fit its own hash"),
    Fault.NOT_CANONICAL: ("书写形式不是导出时的形式", "is not written the way it was exported"),
    Fault.TIME_BACKWARDS: ("记录时间早于前一条", "was recorded before the entry before it"),
    Fault.EMPTY: ("记录为空", "the record is empty"),
    Fault.OTHER_HEAD: (
        "内部一致，但不含第三方留存的链头：末尾可能被截去，或整份记录被重写",
        "internally consistent, but it does not hold the head that the second party kept: "
        "the end may have been cut off, or the whole written anew",
    ),
}


class Verification(Kept):
    """The finding. `entries` and `head` count and end with the last good entry; `first_bad` is the place (from 1) of
    the first one that does not fit; `attested` how many entries the second party's head vouches for.
    """

    entries: int
    head: str
    fault: Fault | None = None
    first_bad: int | None = None
    attested: int | None = None
    words: str
    words_zh: str


def verify(lines: Iterable[str], head: str | None = None) -> Verification:
    """Judge an exported record, line by line; blank lines are not entries. `head` is the hash a second party holds."""
    wanted = None if head is None else head.strip().lower()
    last: Entry | None = None
    attested: int | None = None
    for place, line in enumerate((line for line in lines if line.strip()), start=1):
        found = _judged(line.rstrip("\r\n"), place, last)
        if isinstance(found, Fault):
            return _broken(found, place, last)
        last = found
        attested = place if last.hash == wanted else attested
    return _whole(last, wanted, attested)


def _judged(line: str, place: int, last: Entry | None) -> Entry | Fault:
    """The entry on a line, or why it does not follow the last."""
    try:
        body = cast(JsonValue, json.loads(line))
    except (ValueError, RecursionError):
        return Fault.NOT_JSON
    if not isinstance(body, dict) or frozenset(body) != SHAPE:
        return Fault.UNKNOWN_SHAPE
    try:
        entry, written, computed = Entry.model_validate(body), rfc8785.dumps(body), digest(body)
    except (ValueError, RecursionError):
        return Fault.UNKNOWN_SHAPE
    if body["sequence"] != place:
        return Fault.SEQUENCE_GAP
    if entry.previous != (GENESIS if last is None else last.hash):
        return Fault.WRONG_PREVIOUS
    if entry.hash != computed:
        return Fault.WRONG_HASH
    if written != line.encode():
        return Fault.NOT_CANONICAL
    if last is not None and entry.recorded_at < last.recorded_at:
        return Fault.TIME_BACKWARDS
    return entry


def _broken(fault: Fault, place: int, last: Entry | None) -> Verification:
    zh, en = SAID[fault]
    return Verification(
        entries=place - 1,
        head=GENESIS if last is None else last.hash,
        fault=fault,
        first_bad=place,
        words=f"not consistent: entry {place} {en}; whatever follows it proves nothing",
        words_zh=f"不一致：第 {place} 条{zh}；其后各条不足为凭",
    )


def _whole(last: Entry | None, wanted: str | None, attested: int | None) -> Verification:
    if last is None:
        zh, en = SAID[Fault.EMPTY]
        return Verification(entries=0, head=GENESIS, fault=Fault.EMPTY, words=en, words_zh=zh)
    count = last.sequence
    fault = None
    if wanted is None:
        zh = f"内部一致：{count} 条。未与第三方留存的链头核对，不能排除末尾被截去或整份重写"
        en = (
            f"internally consistent: {count} entries. Not compared with a head that a second party holds, "
            "so a cut end or a record written anew would not show"
        )
    elif attested is None:
        fault = Fault.OTHER_HEAD
        zh, en = SAID[fault]
    else:
        later = count - attested
        zh = f"一致：第三方留存的链头证明至第 {attested} 条" + (f"；其后 {later} 条仅内部一致" if later else "")
        en = f"consistent: the second party's head vouches for {attested} entries" + (
            f"; the {later} after it are internally consistent only" if later else ""
        )
    return Verification(entries=count, head=last.hash, fault=fault, attested=attested, words=en, words_zh=zh)
