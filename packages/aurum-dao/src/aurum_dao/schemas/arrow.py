"""Datasets as Arrow: the types of every column, and the schema a batch is loaded with."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aurum_core.rows import Kind
from aurum_dao.schemas.dataset import ColumnSpec, Dataset
from aurum_dao.schemas.reference import ReferenceTable

if TYPE_CHECKING:
    import pyarrow as pa

PRICE_PRECISION, PRICE_SCALE = 18, 6


def arrow_type_of(column: ColumnSpec) -> "pa.DataType":
    """Return the Arrow type of a column: decimal128(18,6), timestamp[us, UTC], date32 or string."""
    import pyarrow as pa

    if column.name == "data_version":
        return pa.int64()
    types: dict[Kind, pa.DataType] = {
        Kind.TEXT: pa.string(),
        Kind.JSON: pa.string(),
        Kind.INTEGER: pa.int32(),
        Kind.DOUBLE: pa.float64(),
        Kind.PRICE: pa.decimal128(PRICE_PRECISION, PRICE_SCALE),
        Kind.DATE: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.BOOLEAN: pa.bool_(),
    }
    return types[column.kind]


def arrow_schema_of(dataset: Dataset | ReferenceTable) -> "pa.Schema":
    """Return the schema of a table as it is stored, with the description of each column."""
    columns = dataset.all_columns if isinstance(dataset, Dataset) else dataset.columns
    return schema_of_columns(columns)


def schema_of_columns(columns: Iterable[ColumnSpec]) -> "pa.Schema":
    """Return the Arrow schema of some columns; field metadata holds description and unit."""
    import pyarrow as pa

    return pa.schema([_field(column) for column in columns])


def _field(column: ColumnSpec) -> "pa.Field":
    import pyarrow as pa

    metadata = {"description": column.description}
    if column.unit:
        metadata["unit"] = column.unit
    return pa.field(column.name, arrow_type_of(column), nullable=column.nullable, metadata=metadata)
