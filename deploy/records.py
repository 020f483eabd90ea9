"""Makes the database of the records in the installation's own PostgreSQL: its owner, its tables, the roles that use it.

Runs once before the workers, in their image, as the server's administrator; nobody else here knows that password. The
tables belong to `tocsin_owner`, whom nobody can log in as; the roles may what runtime/records/grants.py says, and enter
none of Temporal's databases. Safe to repeat: passwords are set anew, tables brought up to date, grants given again.
Settings: `RECORDS_ADMIN` (postgresql+psycopg://USER:PASSWORD@HOST/postgres), `RECORDS_PASSWORD` (of the writer and the
reader), `ERASER_PASSWORD`. Exit codes: 0 ready, 2 misconfigured, 3 the database does not answer.
"""

import os
import sys
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from plan.errors import Misconfigured, TocsinError, Unreachable
from runtime.records.engine import reached
from runtime.records.grants import GRANTS
from runtime.records.migrating import upgrade

DATABASE: Final = "tocsin"
OWNER: Final = "tocsin_owner"
OTHERS: Final = ("postgres", "temporal", "temporal_visibility")
"""Databases that only their owner enters."""


def make(admin: URL, passwords: dict[str, str], database: str = DATABASE) -> None:
    """Database, owner, tables and roles."""
    try:
        with psycopg.connect(
            host=admin.host,
            port=admin.port or 5432,
            user=admin.username,
            password=admin.password,
            dbname=admin.database,
            autocommit=True,
            connect_timeout=10,
        ) as server:
            _role(server, OWNER, None)
            for role, password in passwords.items():
                _role(server, role, password)
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                _do(server, "CREATE DATABASE {} OWNER {}", database, OWNER)
            there = [row[0] for row in server.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")]
            for each in (database, *(name for name in OTHERS if name in there)):
                _do(server, "REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC", each)
            for role in passwords:
                _do(server, "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", database, role)
    except psycopg.OperationalError:
        raise Unreachable("PostgreSQL does not answer, or refuses RECORDS_ADMIN. Look at its log.") from None
    _tables(admin.set(database=database))


def _tables(url: URL) -> None:
    """As their owner, not as the administrator."""
    engine = create_engine(url, connect_args={"options": f"-c role={OWNER}", "connect_timeout": 10})
    with reached(engine):
        upgrade(engine)
        with engine.begin() as connection:
            for grant in GRANTS:
                connection.execute(text(grant))
    engine.dispose()


def _role(server: "psycopg.Connection[tuple[object, ...]]", name: str, password: str | None) -> None:
    if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        _do(server, "CREATE ROLE {}", name)
    if password is not None:
        said = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        server.execute(said)


def _do(server: "psycopg.Connection[tuple[object, ...]]", statement: LiteralString, *names: str) -> None:
    server.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


def _set(name: str) -> str:
    if found := os.environ.get(name, "").strip():
        return found
    raise Misconfigured(f"{name} is not set: the records' database is made with it.")


def main() -> int:
    try:
        passwords = {"tocsin_writer": _set("RECORDS_PASSWORD"), "tocsin_reader": _set("RECORDS_PASSWORD")}
        make(make_url(_set("RECORDS_ADMIN")), passwords | {"tocsin_eraser": _set("ERASER_PASSWORD")})
    except TocsinError as failed:
        sys.stderr.write(f"{failed}\n")
        return failed.exit_code
    sys.stderr.write(f"The database {DATABASE} is ready for records.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
