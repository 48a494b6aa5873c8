"""The embedded warehouse opened for a load."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aurum_app.cli import store

if TYPE_CHECKING:
    from aurum_core.settings import AurumSettings
    from aurum_dao.ports.ingestion import DatasetWriter


@contextmanager
def open_store(settings: "AurumSettings") -> "Iterator[DatasetWriter]":
    """Open the data directory's writer; a server may be reading beside it.

    Raises:
        LoadError: the warehouse is not the embedded one, or another load is open.
        OSError: the data directory cannot be written to.
    """
    from aurum_app.resources import open_writer
    from aurum_core.errors import LoadError

    if not store.is_embedded(settings):
        raise LoadError(
            "This command fills the embedded warehouse; AURUM_STORAGE_WAREHOUSE is not duckdb."
        )
    store.prepare(settings.storage.data_dir)
    with open_writer(settings) as writer:
        yield writer
