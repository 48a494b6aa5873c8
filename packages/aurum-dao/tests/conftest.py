"""Stores for the reader suites, and snapshots made of rows as they are."""

# ruff: noqa: E402 - assertions of the suites are rewritten before they are imported

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pyarrow as pa
import pytest

pytest.register_assert_rewrite("aurum_dao.testing")

from aurum_dao.adapters.memory.curves import MemoryCurveReader
from aurum_dao.adapters.memory.iso import MemoryLmpReader
from aurum_dao.adapters.memory.metadata import MemoryMetadataReader
from aurum_dao.adapters.memory.tables import MemoryWarehouse
from aurum_dao.schemas.arrow import arrow_schema_of
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.reference import REFERENCE_TABLES
from aurum_dao.testing.stores import ReaderStore, Tables
from aurum_dao.warehouse.curves import WarehouseCurveReader
from aurum_dao.warehouse.iso import WarehouseLmpReader
from aurum_dao.warehouse.metadata import WarehouseMetadataReader
from aurum_dao.warehouse.reference import ReferenceReader

WRITER = ThreadPoolExecutor(1, "snapshot-writer")
SPECS = {s.table: s for s in (*DATASETS.values(), *REFERENCE_TABLES.values())}


def _add_snapshot(directory: Path, tables: Tables, load_seq: int) -> None:
    """Publish the next snapshot with these rows added; reference rows replace those of a key."""
    import duckdb

    from aurum_dao.adapters.duckdb.ddl import apply_ddl
    from aurum_dao.adapters.duckdb.snapshots import Current, publish, read_current, snapshot_path

    path, current = snapshot_path(directory, load_seq), read_current(directory)
    if current is not None:
        shutil.copyfile(current.path(directory), path)
    with duckdb.connect(str(path)) as connection:
        apply_ddl(connection)
        for table, rows in tables.items():
            if not rows:
                continue
            spec = SPECS[table]
            connection.register("rows", pa.Table.from_pylist(list(rows), arrow_schema_of(spec)))
            if table.startswith("ref."):
                keys = " AND ".join(f"t.{k} = r.{k}" for k in spec.key)
                connection.execute(f"DELETE FROM {table} t USING rows r WHERE {keys}")
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM rows")
            connection.unregister("rows")
        connection.execute("CHECKPOINT")
    publish(directory, Current(path.name, load_seq))


@asynccontextmanager
async def _open_memory_store() -> AsyncIterator[ReaderStore]:
    warehouse = MemoryWarehouse()

    async def adds(tables: Tables, *, data_version: int) -> None:
        warehouse.add(tables, data_version=data_version)

    yield ReaderStore(
        MemoryCurveReader(warehouse),
        MemoryLmpReader(warehouse),
        MemoryMetadataReader(warehouse),
        adds,
    )


@asynccontextmanager
async def _open_duckdb_store() -> AsyncIterator[ReaderStore]:
    from aurum_dao.adapters.duckdb.runner import open_duckdb_runner

    with tempfile.TemporaryDirectory(prefix="aurum-store-") as name:
        directory = Path(name)
        async with open_duckdb_runner(directory, poll_seconds=60) as runner:

            async def adds(tables: Tables, *, data_version: int) -> None:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(WRITER, _add_snapshot, directory, tables, data_version)
                await runner.refresh()

            reference = ReferenceReader(runner)
            yield ReaderStore(
                WarehouseCurveReader(runner, reference),
                WarehouseLmpReader(runner, reference),
                WarehouseMetadataReader(runner, reference),
                adds,
            )


Open = Callable[[], AbstractAsyncContextManager[ReaderStore]]


@pytest.fixture(scope="session")
def add_snapshot() -> Callable[[Path, Tables, int], None]:
    pytest.importorskip("duckdb", reason="the embedded warehouse is aurum-dao[duckdb]")
    return _add_snapshot


@pytest.fixture(scope="session")
def duckdb_store() -> Open:
    pytest.importorskip("duckdb", reason="the embedded warehouse is aurum-dao[duckdb]")
    from aurum_dao.adapters.duckdb import runner  # not first on a loop

    assert runner
    WRITER.submit(int).result()
    return _open_duckdb_store


@pytest.fixture(scope="session")
def memory_store() -> Open:
    return _open_memory_store
