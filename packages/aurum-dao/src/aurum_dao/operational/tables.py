"""The operational tables, as SQLAlchemy Core metadata: one schema for both engines.

Alembic's migrations make them; a test holds the two together.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from aurum_dao.operational.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

load_ledger = Table(
    "load_ledger",
    metadata,
    Column("load_seq", Integer, primary_key=True, autoincrement=False),
    Column("dataset", String(64), nullable=False),
    Column("source", String(200), nullable=False),
    Column("source_ref", Text),
    Column("content_hash", String(128)),
    Column("state", String(16), nullable=False),
    Column("rows_read", Integer, nullable=False, server_default="0"),
    Column("rows_inserted", Integer, nullable=False, server_default="0"),
    Column("rows_corrected", Integer, nullable=False, server_default="0"),
    Column("rows_unchanged", Integer, nullable=False, server_default="0"),
    Column("rows_quarantined", Integer, nullable=False, server_default="0"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    CheckConstraint("state IN ('open', 'committed', 'aborted')", name="state"),
    Index("ix_load_ledger_content", "dataset", "source", "content_hash"),
    Index(
        "uq_load_ledger_one_open",
        "state",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
"""One row per load; the partial unique index lets one be open at a time."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("load_seq", Integer, ForeignKey("load_ledger.load_seq"), nullable=False, index=True),
    Column("dataset", String(64), nullable=False),
    Column("row", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Rows that a load refused: the row as JSON, and why."""
