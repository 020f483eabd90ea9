"""Who may call: keys of systems, sessions of browsers, one-time links."""

import sqlalchemy as sa
from alembic import op

from runtime.records.migrations.guards import refuse
from runtime.records.tables import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("access_keys", "sessions", "sign_in_links")


def upgrade() -> None:
    op.create_table(
        "access_keys",
        sa.Column("key_id", sa.String(20), primary_key=True),
        sa.Column("system", sa.String(60), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("units", sa.Text, nullable=False),
        sa.Column("insurer", sa.String(100)),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("revoked_at", Moment),
        sa.Column("revoked_by", sa.String(100)),
        sa.Column("used_at", Moment),
    )
    op.create_index("ix_access_keys_system", "access_keys", ["system"])
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
    )
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])
    op.create_table(
        "sign_in_links",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
    )
    op.create_index("ix_sign_in_links_ends_at", "sign_in_links", ["ends_at"])
    refuse("access_keys", "DELETE")


def downgrade() -> None:
    """The records stay; every key and every session is gone, so that new ones are made afterwards."""
    for table in reversed(TABLES):
        op.drop_table(table)
