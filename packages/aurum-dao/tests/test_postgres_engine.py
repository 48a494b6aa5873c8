"""What psycopg's errors mean, and what a connection is opened with; no server is needed."""

import pytest

psycopg = pytest.importorskip("psycopg", reason="the driver is aurum-dao[postgres]")

from pydantic import SecretStr  # noqa: E402

from aurum_core.errors import (  # noqa: E402
    DeadlineError,
    OverloadedError,
    StorageFullError,
    UnavailableError,
)
from aurum_core.settings import PostgresSettings, SettingsError  # noqa: E402
from aurum_dao.adapters.postgres.engine import connect_arguments, open_async_engine  # noqa: E402
from aurum_dao.adapters.postgres.errors import OperationalFaultError, core_error_of  # noqa: E402

pg = psycopg.errors


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (pg.QueryCanceled(), DeadlineError),
        (pg.LockNotAvailable(), OverloadedError),
        (pg.DiskFull(), StorageFullError),
        (pg.TooManyConnections(), UnavailableError),
        (pg.AdminShutdown(), UnavailableError),
        (pg.CannotConnectNow(), UnavailableError),
        (pg.InvalidPassword(), UnavailableError),
        (pg.ReadOnlySqlTransaction(), UnavailableError),
        (pg.IdleInTransactionSessionTimeout(), UnavailableError),
        (pg.SerializationFailure(), UnavailableError),
        (pg.DeadlockDetected(), UnavailableError),
        (psycopg.OperationalError("server closed the connection"), UnavailableError),
        (psycopg.InterfaceError("the connection is closed"), UnavailableError),
        (pg.ConnectionTimeout(), UnavailableError),
        (pg.SyntaxError(), OperationalFaultError),
        (pg.InsufficientPrivilege(), OperationalFaultError),
        (pg.UndefinedTable(), OperationalFaultError),
        (psycopg.DataError("text fields cannot contain NUL"), OperationalFaultError),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_an_error_of_the_driver_has_one_meaning(error, meaning):
    found = core_error_of(error)
    assert type(found) is meaning
    assert str(error) not in found.detail or not str(error)
    if isinstance(found, UnavailableError):
        assert found.dependency == "operational store"


@pytest.mark.parametrize("error", [pg.UniqueViolation(), ValueError(), None])
def test_what_is_not_the_drivers_to_say_stays(error):
    assert core_error_of(error) is None


def test_our_timeouts_stand_over_the_connection_string():
    settings = PostgresSettings(
        connect_timeout_seconds=2.5, statement_timeout_seconds=7, tcp_user_timeout_seconds=4
    )
    dsn = "host=h user=u connect_timeout=99 options='-c statement_timeout=0 -c work_mem=8MB'"
    found = connect_arguments(settings, dsn)
    assert (found["host"], found["user"], found["connect_timeout"]) == ("h", "u", 3)
    assert found["options"].index("statement_timeout=0") < found["options"].index("=7000")
    assert "work_mem=8MB" in found["options"]
    assert "timezone=UTC" in found["options"]
    assert (found["keepalives"], found["keepalives_idle"], found["tcp_user_timeout"]) == (
        1,
        4,
        4000,
    )


def test_an_engine_does_not_tell_its_password():
    engine = open_async_engine(PostgresSettings(dsn=SecretStr("postgresql://u:secret@h/d")))
    assert "secret" not in repr(engine) + str(engine.url)


def test_without_a_connection_string_there_is_no_engine():
    with pytest.raises(SettingsError, match="AURUM_POSTGRES_DSN"):
        open_async_engine(PostgresSettings())
