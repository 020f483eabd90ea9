"""Triggers that keep what was appended: a role may have more rights than it should, and its owner has them all.

PostgreSQL and SQLite each in its own words; both refuse with the name of the table.
"""

from alembic import op

_FUNCTION = """
CREATE FUNCTION tocsin_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never changed: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""


def make_refusal() -> None:
    if _postgresql():
        op.execute(_FUNCTION)


def drop_refusal() -> None:
    if _postgresql():
        op.execute("DROP FUNCTION tocsin_refuse()")


def refuse(table: str, *events: str) -> None:
    """Refuse UPDATE, DELETE, or both; where DELETE is refused, so is TRUNCATE."""
    for each in events:
        if _postgresql():
            op.execute(_row_trigger(table, each))
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_{each.lower()} BEFORE {each} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{table} is never changed: {each} refused'); END"
            )
    if _postgresql() and "DELETE" in events:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tocsin_refuse()"
        )


def only_forward(table: str, column: str) -> None:
    """A number that only grows."""
    name = f"{table}_forward"
    if _postgresql():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (NEW.{column} < OLD.{column}) EXECUTE FUNCTION tocsin_refuse()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN NEW.{column} < OLD.{column} BEGIN "
            f"SELECT RAISE(ABORT, '{table} only goes on: UPDATE refused'); END"
        )


def _row_trigger(table: str, event: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION tocsin_refuse()"
    )


def _postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
