"""SQLite engines of the operational tables."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from aurum_core.errors import UnavailableError
from aurum_dao.migrations import Step, move, upgrade
from aurum_dao.operational.ledger import SqlLoadLedger

BUSY_SECONDS = 10.0


def open_sqlite_engine(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Open a database file and bring it to the newest revision; dispose of it when done.

    Raises:
        UnavailableError: the file is damaged, locked for long, or no SQLite database.
    """
    engine = connect_sqlite_engine(path, busy_seconds=busy_seconds)
    try:
        upgrade(engine)
    except DatabaseError as error:
        engine.dispose()
        raise UnavailableError(
            "operational", f"{path} cannot be used: it is damaged, locked, or no SQLite database."
        ) from error
    return engine


def connect_sqlite_engine(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Open a database file as it is, made when absent; dispose of it when done.

    Write-ahead log with full sync: an acknowledged write survives the power. Several processes may
    have it open; a writer waits `busy_seconds` for another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def open_load_ledger(path: Path) -> SqlLoadLedger:
    """Return the load ledger of a database file."""
    return SqlLoadLedger(open_sqlite_engine(path))


def migrate_sqlite(path: Path, *, down_to: str | None = None) -> Step:
    """Migrate a database file up, or down to a revision; return the revisions from and to.

    Raises:
        NotFoundError: this release knows no such revision.
    """
    engine = connect_sqlite_engine(path)
    try:
        return move(engine, down_to=down_to)
    finally:
        engine.dispose()


def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
    connection.isolation_level = None  # transactions are ours: the driver begins them too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event signature
    connection.exec_driver_sql("BEGIN IMMEDIATE")
