"""Canonical files: CSV, Parquet and Arrow with the dataset's columns, or others mapped to them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from aurum_core.errors import LoadError
from aurum_dao.loaders.options import ReadOptions

BATCH_ROWS = 65_536
_CSV_BLOCK = 8 << 20
_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc", ".arrows")


def read_canonical(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows with canonical column names; other columns are carried along.

    CSV columns come as text, so that identifiers keep their leading zeros; UTF-8, header first,
    `.gz` and the like are unpacked.

    Raises:
        LoadError: the file cannot be read, or a mapped column is not in it.
    """
    for batch in _batches(path):
        yield _renamed(batch, options)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    try:
        if suffixes and suffixes[-1] in _PARQUET:
            yield from _parquet(path)
        elif suffixes and suffixes[-1] in _ARROW:
            yield from _arrow(path)
        elif ".csv" in suffixes[-2:]:
            yield from _csv(path)
        else:
            raise LoadError(f"{path.name} is none of CSV, Parquet and Arrow by its name.")
    except FileNotFoundError:
        raise LoadError(f"There is no file {path}.") from None
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise LoadError(f"{path.name} cannot be read: {reason}") from error


def _parquet(path: Path) -> Iterator[pa.RecordBatch]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=BATCH_ROWS)


def _arrow(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as source:
        try:
            file = pa.ipc.open_file(source)
        except pa.ArrowInvalid:
            source.seek(0)
            yield from pa.ipc.open_stream(source)
            return
        for index in range(file.num_record_batches):
            yield file.get_batch(index)


def _csv(path: Path) -> Iterator[pa.RecordBatch]:
    from pyarrow import csv

    read = csv.ReadOptions(block_size=_CSV_BLOCK)
    with pa.input_stream(str(path), compression="detect") as head:
        names = csv.open_csv(head, read_options=read).schema.names
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
    )
    parse = csv.ParseOptions(newlines_in_values=True)
    with pa.input_stream(str(path), compression="detect") as source:
        yield from csv.open_csv(
            source, read_options=read, convert_options=convert, parse_options=parse
        )


def _renamed(batch: pa.RecordBatch, options: ReadOptions) -> pa.RecordBatch:
    own = {theirs: canonical for canonical, theirs in options.columns.items()}
    missing = sorted(set(own) - set(batch.schema.names))
    if missing:
        raise LoadError(f"The file has no column {', '.join(missing)}.")
    taken = {*options.columns, *options.constants}
    arrays, names = [], []
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        if name not in own and name in taken:
            continue  # another column, or a constant, stands for it
        arrays.append(array)
        names.append(own.get(name, name))
    for name, value in options.constants.items():
        arrays.append(
            pa.array([value], pa.string()).take(pa.array([0] * batch.num_rows, pa.int8()))
        )
        names.append(name)
    return pa.RecordBatch.from_arrays(arrays, names=names)
