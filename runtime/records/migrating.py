"""Brings the store's tables up to date, or back, by Alembic. Two at a time wait for each other.

Errors: whatever the database says; `engine.reached` puts it into our words.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

HEAD: Final = "head"
_LOCK: Final = 7_062_143
"""PostgreSQL's advisory lock of our migrations."""


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """To a revision, the newest as a rule; nothing where it is there already."""
    with engine.begin() as connection:
        _one_at_a_time(connection)
        if to != HEAD or revision(connection) != newest():
            command.upgrade(_config(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Back to a revision, or to `base`, where nothing is left."""
    with engine.begin() as connection:
        _one_at_a_time(connection)
        command.downgrade(_config(connection), to)


def revision(connection: Connection) -> str | None:
    """Where this database is; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _one_at_a_time(connection: Connection) -> None:
    """On SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
