"""What a running app holds open: adapters chosen by settings, closed in reverse order.

The only module of the app that knows adapters; they and their drivers are imported when services
are opened, not before.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from aurum_app.availability import store_problems
from aurum_app.observability.metrics import PrometheusMeter
from aurum_core.clock import SystemClock
from aurum_core.cursors import CursorSigner
from aurum_core.settings import AurumSettings, SettingsError

if TYPE_CHECKING:
    from aurum_core.telemetry import Meter
    from aurum_dao.operational.ledger import SqlLoadLedger
    from aurum_dao.ports.ingestion import DatasetWriter
    from aurum_services.container import Readers, Services

log = logging.getLogger(__name__)
EPHEMERAL_KEY_BYTES: Final = 32
LEDGER_FILE: Final = "operational.db"
"""The embedded operational store, beside the snapshots."""


@asynccontextmanager
async def open_services(settings: AurumSettings) -> "AsyncIterator[Services]":
    """Open what the settings name and yield the services over it.

    Raises:
        SettingsError: an engine that is not available yet.
    """
    from aurum_services.container import build_services
    from aurum_services.encoding import warm_formats

    meter = PrometheusMeter()
    async with AsyncExitStack() as stack:
        readers = await _open_readers(settings, stack, meter)
        # a first CSV must not wait for its library, nor a start: it loads beside the first requests
        warming = asyncio.create_task(asyncio.to_thread(warm_formats))
        stack.push_async_callback(asyncio.wait, [warming])
        yield build_services(
            settings,
            readers,
            signer=signer_of(settings),
            clock=SystemClock(),
            meter=meter,
        )


@contextmanager
def open_writer(settings: AurumSettings) -> "Iterator[DatasetWriter]":
    """Open the embedded warehouse for loads; a server may be reading beside it.

    Raises:
        SettingsError: the warehouse is another engine.
        UnavailableError: the operational store cannot be reached or is not migrated.
    """
    storage = settings.storage
    if storage.warehouse != "duckdb":
        raise SettingsError([f"AURUM_WAREHOUSE={storage.warehouse} cannot be loaded from here yet"])
    from aurum_dao.adapters.duckdb.writer import DuckDbWriter

    ledger = _open_load_ledger(settings)
    try:
        yield DuckDbWriter(storage.data_dir, ledger, memory_limit=storage.duckdb_memory_limit)
    finally:
        ledger.close()


def migrate_operational(
    settings: AurumSettings, *, down_to: str | None = None
) -> tuple[str | None, str | None]:
    """Bring the operational store to the newest revision, or down; return revisions from and to.

    Raises:
        SettingsError: PostgreSQL without its owner's connection, or without the role that serves.
        NotFoundError: there is no revision `down_to`.
        UnavailableError: the server cannot be reached.
    """
    storage = settings.storage
    if storage.operational == "postgres":
        from aurum_dao.adapters.postgres.migrating import migrate_postgres

        return migrate_postgres(settings.postgres, down_to=down_to)
    from aurum_dao.adapters.sqlite.engine import migrate_sqlite

    return migrate_sqlite(storage.data_dir / LEDGER_FILE, down_to=down_to)


def _open_load_ledger(settings: AurumSettings) -> "SqlLoadLedger":
    storage = settings.storage
    if storage.operational == "postgres":
        from aurum_dao.adapters.postgres import engine as postgres

        return postgres.open_load_ledger(settings.postgres)
    from aurum_dao.adapters.sqlite import engine as sqlite

    return sqlite.open_load_ledger(storage.data_dir / LEDGER_FILE)


def signer_of(settings: AurumSettings) -> CursorSigner:
    """Return the signer of page cursors.

    Without keys one is made for this process, with a warning: its cursors end with it, and another
    process refuses them.
    """
    keys = [key.get_secret_value().encode() for key in settings.cursors.keys]
    if not keys:
        log.warning("AURUM_CURSOR_KEYS is not set: cursors are good in this process only")
        keys = [secrets.token_bytes(EPHEMERAL_KEY_BYTES)]
    return CursorSigner(keys, ttl_seconds=settings.cursors.ttl_seconds)


async def _open_readers(
    settings: AurumSettings, stack: AsyncExitStack, meter: "Meter"
) -> "Readers":
    storage = settings.storage
    if problems := list(store_problems(settings)):
        raise SettingsError(problems)
    from aurum_dao.adapters.duckdb.runner import QUEUE_SECONDS, open_duckdb_runner
    from aurum_dao.warehouse.curves import WarehouseCurveReader
    from aurum_dao.warehouse.iso import WarehouseLmpReader
    from aurum_dao.warehouse.metadata import WarehouseMetadataReader
    from aurum_dao.warehouse.reference import ReferenceReader
    from aurum_services.container import Readers

    wait = settings.limits.queue_wait_seconds
    runner = await stack.enter_async_context(
        open_duckdb_runner(
            storage.data_dir,
            workers=storage.duckdb_workers or os.cpu_count() or 1,
            threads=storage.duckdb_threads,
            memory_limit=storage.duckdb_memory_limit,
            poll_seconds=storage.snapshot_poll_seconds,
            queue_seconds=QUEUE_SECONDS if wait is None else wait,
            meter=meter,
        )
    )
    reference = ReferenceReader(runner)
    return Readers(
        clock=runner,
        curves=WarehouseCurveReader(runner, reference),
        iso=WarehouseLmpReader(runner, reference),
        metadata=WarehouseMetadataReader(runner, reference),
    )
