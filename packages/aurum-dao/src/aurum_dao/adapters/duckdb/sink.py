"""DuckDB, open on one snapshot file for one load."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aurum_dao.adapters.duckdb.ddl import apply_ddl

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

STAGE = "load_stage"


class DuckDbSink:
    """Implements `LoadSink`; not thread-safe."""

    __slots__ = ("_connection",)

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection

    @contextmanager
    def stage(self, table: "pa.Table") -> Iterator[str]:
        """Register an Arrow table as a view; nothing is copied."""
        self._connection.register(STAGE, table)
        try:
            yield STAGE
        finally:
            self._connection.unregister(STAGE)

    def execute(self, text: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement that writes and return how many rows it wrote."""
        rows = self._connection.execute(text, list(parameters)).fetchall()
        return int(rows[0][0]) if rows else 0

    def fetch(self, text: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        return self._connection.execute(text, list(parameters)).fetchall()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file."""
        self._connection.execute("CHECKPOINT")


@contextmanager
def open_sink(
    path: Path, *, read_only: bool = False, memory_limit: str = "1GB"
) -> Iterator[DuckDbSink]:
    """Open a snapshot file, its tables created where they are missing, and close it at the end.

    Rows go to the disk in the order of the MERGE, which readers prune by: one thread, and joins
    that stream the side that is sorted (left to itself the engine hashes it into 16 pieces).
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": memory_limit,
        "temp_directory": str(path.with_name(f"{path.name}.tmp")),
        "threads": 1,
    }
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    try:
        connection.execute("SET GLOBAL TimeZone='UTC'")
        connection.execute("SET enable_progress_bar=false")
        connection.execute("SET disabled_optimizers='build_side_probe_side'")
        if not read_only:
            apply_ddl(connection)
        yield DuckDbSink(connection)
    finally:
        connection.close()
