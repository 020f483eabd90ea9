"""Opens the store that the settings name: a SQLite file in the home, or PostgreSQL.

A SQLite file is brought up to date when it is opened; PostgreSQL's tables are made beforehand by whoever owns them
(`python -m runtime.records`, deploy/prepare.py), for a worker may only append. Errors: Misconfigured where the address
cannot be used; Unreachable where the database does not answer (`reached`).
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree

from plan.errors import Misconfigured, Unreachable
from runtime.home import Home
from runtime.records.keys import RecordKeys, record_keys
from runtime.records.migrating import upgrade
from runtime.settings import Settings

READING: Final = "tocsin_reading"
_POSTGRESQL: Final[dict[str, Any]] = {
    "pool_size": 4,
    "max_overflow": 4,
    "pool_timeout": 5,
    "pool_pre_ping": True,
    "pool_recycle": 1800,
    "connect_args": {
        "connect_timeout": 5,
        "prepare_threshold": None,
        "application_name": "tocsin",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    },
}
"""A database that has vanished is noticed within seconds. No prepared statements, so that it works behind a pooler that
hands out a connection for each transaction."""


@dataclass(frozen=True)
class Store:
    """An open store. `close` when it is not needed any more."""

    engine: Engine
    keys: RecordKeys

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction, kept whole or not at all."""
        with reached(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One transaction that sees one state and keeps nothing."""
        with reached(self.engine), self.engine.connect() as connection:
            ours = connection.execution_options(**{READING: True})
            if self.engine.dialect.name == "postgresql":
                ours = ours.execution_options(isolation_level="REPEATABLE READ")
            yield ours
            ours.rollback()

    def close(self) -> None:
        self.engine.dispose()


def open_store(settings: Settings) -> Store:
    """The store; a SQLite file is made, and brought up to date. Errors: Misconfigured, Unreachable."""
    url = store_url(settings)
    keys = record_keys(settings)
    if url.get_backend_name() == "sqlite" and url.database:
        Home(Path(url.database).parent).make()
    engine = engine_of(url)
    if url.get_backend_name() == "sqlite":
        with reached(engine):
            upgrade(engine)
    return Store(engine, keys)


def open_store_to_erase(settings: Settings) -> Store:
    """The same store by the role that may erase words. Errors: those of `open_store`."""
    if settings.records_eraser is None:
        return open_store(settings)
    return Store(engine_of(make_url(settings.records_eraser.get_secret_value())), record_keys(settings))


def store_url(settings: Settings) -> URL:
    written = settings.records.get_secret_value() if settings.records else f"sqlite:///{Home(settings.home).records}"
    return make_url(written)


def engine_of(url: URL) -> Engine:
    """Nothing is connected yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})
        event.listen(engine, "connect", _as_we_need_it)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(url, **_POSTGRESQL)


@contextmanager
def reached(engine: Engine) -> Generator[None]:
    """A database's errors in our words; none of them holds an address, a password or a value."""
    try:
        yield
    except (OperationalError, InterfaceError, NoneFree) as failed:
        raise Unreachable(
            f"The records are out of reach ({_kind(failed)}). Start the database that TOCSIN_RECORDS names; "
            "what waits to be kept is tried again by itself."
        ) from None
    except ProgrammingError as failed:
        raise Misconfigured(
            f"The records' database does not take this ({_kind(failed)}). Make its tables with "
            "`python -m runtime.records upgrade`, and give this role what docs/operating.md grants it."
        ) from None
    except DBAPIError as failed:
        broken = failed.connection_invalidated
        if broken:
            raise Unreachable("The records' database broke off; it is tried again by itself.") from None
        raise


def _kind(failed: SQLAlchemyError) -> str:
    """The database's own name for it, such as UndefinedTable."""
    return type(failed.orig).__name__ if isinstance(failed, DBAPIError) else type(failed).__name__


def _as_we_need_it(connection: Any, _: Any) -> None:
    """SQLite: transactions begin where we say so, readers do not wait for a writer, what is kept is on the disk."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes its turn at the beginning; waiting for it later could only fail."""
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
