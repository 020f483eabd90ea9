"""The table of subscriptions. Secrets are sealed with the keys of the records; what else it says is no secret."""

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text

from runtime.records.tables import META, Moment

SUBSCRIPTIONS: Final = Table(
    "subscriptions",
    META,
    Column("id", String(64), primary_key=True),
    Column("system", String(100), nullable=False),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("insurer", String(100)),
    Column("key_id", String(40), nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("paused_at", Moment),
    Column("ended_at", Moment),
    Column("why", String(200)),
    Index("ix_subscriptions_system", "system"),
)
"""`types` and `units` are separated by blanks; `secrets` are `whsec_…`, each with the instant until which it signs."""
