"""The load ledger and the quarantine."""

import sqlalchemy as sa
from alembic import op

from aurum_dao.operational.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "load_ledger",
        sa.Column("load_seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("dataset", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("source_ref", sa.Text),
        sa.Column("content_hash", sa.String(128)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rows_read", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rows_inserted", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rows_corrected", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rows_unchanged", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rows_quarantined", sa.Integer, nullable=False, server_default="0"),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.PrimaryKeyConstraint("load_seq", name="pk_load_ledger"),
        sa.CheckConstraint(
            "state IN ('open', 'committed', 'aborted')", name="ck_load_ledger_state"
        ),
    )
    op.create_index("ix_load_ledger_content", "load_ledger", ["dataset", "source", "content_hash"])
    op.create_index(
        "uq_load_ledger_one_open",
        "load_ledger",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("load_seq", sa.Integer, nullable=False),
        sa.Column("dataset", sa.String(64), nullable=False),
        sa.Column("row", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.ForeignKeyConstraint(
            ["load_seq"], ["load_ledger.load_seq"], name="fk_quarantine_load_seq_load_ledger"
        ),
    )
    op.create_index("ix_quarantine_load_seq", "quarantine", ["load_seq"])


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("quarantine")
    op.drop_table("load_ledger")
