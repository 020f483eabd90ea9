"""The tables of the store. What is appended once is never changed: triggers see to it, and grants (migrations/).

`entries`, `roots`, `root_leaves` and `erasures` are append-only; of `vault` and `data_keys` rows are erased and never
changed; `heads` only goes on; `incidents`, `clocks` and `notices` are derived and are written anew with each record.
Instants are aware and kept in UTC: SQLite has no offsets, and would silently drop one.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """An aware instant, in UTC in the store and in memory. Errors: ValueError for one without an offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without an offset cannot be kept")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


META: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s",
    }
)


def _id(name: str = "incident_id", **more: Any) -> Column[str]:
    return Column(name, String(64), **more)


HEADS: Final = Table(
    "heads",
    META,
    _id(primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("head", String(64), nullable=False),
    Column("kept_at", Moment, nullable=False),
)
ENTRIES: Final = Table(
    "entries",
    META,
    _id(primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("what", String(80), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("line", Text, nullable=False),
)
"""`line` is the entry as it is exported, byte for byte."""
DATA_KEYS: Final = Table(
    "data_keys",
    META,
    _id(primary_key=True),
    Column("key_id", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
VAULT: Final = Table(
    "vault",
    META,
    _id(primary_key=True),
    Column("commitment", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
INCIDENTS: Final = Table(
    "incidents",
    META,
    _id(primary_key=True),
    Column("form", String(20), nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("outlet", String(100)),
    Column("province", String(100)),
    Column("units", Text, nullable=False),
    Column("insurer", String(100)),
    Column("insurers", Text, nullable=False),
    Column("channel", String(40)),
    Column("subject", String(100)),
    Column("product_line", String(200)),
    Column("remedy", String(40)),
    Column("stage", String(20), nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("known_at", Moment),
    Column("crisis_at", Moment),
    Column("report_owed", Boolean, nullable=False),
    Column("arrival_owed", Boolean, nullable=False),
    Column("resolved_at", Moment),
    Column("closed_at", Moment),
    Column("to_acknowledge", Integer),
    Column("to_report", Integer),
    Column("to_handover", Integer),
    Column("to_arrival", Integer),
    Column("to_resolution", Integer),
    Column("reopened", Integer, nullable=False),
    _id("group_id"),
    _id("repeat_of"),
    Column("conduct", Integer, nullable=False),
    Column("policies_normal", Integer, nullable=False),
    Column("policies_flawed", Integer, nullable=False),
    Column("policies_problem", Integer, nullable=False),
    Column("policies_undetermined", Integer, nullable=False),
    Column("mis_selling", Boolean),
    Column("notices_arrived", Integer, nullable=False),
    Column("notices_failed", Integer, nullable=False),
    Index("ix_incidents_filed_at", "filed_at"),
    Index("ix_incidents_repeat_of", "repeat_of"),
)
"""`units` and `insurers` are paths, `/gd-gz-th-0001/gd-gz-th/`, so that one filter finds an id anywhere in them."""
CLOCKS: Final = Table(
    "clocks",
    META,
    _id(primary_key=True),
    Column("clock_id", String(100), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("rule", String(100), nullable=False),
    Column("statutory", Boolean, nullable=False),
    Column("owed_by", Text),
    Column("starts_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("met_at", Moment),
    Column("void", Boolean, nullable=False),
    Column("breach_at", Moment),
    Column("lifted_at", Moment),
)
NOTICES: Final = Table(
    "notices",
    META,
    _id(primary_key=True),
    Column("notice_id", String(200), primary_key=True),
    Column("duty", String(200), nullable=False),
    Column("recipient", String(100), nullable=False),
    Column("unit", String(100), nullable=False),
    Column("channel", String(40)),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("acknowledged_at", Moment),
)
ROOTS: Final = Table(
    "roots",
    META,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("leaves", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("key_id", String(40), nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Index("ix_roots_day", "day", unique=True),
)
ROOT_LEAVES: Final = Table(
    "root_leaves",
    META,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _id(primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("head", String(64), nullable=False),
    Index("ix_root_leaves_incident_id", "incident_id"),
)
"""Only those that are new or have gone on since the root before: the leaves of a root are the latest up to it."""
ERASURES: Final = Table(
    "erasures",
    META,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _id(nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Integer, nullable=False),
)
APPEND_ONLY: Final = (ENTRIES, ROOTS, ROOT_LEAVES, ERASURES)
