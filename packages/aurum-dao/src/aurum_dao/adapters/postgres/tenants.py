"""The one way to a tenant's rows on PostgreSQL: a transaction that carries the tenant."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

from sqlalchemy import CursorResult, Executable, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from aurum_core.auth import TenantId
from aurum_core.deadline import current_deadline, seconds_left
from aurum_core.errors import AurumError, DeadlineError
from aurum_core.settings.postgres import PostgresSettings
from aurum_dao.adapters.postgres.engine import open_async_engine
from aurum_dao.adapters.postgres.errors import STORE, core_error_of
from aurum_dao.policies.bulkhead import Bulkhead

R = TypeVar("R")
_TENANT: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_CANCEL_SECONDS: Final = 1.0
"""How long a server may take to cancel a statement; psycopg alone would wait ten seconds."""
_CLOSE_SECONDS: Final = 15.0
# SET LOCAL takes no bound value; set_config(…, true) ends with the transaction as SET LOCAL does
_BEGIN: Final = text(
    "SELECT set_config('aurum.tenant', :tenant, true),"
    " set_config('statement_timeout', :statement, true),"
    " set_config('lock_timeout', :lock, true)"
)
_GIVE_BACK_SECONDS: Final = 1.0
"""How long a caller waits for a rollback; a silent server rolls back by itself."""
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class TenantConnection:
    """Runs statements inside one tenant's transaction, none longer than the deadline."""

    def __init__(self, connection: AsyncConnection, own_seconds: float) -> None:
        self._connection = connection
        self._own_seconds = own_seconds
        self.running: asyncio.Task[Any] | None = None

    async def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        """Run a statement and return its buffered result.

        Raises:
            DeadlineError: no answer in time; the statement is being cancelled on the server.
            UnavailableError: the server cannot be reached.
        """
        return await self.bounded(self._connection.execute(statement, parameters))

    async def bounded(self, work: Coroutine[Any, Any, R]) -> R:
        """Await a step of the driver, but no longer than the deadline.

        `asyncio.wait_for` would not do: it awaits the cancelled step, and psycopg's own cancel
        waits ten seconds for a server that is silent.
        """
        try:
            seconds = seconds_left(self._own_seconds)
        except DeadlineError:
            work.close()
            raise
        task: asyncio.Task[R] = asyncio.create_task(work)
        self.running = task
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done():
                task.cancel()
        if not task.done():
            raise DeadlineError
        self.running = None
        return task.result()


class PostgresTenants:
    """Opens tenant transactions over one pool; close it when done."""

    def __init__(self, engine: AsyncEngine, settings: PostgresSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._bulkhead = Bulkhead(STORE, settings.pool_size, waiting=settings.max_waiting)
        self._closing: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """Wait for connections that are still being taken back, then close the pool."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=_CLOSE_SECONDS)
        await self._engine.dispose()

    @asynccontextmanager
    async def tenant_tx(self, tenant: TenantId) -> AsyncIterator[TenantConnection]:
        """Begin a transaction that sees this tenant's rows; commit it, or roll back on any error.

        Raises:
            ValueError: not a tenant.
            OverloadedError: no connection came free in time, or too many wait for one.
            UnavailableError: the server cannot be reached.
            DeadlineError: the deadline passed.
        """
        if not _TENANT.fullmatch(tenant):
            raise ValueError("a tenant transaction needs a tenant")
        async with self._bulkhead.slot(), self._transaction(tenant) as transaction:
            yield transaction

    @asynccontextmanager
    async def _transaction(self, tenant: TenantId) -> AsyncIterator[TenantConnection]:
        own = self._settings.connect_timeout_seconds + self._settings.statement_timeout_seconds
        connection = self._engine.connect()
        transaction = TenantConnection(connection, own)
        try:
            await transaction.bounded(self._begin(connection, tenant))
            yield transaction
            await transaction.bounded(connection.commit())
        except NoFreeConnectionError as error:
            raise core_error_of(error) or error from error
        finally:
            await self._give_back(connection, transaction.running)

    async def _begin(self, connection: AsyncConnection, tenant: TenantId) -> None:
        deadline = current_deadline()
        statement = self._settings.statement_timeout_seconds
        if deadline is not None:
            statement = min(statement, deadline.remaining())
        lock = min(statement, self._settings.lock_timeout_seconds)
        await connection.start()
        await connection.execute(
            _BEGIN,
            {"tenant": tenant, "statement": _interval(statement), "lock": _interval(lock)},
        )

    async def _give_back(
        self, connection: AsyncConnection, running: "asyncio.Task[Any] | None"
    ) -> None:
        """Roll back and return the connection to the pool, beside the caller, who need not wait."""
        task = asyncio.create_task(_take_back(connection, running))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        if running is None:  # waited for, not bounded by cancelling: the connection stays whole
            await asyncio.wait({task}, timeout=_GIVE_BACK_SECONDS)


def _interval(seconds: float) -> str:
    return f"{max(1, round(seconds * 1_000))}ms"


async def _take_back(connection: AsyncConnection, running: "asyncio.Task[Any] | None") -> None:
    if running is not None:
        await asyncio.wait({running}, timeout=_CANCEL_SECONDS)
        running.cancel()  # once more: psycopg closes the socket and waits for no answer
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()  # seen: the caller has had its answer
    with suppress(SQLAlchemyError, AurumError, OSError):
        if running is not None and connection.sync_connection is not None:
            await connection.invalidate()
        await connection.close()


@asynccontextmanager
async def open_tenants(settings: PostgresSettings) -> AsyncIterator[PostgresTenants]:
    """Open the pool of a server and yield the way to tenants' rows."""
    tenants = PostgresTenants(open_async_engine(settings), settings)
    try:
        yield tenants
    finally:
        await tenants.aclose()
