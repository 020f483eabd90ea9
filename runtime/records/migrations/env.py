"""Alembic runs this: over the connection that `migrating.py` hands in, in its transaction."""

from alembic import context

from runtime.records import access_tables as access_tables  # its tables are META's too
from runtime.records import feed_tables as feed_tables
from runtime.records.tables import META

context.configure(connection=context.config.attributes["connection"], target_metadata=META)
with context.begin_transaction():
    context.run_migrations()
