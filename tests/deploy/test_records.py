"""The job that makes the records' database: its roles may what the page says, and enter nothing of Temporal's."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from deploy.records import DATABASE, OWNER, make
from runtime.records.engine import Store, engine_of
from runtime.records.erasing import erase
from runtime.records.grants import GRANTS, ROLES
from runtime.records.reading import entries
from runtime.records.writing import keep
from tests.docs.pages import page
from tests.records.conftest import KEYS
from tests.records.made import order, played
from tests.records.postgres import Postgres, postgres

PASSWORDS: dict[str, str] = dict.fromkeys(ROLES, "for-this-test-only")


@pytest.fixture(scope="module")
def admin() -> Iterator[URL]:
    with postgres() as cluster:
        yield _made(cluster)


def _made(cluster: Postgres) -> URL:
    admin = cluster.database().set(database="postgres")
    with psycopg.connect(host=admin.host, port=admin.port, user=admin.username, dbname="postgres") as server:
        server.autocommit = True
        server.execute("CREATE DATABASE temporal")
    make(admin, PASSWORDS)
    make(admin, PASSWORDS)
    return admin


def _as(admin: URL, role: str) -> Store:
    return Store(engine_of(admin.set(username=role, password=PASSWORDS[role], database=DATABASE)), KEYS)


@pytest.mark.rule("R62")
def test_workers_append_and_the_eraser_erases_and_nobody_owns_the_tables_by_login(admin: URL) -> None:
    writer, eraser, reader = (_as(admin, role) for role in ("tocsin_writer", "tocsin_eraser", "tocsin_reader"))
    keep(writer, order(played().book))
    assert entries(reader, "K-1")
    for forbidden in ("DELETE FROM entries", "DELETE FROM vault", "DROP TABLE entries", "CREATE TABLE x (n int)"):
        with pytest.raises(ProgrammingError), writer.engine.begin() as connection:
            connection.execute(text(forbidden))
    assert erase(eraser, "K-1", by="operator", reason="asked").words
    with writer.engine.connect() as connection:
        owners = connection.execute(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))
        assert owners.scalars().all() == [OWNER]
    for store in (writer, eraser, reader):
        store.close()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("database", ["temporal", "postgres"])
def test_no_role_of_the_records_enters_another_database(admin: URL, role: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(host=admin.host, port=admin.port, user=role, password=PASSWORDS[role], dbname=database)


def test_the_page_grants_the_same() -> None:
    said = page("docs/operating.md")
    assert [grant for grant in GRANTS if f"{grant};" not in said] == []
