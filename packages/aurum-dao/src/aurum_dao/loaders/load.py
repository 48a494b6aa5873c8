"""One file, one load."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from aurum_core.errors import LoadError
from aurum_dao.loaders.formats import Format, find_format
from aurum_dao.loaders.options import ReadOptions
from aurum_dao.ports.ingestion import DatasetWriter, LoadSummary

Progress = Callable[[int], None]
"""Called with the number of rows read so far."""

DEFAULT_SOURCE = "file"


def load_file(
    writer: DatasetWriter,
    format_name: str,
    path: Path,
    *,
    source: str | None = None,
    source_ref: str | None = None,
    options: ReadOptions | None = None,
    dry_run: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> LoadSummary:
    """Load a file of a format (`FORMATS`), or canonical rows of a dataset or reference table.

    `source` is whose rows they are, the format's own by default; `source_ref` the file's name. A
    file that was loaded before under the same options is recognised by its content; `force` reads
    it again, row by row.

    Raises:
        LoadError: the format is unknown, the file cannot be read, columns are missing, or another
            load is open.
        StorageFullError: the disk is full; nothing was loaded.
    """
    chosen, options = find_format(format_name), options or ReadOptions()
    return writer.load(
        chosen.dataset,
        _read(chosen, path, options, progress),
        source=source or chosen.source or DEFAULT_SOURCE,
        source_ref=source_ref or path.name,
        content_hash=None if force else content_hash_of(chosen, path, options),
        dry_run=dry_run,
    )


def content_hash_of(chosen: Format, path: Path, options: ReadOptions) -> str:
    """Return a hash of all that the rows depend on: format, options, file and companions.

    Raises:
        LoadError: a file cannot be read.
    """
    said = [chosen.name, sorted(options.columns.items()), sorted(options.constants.items())]
    digest = hashlib.sha256(json.dumps(said).encode())
    for file in (path, *chosen.companions(path, options)):
        digest.update(_file_digest(file))
    return digest.hexdigest()


def _file_digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        raise LoadError(f"{path} cannot be read.") from None


def _read(
    chosen: Format, path: Path, options: ReadOptions, progress: Progress | None
) -> Iterator[pa.RecordBatch]:
    rows = 0
    try:
        for batch in chosen.read(path, options):
            rows += batch.num_rows
            if progress is not None:
                progress(rows)
            yield batch
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise LoadError(f"{path.name} cannot be read as {chosen.name}: {reason}") from error
    except OSError as error:
        raise LoadError(f"{path.name} cannot be read: {error.strerror}.") from error
