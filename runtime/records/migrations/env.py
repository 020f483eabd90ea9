"""Alembic runs this: over the connection that `migrating.py` hands in, in its transaction."""

from alembic import context

from runtime.records.tables import META

context.configure(connection=context.config.attributes["connection"], target_metadata=META)
with context.begin_transaction():
    context.run_migrations()
