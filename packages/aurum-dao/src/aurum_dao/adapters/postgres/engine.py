"""PostgreSQL engines of the operational tables: synchronous for loads, async for the server.

Timeouts are the server's, set when a connection opens; keepalives and `tcp_user_timeout` end a
socket whose other side is silent; a pooled connection is tested before it is used.
"""

from math import ceil
from typing import Any, Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from aurum_core.errors import UnavailableError
from aurum_core.settings.errors import SettingsError
from aurum_core.settings.postgres import PostgresSettings
from aurum_dao.adapters.postgres.errors import STORE, translate_errors
from aurum_dao.migrations import current_revision, head_revision
from aurum_dao.operational.ledger import SqlLoadLedger

QUEUE_SECONDS: Final = 0.25
"""How long a request waits for a connection of the pool."""
RECYCLE_SECONDS: Final = 1_800
_ADDRESS: Final = "postgresql+psycopg://"


def open_async_engine(settings: PostgresSettings) -> AsyncEngine:
    """Return the pooled engine of a server; it connects when first used. Dispose of it when done.

    Raises:
        SettingsError: no connection string, or one that libpq cannot read.
    """
    engine = create_async_engine(
        _ADDRESS,
        connect_args=connect_arguments(settings, _serving_dsn(settings)),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    translate_errors(engine.sync_engine)
    return engine


def open_engine(settings: PostgresSettings) -> Engine:
    """Return the engine of a load, as the role that serves; dispose of it when done.

    Raises:
        SettingsError: no connection string, or one that libpq cannot read.
    """
    return _one_connection(connect_arguments(settings, _serving_dsn(settings)))


def open_owner_engine(settings: PostgresSettings) -> Engine:
    """Return the engine of a migration, as the owner: no limit on a statement, one on a lock.

    Raises:
        SettingsError: no connection string, or one that libpq cannot read.
    """
    if settings.migration_dsn is None:
        raise SettingsError(["AURUM_POSTGRES_MIGRATION_DSN is required to migrate PostgreSQL"])
    dsn = settings.migration_dsn.get_secret_value()
    return _one_connection(connect_arguments(settings, dsn, bounded=False))


def open_load_ledger(settings: PostgresSettings) -> SqlLoadLedger:
    """Return the load ledger of a migrated database.

    Raises:
        UnavailableError: the server cannot be reached, or the database is at another revision.
    """
    engine = open_engine(settings)
    try:
        with engine.connect() as connection:
            require_head(connection)
    except BaseException:
        engine.dispose()
        raise
    return SqlLoadLedger(engine)


def require_head(connection: Connection) -> None:
    """Refuse a database that this release's statements were not written for.

    Raises:
        UnavailableError: it is at another revision.
    """
    found, wanted = current_revision(connection), head_revision()
    if found != wanted:
        detail = (
            f"The {STORE} is at revision {found or 'base'}, this release needs {wanted}:"
            " run `aurum migrate`."
        )
        raise UnavailableError(STORE, detail)


def connect_arguments(
    settings: PostgresSettings, dsn: str, *, bounded: bool = True
) -> dict[str, Any]:
    """Return what psycopg connects with: the connection string under our timeouts and UTC.

    Raises:
        SettingsError: libpq cannot read the connection string.
    """
    try:
        given: dict[str, Any] = conninfo_to_dict(dsn)
    except ProgrammingError:
        # the driver's text would repeat the string, password and all
        raise SettingsError(["AURUM_POSTGRES_DSN is not a connection string"]) from None
    options = {
        "statement_timeout": _milliseconds(settings.statement_timeout_seconds) if bounded else 0,
        "lock_timeout": _milliseconds(settings.lock_timeout_seconds),
        "idle_in_transaction_session_timeout": _milliseconds(
            settings.idle_in_transaction_timeout_seconds
        ),
        "timezone": "UTC",
    }
    ours = " ".join(f"-c {name}={value}" for name, value in options.items())
    silence = settings.tcp_user_timeout_seconds
    return {
        "application_name": "aurum",
        **given,
        "options": f"{given.get('options', '')} {ours}".strip(),
        "connect_timeout": ceil(settings.connect_timeout_seconds),
        "keepalives": 1,
        "keepalives_idle": ceil(silence),
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": _milliseconds(silence),
    }


def _one_connection(arguments: dict[str, Any]) -> Engine:
    engine = create_engine(
        _ADDRESS,
        connect_args=arguments,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    translate_errors(engine)
    return engine


def _serving_dsn(settings: PostgresSettings) -> str:
    if settings.dsn is None:
        raise SettingsError(
            ["AURUM_POSTGRES_DSN is required with AURUM_STORAGE_OPERATIONAL=postgres"]
        )
    return settings.dsn.get_secret_value()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1_000))
