"""Writing the record of one incident: entries in their chain, words in the vault, and the last refusals for the view.

Append-only: nothing here changes or removes an entry. What an entry says and how it is hashed stands in `record.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, JsonValue

from plan.happenings import Happening
from plan.incident import RefusalSeen
from plan.record import GENESIS, Entry, append
from plan.vault import sealed_fact

LAST_REFUSALS = 50

Data = dict[str, JsonValue]


class Ledger:
    """`changed` is set by every entry, and unset by whoever looks."""

    def __init__(
        self, salt: str, entries: Sequence[Entry], vault: Mapping[str, JsonValue], refusals: Sequence[RefusalSeen]
    ) -> None:
        self.salt = salt
        self.entries = list(entries)
        self.vault = dict(vault)
        self.refusals = list(refusals)
        self.changed = True

    @property
    def sequence(self) -> int:
        return len(self.entries)

    @property
    def head(self) -> str:
        """The record's last hash."""
        return self.entries[-1].hash if self.entries else GENESIS

    def write(
        self,
        what: str,
        now: datetime,
        *,
        received_at: datetime | None = None,
        by: str | None = None,
        door: str | None = None,
        rule: str | None = None,
        about: str | None = None,
        data: Mapping[str, JsonValue] | None = None,
    ) -> Entry:
        """One more entry."""
        entry = append(
            self.head,
            self.sequence + 1,
            what,
            recorded_at=now,
            received_at=received_at,
            by=by,
            door=door,
            rule=rule,
            about=about,
            data=data,
        )
        self.entries.append(entry)
        self.changed = True
        return entry

    def say(self, happened: Sequence[Happening], now: datetime, by: str | None) -> None:
        """An entry for each thing that happened."""
        for each in happened:
            self.write(each.what, now, rule=each.rule, about=each.about, by=by, data=each.data)

    def seal(self, said: BaseModel) -> Data:
        """What the next entry may say of a fact or a complaint; its words go into the vault."""
        data, words = sealed_fact(said, salt=self.salt, sequence=self.sequence + 1)
        self.vault.update(words)
        return data

    def refused(
        self, entry: Entry, kind: str, by: str | None, rule: str | None, reason: str, reason_zh: str = ""
    ) -> None:
        """Keep a refusal in sight; the record has it for good."""
        seen = RefusalSeen(
            sequence=entry.sequence,
            kind=kind,
            by=by,
            rule=rule,
            reason=reason,
            reason_zh=reason_zh,
            at=entry.received_at,
        )
        self.refusals = [*self.refusals, seen][-LAST_REFUSALS:]

    def said_last(self, what: str, data: Mapping[str, JsonValue]) -> bool:
        """Whether the last entry says just this already."""
        return bool(self.entries) and (self.entries[-1].what, self.entries[-1].data) == (what, dict(data))
