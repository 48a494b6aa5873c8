"""Arrow out of rows in memory."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aurum_core.rows import Kind, fields_of

if TYPE_CHECKING:
    import pyarrow as pa


def batch_in_memory(rows: Sequence[Mapping[str, Any]], row_type: type) -> "pa.RecordBatch":
    """Return the rows as one batch of the row type's columns."""
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.JSON: pa.string(),
        Kind.INTEGER: pa.int64(),
        Kind.DOUBLE: pa.float64(),
        Kind.PRICE: pa.decimal128(18, 6),
        Kind.DATE: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.BOOLEAN: pa.bool_(),
    }
    fields = fields_of(row_type)
    arrays = [pa.array([row[f.column] for row in rows], types[f.kind]) for f in fields]
    return pa.RecordBatch.from_arrays(arrays, names=[f.column for f in fields])
