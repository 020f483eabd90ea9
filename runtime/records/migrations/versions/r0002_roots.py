"""Daily roots over all heads, and the log of what was erased."""

import sqlalchemy as sa
from alembic import op

from runtime.records.migrations.guards import refuse
from runtime.records.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("roots", "root_leaves", "erasures")


def upgrade() -> None:
    op.create_table(
        "roots",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("leaves", sa.Integer, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    op.create_table(
        "root_leaves",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
    )
    op.create_index("ix_root_leaves_incident_id", "root_leaves", ["incident_id"])
    op.create_table(
        "erasures",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("words", sa.Integer, nullable=False),
    )
    op.create_index("ix_roots_day", "roots", ["day"], unique=True)
    for table in TABLES:
        refuse(table, "UPDATE", "DELETE")


def downgrade() -> None:
    """The records stay; who kept a root keeps it."""
    for table in reversed(TABLES):
        op.drop_table(table)
