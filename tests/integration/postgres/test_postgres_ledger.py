"""The load ledger on PostgreSQL, and the embedded warehouse's writer on it."""

from datetime import UTC, datetime, timedelta
from functools import partial

import duckdb
import pytest

from aurum_core.clock import FixedClock
from aurum_core.errors import UnavailableError
from aurum_dao.adapters.duckdb.snapshots import read_current
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.postgres.engine import open_load_ledger
from aurum_dao.testing.ledgers import LedgerBehaviour
from aurum_dao.testing.writers import WriterBehaviour

pytestmark = pytest.mark.integration


class TestPostgresLedger(LedgerBehaviour):
    @pytest.fixture
    def opens(self, database):
        return partial(open_load_ledger, database.settings())


class TickingClock(FixedClock):
    """Every look at it is a second later."""

    def now(self):
        self.instant += timedelta(seconds=1)
        return self.instant


class Store:
    """The embedded warehouse with its ledger on PostgreSQL."""

    def __init__(self, folder, ledger):
        self.directory = folder / "warehouse"
        self.ledger = ledger
        self.clock = TickingClock(datetime(2026, 3, 3, 12, tzinfo=UTC))

    def open_writer(self):
        return DuckDbWriter(self.directory, self.ledger, clock=self.clock)

    def rows(self, text):
        path = read_current(self.directory).path(self.directory)
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SET TimeZone='UTC'")
            return connection.execute(text).fetchall()

    def rejections(self, load_seq):
        return [(r.row, r.reason) for r in self.ledger.list_rejections(load_seq)]


class TestDuckDbWriterOnPostgres(WriterBehaviour):
    @pytest.fixture
    def store(self, tmp_path, database):
        ledger = open_load_ledger(database.settings())
        yield Store(tmp_path, ledger)
        ledger.close()


def test_database_that_was_not_migrated_is_refused(own_database):
    own_database.run("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(UnavailableError, match=r"0000.*aurum migrate"):
        open_load_ledger(own_database.settings())


def test_ledger_without_a_server_is_unavailable(database):
    absent = database.settings(connect_timeout_seconds=2)
    address = absent.dsn.get_secret_value()
    port = address.rpartition(":")[2].partition("/")[0]
    gone = absent.model_copy(update={"dsn": type(absent.dsn)(address.replace(f":{port}/", ":1/"))})
    with pytest.raises(UnavailableError) as caught:
        open_load_ledger(gone)
    assert caught.value.dependency == "operational store"
    assert "127.0.0.1" not in caught.value.detail
