"""Column writers: Arrow batches to CSV, NDJSON, Parquet and Arrow bytes, vectorised throughout.

A text format is made in two steps: every column becomes an array of finished cells, then the cells
of a row are joined. The joined array's value buffer is the output, byte for byte; no row is touched
from Python. Cells are written as JSON pages write them, so that all formats agree.

Text in CSV that a spreadsheet would run as a formula (it begins with `= + - @`, a tab or a carriage
return) is written behind a single quote; a text that begins with a quote gets another one. Removing
one leading quote from every text cell gives the original back.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

from aurum_core.rows import Kind, RowField
from aurum_services.formats import ARROW, CSV, NDJSON, Format

_TYPES = MappingProxyType(
    {
        Kind.TEXT: pa.string(),
        Kind.JSON: pa.string(),
        Kind.INTEGER: pa.int64(),
        Kind.DOUBLE: pa.float64(),
        Kind.PRICE: pa.decimal128(18, 6),
        Kind.DATE: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.BOOLEAN: pa.bool_(),
        Kind.TEXTS: pa.list_(pa.string()),
    }
)
_ENCODER = msgspec.json.Encoder()
Cells = Callable[[pa.Array], pa.Array]


def schema_of(fields: Sequence[RowField], zone: ZoneInfo | None = None) -> pa.Schema:
    """Return the Arrow schema of a row type: served names, instants in the zone."""
    return pa.schema([pa.field(f.name, _type(f.kind, zone), nullable=f.nullable) for f in fields])


def _type(kind: Kind, zone: ZoneInfo | None) -> pa.DataType:
    if kind is Kind.INSTANT and zone is not None:
        return pa.timestamp("us", tz=zone.key)
    return _TYPES[kind]


def encode_batches(
    fmt: Format,
    fields: Sequence[RowField],
    batches: Iterable[pa.RecordBatch],
    zone: ZoneInfo | None = None,
) -> Iterator[bytes]:
    """Yield the chunks of a document made of the batches: header first, footer last."""
    writer = open_writer(fmt, fields, zone)
    yield writer.head()
    for batch in batches:
        yield writer.chunk(batch)
    yield writer.tail()


class Writer:
    """Turns batches into chunks of one document: `head`, any number of `chunk`s, `tail`."""

    def head(self) -> bytes:
        """Return what comes before the first row."""
        return b""

    def chunk(self, batch: pa.RecordBatch) -> bytes:
        """Return the bytes of a batch; its columns are the fields, in order."""
        raise NotImplementedError

    def tail(self) -> bytes:
        """Return what comes after the last row."""
        return b""


def open_writer(fmt: Format, fields: Sequence[RowField], zone: ZoneInfo | None = None) -> Writer:
    """Return the writer of a format that can be streamed; instants are written in the zone."""
    if fmt is CSV:
        return CsvWriter(fields, zone)
    if fmt is NDJSON:
        return NdjsonWriter(fields, zone)
    return ArrowWriter(fields, zone) if fmt is ARROW else ParquetWriter(fields, zone)


class CsvWriter(Writer):
    """RFC 4180: CRLF, header row, empty for null."""

    def __init__(self, fields: Sequence[RowField], zone: ZoneInfo | None = None) -> None:
        self._names = [f.name for f in fields]
        self._cells = [_csv_cells(f.kind, _stamps_in(zone)) for f in fields]

    def head(self) -> bytes:
        """Return the header row."""
        return ",".join(self._names).encode() + b"\r\n"

    def chunk(self, batch: pa.RecordBatch) -> bytes:
        """Return the rows of a batch."""
        pieces: list[Any] = []
        for cells, column in zip(self._cells, batch.columns, strict=True):
            pieces += [cells(column).fill_null(""), ","]
        pieces[-1] = "\r\n"
        return _joined(pieces, batch.num_rows)


class NdjsonWriter(Writer):
    """One JSON object per line."""

    def __init__(self, fields: Sequence[RowField], zone: ZoneInfo | None = None) -> None:
        self._keys = [json_text(f.name) + ":" for f in fields]
        self._cells = [_json_cells(f.kind, _stamps_in(zone)) for f in fields]

    def chunk(self, batch: pa.RecordBatch) -> bytes:
        """Return the rows of a batch."""
        pieces: list[Any] = []
        lead = "{"
        for key, cells, column in zip(self._keys, self._cells, batch.columns, strict=True):
            pieces += [lead + key, cells(column).fill_null("null")]
            lead = ","
        return _joined([*pieces, "}\n"], batch.num_rows)


class _Sink(io.RawIOBase):
    """Collects what a file writer writes until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class ArrowWriter(Writer):
    """The Arrow IPC stream."""

    def __init__(self, fields: Sequence[RowField], zone: ZoneInfo | None = None) -> None:
        self._sink = _Sink()
        self._schema = schema_of(fields, zone)
        self._stream = pa.ipc.new_stream(self._sink, self._schema)

    def head(self) -> bytes:
        """Return the schema message."""
        return self._sink.take()

    def chunk(self, batch: pa.RecordBatch) -> bytes:
        """Return the message of a batch."""
        self._stream.write_batch(_conformed(batch, self._schema))
        return self._sink.take()

    def tail(self) -> bytes:
        """Return the end-of-stream marker."""
        self._stream.close()
        return self._sink.take()


class ParquetWriter(Writer):
    """Parquet, zstd, one row group per batch."""

    def __init__(self, fields: Sequence[RowField], zone: ZoneInfo | None = None) -> None:
        self._sink = _Sink()
        self._schema = schema_of(fields, zone)
        self._file = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def head(self) -> bytes:
        """Return the magic bytes."""
        return self._sink.take()

    def chunk(self, batch: pa.RecordBatch) -> bytes:
        """Return the row group of a batch."""
        self._file.write_batch(_conformed(batch, self._schema))
        return self._sink.take()

    def tail(self) -> bytes:
        """Return the footer."""
        self._file.close()
        return self._sink.take()


def json_text(text: str) -> str:
    """Return the JSON string of a text."""
    return _ENCODER.encode(text).decode()


def csv_text(text: str) -> str:
    """Return the CSV cell of a text: neutralised where it would run, quoted where it must be."""
    if text[:1] in {"=", "+", "-", "@", "\t", "\r", "'"}:
        text = "'" + text
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _joined(pieces: list[Any], rows: int) -> bytes:
    if not rows:
        return b""
    lines = pc.binary_join_element_wise(*pieces, "")
    if isinstance(lines, pa.ChunkedArray):
        lines = lines.combine_chunks()
    _, offsets, values = lines.buffers()
    marks = memoryview(offsets).cast("i")
    first, last = marks[lines.offset], marks[lines.offset + rows]
    return bytes(memoryview(values)[first:last])


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema.equals(schema):
        return batch
    arrays = [
        _plain(column).cast(field.type) for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _json_cells(kind: Kind, stamps: Cells) -> Cells:
    if kind is Kind.TEXT:
        return lambda column: _distinct(column, json_text)
    if kind in (Kind.DATE, Kind.INSTANT):
        return lambda column: _distinct(column, lambda text: f'"{text}"', stamps)
    if kind is Kind.TEXTS:
        return lambda column: _lists(column, lambda texts: _ENCODER.encode(texts).decode())
    return _numbers(kind)


def _csv_cells(kind: Kind, stamps: Cells) -> Cells:
    if kind in (Kind.TEXT, Kind.JSON):
        return lambda column: _distinct(column, csv_text)
    if kind in (Kind.DATE, Kind.INSTANT):
        return lambda column: _distinct(column, str, stamps)
    if kind is Kind.TEXTS:
        return lambda column: _lists(column, lambda texts: csv_text(";".join(texts)))
    return _numbers(kind)


def _distinct(
    column: pa.Array, write: Callable[[str], str], read: Cells = lambda a: a.cast(pa.string())
) -> pa.Array:
    """Write each distinct value once and spread it over the rows."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    cells = [None if v is None else write(v) for v in read(encoded.dictionary).to_pylist()]
    return pa.array(cells, pa.string()).take(encoded.indices)


def _lists(column: pa.Array, write: Callable[[list[str]], str]) -> pa.Array:
    cells = [None if v is None else write(v) for v in column.to_pylist()]
    return pa.array(cells, pa.string())


def _stamps_in(zone: ZoneInfo | None) -> Cells:
    """Return how dates and instants are written: in UTC with `Z`, or with a zone's offset."""
    if zone is None:
        return _stamps

    def local(values: pa.Array) -> pa.Array:
        if pa.types.is_date(values.type):
            return _stamps(values)
        texts = [None if v is None else v.astimezone(zone).isoformat() for v in values.to_pylist()]
        return pa.array(texts, pa.string())

    return local


def _stamps(values: pa.Array) -> pa.Array:
    if pa.types.is_date(values.type):
        return values.cast(pa.string())
    text = values.cast(pa.timestamp("us", tz="UTC")).cast(pa.string())
    text = pc.replace_substring(text, " ", "T")
    return pc.replace_substring(text, ".000000Z", "Z")


def _numbers(kind: Kind) -> Cells:
    if kind is Kind.PRICE:
        return _prices
    if kind is Kind.DOUBLE:
        return _doubles
    return lambda column: _plain(column).cast(pa.string())


def _prices(column: pa.Array) -> pa.Array:
    text = _plain(column).cast(pa.decimal128(18, 6)).cast(pa.string())
    return pc.replace_substring_regex(text, r"\.?0+$", "")


def _doubles(column: pa.Array) -> pa.Array:
    # the JSON encoder's own text of each distinct double, so that pages and exports agree
    encoded = _plain(column).dictionary_encode()
    numbers = _ENCODER.encode(encoded.dictionary.to_pylist())[1:-1].decode()
    cells = [None if c == "null" else c for c in numbers.split(",")] if numbers else []
    return pa.array(cells, pa.string()).take(encoded.indices)
