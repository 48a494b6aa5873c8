"""The warehouse's tables on DuckDB, made from the datasets."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aurum_core.rows import Kind
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.dataset import ColumnSpec
from aurum_dao.schemas.reference import REFERENCE_TABLES

if TYPE_CHECKING:
    import duckdb


def sql_type_of(column: ColumnSpec) -> str:
    """Return DuckDB's type of a column; JSON is text, so that both engines agree."""
    if column.name == "data_version":
        return "BIGINT"
    return {
        Kind.TEXT: "VARCHAR",
        Kind.JSON: "VARCHAR",
        Kind.INTEGER: "INTEGER",
        Kind.DOUBLE: "DOUBLE",
        Kind.PRICE: "DECIMAL(18,6)",
        Kind.DATE: "DATE",
        Kind.INSTANT: "TIMESTAMPTZ",
        Kind.BOOLEAN: "BOOLEAN",
    }[column.kind]


def warehouse_tables() -> Iterator[tuple[str, tuple[ColumnSpec, ...]]]:
    """Yield the name (`schema.table`) and the columns of every fact and reference table."""
    for dataset in DATASETS.values():
        yield dataset.table, dataset.all_columns
    for reference in REFERENCE_TABLES.values():
        yield reference.table, reference.columns


def create_statements() -> tuple[str, ...]:
    """Return the statements that bring an empty database to the current shape."""
    tables = tuple(warehouse_tables())
    schemas = sorted({name.partition(".")[0] for name, _ in tables})
    return (
        *(f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in schemas),
        *(f"CREATE TABLE IF NOT EXISTS {name} ({_columns(columns)})" for name, columns in tables),
    )


def apply_ddl(connection: "duckdb.DuckDBPyConnection") -> None:
    """Create what is missing: a snapshot of an earlier release gains tables and columns."""
    for statement in create_statements():
        connection.execute(statement)
    found = connection.execute(
        "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns"
    ).fetchall()
    known = set(found)
    for table, columns in warehouse_tables():
        for column in columns:
            if (table, column.name) not in known:
                connection.execute(
                    f"ALTER TABLE {table} ADD COLUMN {column.name} {sql_type_of(column)}"
                )


def _columns(columns: tuple[ColumnSpec, ...]) -> str:
    return ", ".join(
        f"{c.name} {sql_type_of(c)}{'' if c.nullable else ' NOT NULL'}" for c in columns
    )
