"""Records, their words, and what the figures are counted from."""

import sqlalchemy as sa
from alembic import op

from runtime.records.migrations.guards import drop_refusal, make_refusal, only_forward, refuse
from runtime.records.tables import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    make_refusal()
    op.create_table(
        "heads",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("what", sa.String(80), nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
    )
    op.create_table(
        "data_keys",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "vault",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("commitment", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("form", sa.String(20), nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("imported", sa.Boolean, nullable=False),
        sa.Column("outlet", sa.String(100)),
        sa.Column("province", sa.String(100)),
        sa.Column("units", sa.Text, nullable=False),
        sa.Column("insurer", sa.String(100)),
        sa.Column("insurers", sa.Text, nullable=False),
        sa.Column("channel", sa.String(40)),
        sa.Column("subject", sa.String(100)),
        sa.Column("product_line", sa.String(200)),
        sa.Column("remedy", sa.String(40)),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
        sa.Column("known_at", Moment),
        sa.Column("crisis_at", Moment),
        sa.Column("report_owed", sa.Boolean, nullable=False),
        sa.Column("arrival_owed", sa.Boolean, nullable=False),
        sa.Column("resolved_at", Moment),
        sa.Column("closed_at", Moment),
        sa.Column("to_acknowledge", sa.Integer),
        sa.Column("to_report", sa.Integer),
        sa.Column("to_handover", sa.Integer),
        sa.Column("to_arrival", sa.Integer),
        sa.Column("to_resolution", sa.Integer),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("group_id", sa.String(64)),
        sa.Column("repeat_of", sa.String(64)),
        sa.Column("conduct", sa.Integer, nullable=False),
        sa.Column("policies_normal", sa.Integer, nullable=False),
        sa.Column("policies_flawed", sa.Integer, nullable=False),
        sa.Column("policies_problem", sa.Integer, nullable=False),
        sa.Column("policies_undetermined", sa.Integer, nullable=False),
        sa.Column("mis_selling", sa.Boolean),
        sa.Column("notices_arrived", sa.Integer, nullable=False),
        sa.Column("notices_failed", sa.Integer, nullable=False),
    )
    op.create_index("ix_incidents_filed_at", "incidents", ["filed_at"])
    op.create_index("ix_incidents_repeat_of", "incidents", ["repeat_of"])
    op.create_table(
        "clocks",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("clock_id", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("statutory", sa.Boolean, nullable=False),
        sa.Column("owed_by", sa.Text),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("met_at", Moment),
        sa.Column("void", sa.Boolean, nullable=False),
        sa.Column("breach_at", Moment),
        sa.Column("lifted_at", Moment),
    )
    op.create_table(
        "notices",
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("notice_id", sa.String(200), primary_key=True),
        sa.Column("duty", sa.String(200), nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("unit", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(40)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
        sa.Column("acknowledged_at", Moment),
    )
    refuse("entries", "UPDATE", "DELETE")
    refuse("vault", "UPDATE")
    refuse("data_keys", "UPDATE")
    refuse("heads", "DELETE")
    only_forward("heads", "sequence")


def downgrade() -> None:
    """Nothing of any record is left."""
    for table in ("notices", "clocks", "incidents", "vault", "data_keys", "entries", "heads"):
        op.drop_table(table)
    drop_refusal()
