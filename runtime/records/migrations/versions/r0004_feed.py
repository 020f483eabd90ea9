"""Subscriptions: what other systems are told, and where."""

import sqlalchemy as sa
from alembic import op

from runtime.records.migrations.guards import refuse
from runtime.records.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(100), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("units", sa.Text, nullable=False),
        sa.Column("insurer", sa.String(100)),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("paused_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("why", sa.String(200)),
    )
    op.create_index("ix_subscriptions_system", "subscriptions", ["system"])
    refuse("subscriptions", "DELETE")


def downgrade() -> None:
    """Receivers are told no more; what they were told stays on record."""
    op.drop_table("subscriptions")
