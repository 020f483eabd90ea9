"""The tables of who may call: keys of systems, sessions of browsers, one-time links (ADR 26).

Of a secret there is only a hash. A key's row stays when it was revoked; what a key may do is never changed, a new key
is made instead. Sessions and links go when their time is over.
"""

from typing import Final

from sqlalchemy import Column, Index, String, Table, Text

from runtime.records.tables import META, Moment

ACCESS_KEYS: Final = Table(
    "access_keys",
    META,
    Column("key_id", String(20), primary_key=True),
    Column("system", String(60), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("insurer", String(100)),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("revoked_by", String(100)),
    Column("used_at", Moment),
    Index("ix_access_keys_system", "system"),
)
SESSIONS: Final = Table(
    "sessions",
    META,
    Column("hash", String(64), primary_key=True),
    Column("person", String(100), nullable=False),
    Column("way", String(20), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Index("ix_sessions_ends_at", "ends_at"),
)
SIGN_IN_LINKS: Final = Table(
    "sign_in_links",
    META,
    Column("hash", String(64), primary_key=True),
    Column("person", String(100), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_sign_in_links_ends_at", "ends_at"),
)
