"""Rows to bytes for pages: msgspec for the enveloped formats, the column writers for the others.

A row type decides names, order and kinds (`aurum_core.rows`). Numbers are served as they were read:
decimals already without trailing zeros (`served_number`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from aurum_core.rows import Kind, RowField, fields_of
from aurum_services.formats import COLUMNS, JSON, Format

if TYPE_CHECKING:
    import pyarrow as pa

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def warm_formats() -> None:
    """Load what the columnar formats need: a first CSV must not import a library on the loop."""
    from aurum_services import columnar

    columnar.schema_of(())


def json_of(value: Any) -> bytes:  # noqa: ANN401 - anything msgspec knows
    """Return compact JSON: decimals as numbers, instants with `Z`, no NaN (null)."""
    return _ENCODER.encode(value)


def encode_page(
    fmt: Format,
    rows: Sequence[Any],
    row_type: type,
    *,
    meta: Mapping[str, Any],
    links: Mapping[str, str | None],
    zone: ZoneInfo | None = None,
) -> bytes:
    """Return one page in a format; `meta` and `links` go into enveloped ones only.

    With a zone, instants carry its offset. The rows of the enveloped formats are changed for that.
    """
    if fmt is JSON:
        return envelope(json_of(localised(rows, row_type, zone)), meta, links)
    if fmt is COLUMNS:
        localised(rows, row_type, zone)
        fields = fields_of(row_type)
        columns = {f.name: [getattr(row, f.name) for row in rows] for f in fields}
        return envelope(json_of(columns), meta, links)
    from aurum_services import columnar  # pyarrow is loaded when a columnar format is asked for

    return b"".join(
        columnar.encode_batches(fmt, fields_of(row_type), [batch_of(rows, row_type)], zone)
    )


def localised(rows: Sequence[Any], row_type: type, zone: ZoneInfo | None) -> Sequence[Any]:
    """Return the rows with their instants in the zone; without one, as they are."""
    if zone is not None:
        for name in [f.name for f in fields_of(row_type) if f.kind is Kind.INSTANT]:
            for row in rows:
                instant = getattr(row, name)
                if instant is not None:
                    setattr(row, name, instant.astimezone(zone))
    return rows


def envelope(data: bytes, meta: Mapping[str, Any], links: Mapping[str, str | None]) -> bytes:
    """Return the v2 envelope around encoded data."""
    return b'{"data":%b,"meta":%b,"links":%b}' % (data, json_of(meta), json_of(links))


def batch_of(rows: Sequence[Any], row_type: type) -> "pa.RecordBatch":
    """Return the rows as one Arrow batch with the schema of their row type."""
    import pyarrow as pa

    from aurum_services import columnar

    fields = fields_of(row_type)
    schema = columnar.schema_of(fields)
    arrays = [
        pa.array(_cells(rows, field), type=schema.field(i).type) for i, field in enumerate(fields)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cells(rows: Sequence[Any], field: RowField) -> list[Any]:
    cells = [getattr(row, field.name) for row in rows]
    if field.kind is Kind.PRICE:
        return [None if cell is None else Decimal(str(cell)) for cell in cells]
    if field.kind is Kind.TEXTS:
        return [None if cell is None else [str(item) for item in cell] for cell in cells]
    if field.kind is Kind.JSON:
        return [None if cell is None else json_of(cell).decode() for cell in cells]
    return cells
