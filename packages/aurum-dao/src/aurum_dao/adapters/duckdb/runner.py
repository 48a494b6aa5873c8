"""DuckDB behind the statement runner's port: a cursor per query, on threads of our own."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import perf_counter
from typing import TYPE_CHECKING

from aurum_core.deadline import seconds_left
from aurum_core.errors import (
    AurumError,
    DeadlineError,
    LoadError,
    OverloadedError,
    UnavailableError,
)
from aurum_core.telemetry import Meter, NullMeter
from aurum_dao.adapters.duckdb.connection import (
    EngineOptions,
    attach_empty,
    attach_snapshot,
    open_engine,
)
from aurum_dao.adapters.duckdb.errors import WAREHOUSE, WarehouseFaultError, read_errors
from aurum_dao.adapters.duckdb.following import Following
from aurum_dao.adapters.duckdb.query import BatchQuery, RowQuery
from aurum_dao.adapters.duckdb.snapshots import POINTER, Current, read_current
from aurum_dao.offload import CLOSE_SECONDS, Offload
from aurum_dao.ports.warehouse import Statement

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH_ROWS = 65_536
FIRST_BATCH_SECONDS = 60.0
NEXT_BATCH_SECONDS = 30.0
OPEN_STREAMS = 16
QUEUE_SECONDS = 2.0
"""Longer than a network dependency's: a few threads are all there is, see ADR 2."""
ATTACH_TRIES = 3
SECONDS = "aurum_warehouse_statement_seconds"


class Threads:
    """Threads for pages, for exports and for swaps, so that none of them waits for another."""

    __slots__ = ("exports", "pages", "swaps")

    def __init__(self, workers: int, queue_seconds: float) -> None:
        self.pages = Offload(workers, name=WAREHOUSE, queue_seconds=queue_seconds)
        self.exports = Offload(workers, name=WAREHOUSE, queue_seconds=NEXT_BATCH_SECONDS)
        self.swaps = Offload(1, name=WAREHOUSE, queue_seconds=NEXT_BATCH_SECONDS)


class DuckDbRunner:
    """Implements `StatementRunner` over a directory of snapshots; open it by `open_duckdb_runner`.

    The newest load is announced only after its snapshot is attached: whoever pins it can read it.
    """

    def __init__(
        self,
        engine: "duckdb.DuckDBPyConnection",
        directory: Path,
        threads: Threads,
        *,
        meter: Meter,
    ) -> None:
        self._engine = engine
        self._directory = directory
        self._meter = meter
        self._threads = threads
        self._refreshing = asyncio.Lock()
        self._streams = 0
        self._version = 0
        self._following = Following()

    def data_version(self) -> int:
        """Return the newest load whose snapshot is attached."""
        return self._version

    @property
    def last_failure(self) -> str | None:
        """Why the newest load cannot be followed, for operators; None while it can."""
        return self._following.failure

    async def fetch(self, statement: Statement) -> Sequence[tuple[object, ...]]:
        """Return every row of a statement."""
        await self._catch_up(statement)
        query = RowQuery(self._engine.cursor(), statement)
        with self._measured(statement):
            return await self._threads.pages.run(query.rows, query.interrupt)

    async def stream(self, statement: Statement) -> AsyncIterator["pa.RecordBatch"]:
        """Stream the rows as Arrow batches, one batch ahead of the consumer.

        The request's deadline holds until the first batch; after it, 30 s without one end it.
        """
        await self._catch_up(statement)
        with self._open_stream():
            query = BatchQuery(self._engine.cursor(), statement, BATCH_ROWS)
            first = seconds_left(FIRST_BATCH_SECONDS)
            pending = self._pull(query, first)
            try:
                with self._measured(statement):
                    batch = await pending
                while batch is not None:
                    pending = self._pull(query, NEXT_BATCH_SECONDS)
                    yield batch
                    batch = await pending
            finally:
                pending.cancel()
                query.close()

    async def refresh(self) -> int:
        """Attach what CURRENT names when it is newer, and return the load it came with.

        Raises:
            UnavailableError: the pointer or its snapshot cannot be read.
        """
        async with self._refreshing:
            for left in reversed(range(ATTACH_TRIES)):
                current = await self._look()
                if current is None or current.load_seq <= self._version:
                    self._following.followed()
                    return self._version
                path = current.path(self._directory)
                try:
                    await self._threads.swaps.run(lambda: self._attach(path))  # noqa: B023 - awaited
                except UnavailableError as error:
                    # A file that has gone by now means that CURRENT is newer: read it again.
                    if not left:
                        self._following.failed(path, error)
                        raise
                else:
                    self._version = current.load_seq
                    self._following.attached(path, self._version)
                    break
            return self._version

    async def poll(self, seconds: float) -> None:
        """Look for a newer snapshot every so often, for ever; a failure is counted."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except AurumError:
                self._meter.count("aurum_warehouse_refresh_failures_total")

    async def aclose(self) -> None:
        """Interrupt what runs, close the engine, end the threads."""
        threads = self._threads
        await asyncio.gather(threads.pages.aclose(), threads.exports.aclose())
        await threads.swaps.run(self._engine.close, seconds=CLOSE_SECONDS)

    async def _catch_up(self, statement: Statement) -> None:
        if statement.least_version > self._version and (
            await self.refresh() < statement.least_version
        ):
            raise UnavailableError(WAREHOUSE, "The warehouse does not hold that load.")

    async def _look(self) -> Current | None:
        """Read CURRENT, None where nothing was ever loaded."""
        try:
            return await self._threads.swaps.run(self._read_current)
        except UnavailableError as error:
            self._following.failed(self._directory / POINTER, error)
            raise

    def _read_current(self) -> Current | None:
        with read_errors():
            try:
                current = read_current(self._directory)
                if current is None and self._version > 0:
                    raise LoadError("The pointer has gone.")
            except AurumError as error:
                raise UnavailableError(WAREHOUSE) from error
            return current

    def _attach(self, path: Path) -> None:
        try:
            with read_errors():
                connection = self._engine.cursor()
                try:
                    attach_snapshot(connection, path)
                finally:
                    connection.close()
        except WarehouseFaultError as error:  # the file's fault: the statement is always the same
            raise UnavailableError(WAREHOUSE) from error.__cause__

    def _pull(self, query: BatchQuery, seconds: float) -> "asyncio.Task[pa.RecordBatch | None]":
        pull = asyncio.create_task(
            self._threads.exports.run(query.next_batch, query.interrupt, seconds=seconds)
        )
        pull.add_done_callback(_seen)
        return pull

    @contextmanager
    def _open_stream(self) -> Iterator[None]:
        if self._streams >= OPEN_STREAMS:
            raise OverloadedError(WAREHOUSE, "Too many exports are open.")
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    @contextmanager
    def _measured(self, statement: Statement) -> Iterator[None]:
        started = perf_counter()
        outcome = "error"
        try:
            yield
            outcome = "ok"
        except DeadlineError:
            outcome = "deadline"
            raise
        except OverloadedError:
            outcome = "overloaded"
            raise
        finally:
            seconds = perf_counter() - started
            self._meter.observe(SECONDS, seconds, statement=statement.name, outcome=outcome)


def _seen(pull: "asyncio.Task[pa.RecordBatch | None]") -> None:
    """Look at the error of a pull that a consumer left behind: asyncio would log it."""
    if not pull.cancelled():
        pull.exception()


@asynccontextmanager
async def open_duckdb_runner(
    data_dir: Path,
    *,
    workers: int = 2,
    threads: int = 1,
    memory_limit: str = "1GB",
    poll_seconds: float = 1.0,
    queue_seconds: float = QUEUE_SECONDS,
    meter: Meter | None = None,
) -> AsyncIterator[DuckDbRunner]:
    """Open the embedded warehouse for reading; a directory without a load reads as empty.

    `workers` threads run pages and as many run exports, each query on `threads` of the engine's.
    A page waits `queue_seconds` for a thread, then it is refused.
    """
    threads_of_ours = Threads(workers, queue_seconds)
    swaps = threads_of_ours.swaps
    options = EngineOptions(threads=threads, memory_limit=memory_limit)
    async with _private_directory(swaps) as private:
        engine = await swaps.run(lambda: open_engine(data_dir, private, options))
        runner = DuckDbRunner(engine, data_dir, threads_of_ours, meter=meter or NullMeter())
        try:
            if await runner.refresh() == 0:
                await swaps.run(lambda: attach_empty(engine.cursor(), private))
            async with _polling(runner, poll_seconds):
                yield runner
        finally:
            await runner.aclose()


@asynccontextmanager
async def _private_directory(swaps: Offload) -> AsyncIterator[Path]:
    """Make a directory and remove it at the end, off the loop, with the thread that does it."""
    directory = await swaps.run(lambda: Path(mkdtemp(prefix="aurum-duckdb-")))
    try:
        yield directory
    finally:
        await swaps.run(lambda: rmtree(directory, ignore_errors=True), seconds=CLOSE_SECONDS)
        await swaps.aclose()


@asynccontextmanager
async def _polling(runner: DuckDbRunner, seconds: float) -> AsyncIterator[None]:
    task = asyncio.create_task(runner.poll(seconds))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
