"""psycopg's errors become core errors here, never above.

The translation hangs on the engine (`handle_error`), so every statement of every store goes
through it. Integrity errors stay: what a broken constraint means is the store's to say.
"""

from typing import Any, Final

import psycopg
from psycopg import errors as pg
from sqlalchemy import Engine, event
from sqlalchemy.exc import TimeoutError as NoFreeConnectionError

from aurum_core.errors import (
    AurumError,
    DeadlineError,
    OverloadedError,
    StorageFullError,
    UnavailableError,
)

STORE: Final = "operational store"
_AWAY_CLASSES: Final = ("08", "28", "53", "57", "58")
"""SQLSTATE classes: connection, login, resources, an operator's intervention, the system."""
_AWAY: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,  # the connection is closed
    pg.ReadOnlySqlTransaction,  # a standby that has not been promoted yet
    pg.IdleInTransactionSessionTimeout,
    pg.SerializationFailure,
    pg.DeadlockDetected,
)


class OperationalFaultError(AurumError):
    """The server refused a statement of ours: a fault of this house, not of the client."""


def core_error_of(error: BaseException | None) -> AurumError | None:
    """Return what an error of the driver means; None for what is not the driver's to say."""
    match error:
        case pg.QueryCanceled():
            return DeadlineError()
        case pg.LockNotAvailable() | NoFreeConnectionError():
            return OverloadedError(STORE)
        case pg.DiskFull():
            return StorageFullError(STORE)
        case psycopg.IntegrityError():
            return None
        case psycopg.Error():
            return UnavailableError(STORE) if _is_away(error) else OperationalFaultError()
        case _:
            return None


def _is_away(error: psycopg.Error) -> bool:
    return isinstance(error, _AWAY) or (error.sqlstate or "")[:2] in _AWAY_CLASSES


def translate_errors(engine: Engine) -> None:
    """Make the engine raise core errors in place of the driver's."""
    event.listen(engine, "handle_error", _translate)


def _translate(context: Any) -> BaseException | None:  # noqa: ANN401 - SQLAlchemy's event signature
    if context.is_pre_ping:  # the pool looks at the driver's error and connects anew
        return None
    return core_error_of(context.original_exception)
