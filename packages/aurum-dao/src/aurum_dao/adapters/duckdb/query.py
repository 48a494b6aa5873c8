"""One query on one cursor of its own: run on a worker thread, interrupted from the loop."""

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from aurum_core.errors import DeadlineError
from aurum_dao.adapters.duckdb.errors import read_errors
from aurum_dao.ports.warehouse import Statement

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class RowQuery:
    """Fetches every row; the cursor ends with it."""

    __slots__ = ("_cursor", "_statement", "_stopped")

    def __init__(self, cursor: "duckdb.DuckDBPyConnection", statement: Statement) -> None:
        self._cursor = cursor
        self._statement = statement
        self._stopped = False

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows; blocks."""
        try:
            if self._stopped:
                raise DeadlineError
            with read_errors():
                statement = self._statement
                return self._cursor.execute(statement.text, statement.parameters).fetchall()
        finally:
            self._cursor.close()

    def interrupt(self) -> None:
        """Stop it, before it began or while it runs."""
        self._stopped = True
        _interrupt(self._cursor)


class BatchQuery:
    """Pulls Arrow batches one by one; closing frees the engine, after the pull that runs."""

    __slots__ = ("_batch_rows", "_busy", "_cursor", "_lock", "_reader", "_statement", "_stopped")

    def __init__(
        self, cursor: "duckdb.DuckDBPyConnection", statement: Statement, batch_rows: int
    ) -> None:
        self._cursor = cursor
        self._statement = statement
        self._batch_rows = batch_rows
        self._reader: pa.RecordBatchReader | None = None
        self._lock = Lock()
        self._busy = False
        self._stopped = False

    def next_batch(self) -> "pa.RecordBatch | None":
        """Return the next batch, None after the last; blocks."""
        with self._lock:
            if self._stopped:
                raise DeadlineError
            self._busy = True
        try:
            with read_errors():
                return self._pull()
        finally:
            with self._lock:
                self._busy = False
                stopped = self._stopped
            if stopped:
                self._free()

    def interrupt(self) -> None:
        """Stop the running pull and all that would follow."""
        self._stopped = True
        _interrupt(self._cursor)

    def close(self) -> None:
        """Stop it and free the engine."""
        with self._lock:
            self._stopped = True
            busy = self._busy
        if busy:
            _interrupt(self._cursor)  # the pull frees it
        else:
            self._free()

    def _pull(self) -> "pa.RecordBatch | None":
        if self._reader is None:
            statement = self._statement
            # `execute().to_arrow_reader()` would hold the whole result in memory.
            relation = self._cursor.sql(statement.text, params=list(statement.parameters))
            self._reader = relation.to_arrow_reader(self._batch_rows)
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None

    def _free(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._cursor.close()


def _interrupt(cursor: "duckdb.DuckDBPyConnection") -> None:
    import duckdb

    with suppress(duckdb.Error):  # it ended and was closed meanwhile
        cursor.interrupt()
