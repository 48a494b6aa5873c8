"""Errors of a load: what the driver and the file system say becomes a core error here."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aurum_core.errors import LoadError, StorageFullError, UnavailableError

WAREHOUSE = "warehouse"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_WORDS = ("no space left", "disk is full", "could not write all bytes", "disk quota exceeded")


@contextmanager
def storage_errors(directory: Path) -> Iterator[None]:
    """Turn a full disk to StorageFullError and any other failure of the engine to a core error."""
    import duckdb

    full = f"The disk of {directory} is full: nothing was loaded."
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError(WAREHOUSE, full) from error
        raise UnavailableError(
            WAREHOUSE, f"The warehouse cannot be written: {error.strerror}."
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise LoadError("The load does not fit the memory limit: split it or raise it.") from error
    except duckdb.Error as error:
        if any(word in str(error).lower() for word in _FULL_WORDS):
            raise StorageFullError(WAREHOUSE, full) from error
        raise UnavailableError(WAREHOUSE) from error
