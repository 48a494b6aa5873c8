"""The DuckDB writer: the behaviour suite, and what only snapshots have."""

import os
import re
import time
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from aurum_core.clock import FixedClock
from aurum_core.errors import LoadError, StorageFullError
from aurum_dao.adapters.duckdb import snapshots
from aurum_dao.adapters.duckdb import writer as writer_module
from aurum_dao.adapters.duckdb.snapshots import Current, read_current
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.sqlite.engine import open_load_ledger
from aurum_dao.testing.observation_writers import ObservationWriterBehaviour
from aurum_dao.testing.writers import WriterBehaviour, batch, price, quote

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


class TickingClock(FixedClock):
    """Every look at it is a second later."""

    def now(self):
        self.instant += timedelta(seconds=1)
        return self.instant


class DuckDbStore:
    def __init__(self, folder, ledger):
        self.directory = folder / "warehouse"
        self.ledger = ledger
        self.clock = TickingClock(NOW)

    def open_writer(self):
        return DuckDbWriter(self.directory, self.ledger, clock=self.clock)

    def rows(self, text):
        path = read_current(self.directory).path(self.directory)
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SET TimeZone='UTC'")
            return connection.execute(text).fetchall()

    def rejections(self, load_seq):
        return [(r.row, r.reason) for r in self.ledger.list_rejections(load_seq)]

    def files(self):
        return sorted(path.name for path in self.directory.iterdir())


@pytest.fixture
def store(tmp_path):
    ledger = open_load_ledger(tmp_path / "operational.db")
    yield DuckDbStore(tmp_path, ledger)
    ledger.close()


@pytest.fixture
def writer(store):
    return store.open_writer()


class TestDuckDbWriter(WriterBehaviour):
    @pytest.fixture
    def store(self, tmp_path):
        ledger = open_load_ledger(tmp_path / "operational.db")
        yield DuckDbStore(tmp_path, ledger)
        ledger.close()


class TestDuckDbObservationWriter(ObservationWriterBehaviour):
    @pytest.fixture
    def store(self, tmp_path):
        ledger = open_load_ledger(tmp_path / "operational.db")
        yield DuckDbStore(tmp_path, ledger)
        ledger.close()


def test_unchanged_load_writes_no_snapshot(store, writer):
    writer.load("curves", batch(quote()), source="desk")
    before = store.files()
    writer.load("curves", batch(quote()), source="desk")
    assert store.files() == before == ["CURRENT", "LOCK", "warehouse-1.duckdb"]


def test_published_snapshot_is_never_written_again(store, writer):
    writer.load("curves", batch(quote()), source="desk")
    path = store.directory / "warehouse-1.duckdb"
    before = path.read_bytes()
    writer.load("curves", batch(quote(value=41.0)), source="desk")
    assert path.read_bytes() == before
    assert read_current(store.directory).snapshot == "warehouse-2.duckdb"


def test_load_goes_on_while_this_process_reads(store, writer):
    writer.load("curves", batch(quote()), source="desk")
    path = store.directory / "warehouse-1.duckdb"
    with duckdb.connect() as reader:
        reader.execute(f"ATTACH '{path}' AS iceberg (READ_ONLY)")
        for value in (41.0, 42.0):
            writer.load("curves", batch(quote(value=value)), source="desk")
        count = "SELECT count(*) FROM iceberg.market.curve_observation"
        assert reader.execute(count).fetchall() == [(1,)]


def test_open_load_that_current_names_has_happened(store, writer):
    writer.load("curves", batch(quote()), source="desk")
    load = store.ledger.begin(
        "curves", source="desk", source_ref=None, content_hash="x", now=store.clock.now()
    )
    path = snapshots.snapshot_path(store.directory, load.load_seq)
    path.write_bytes((store.directory / "warehouse-1.duckdb").read_bytes())
    snapshots.publish(store.directory, Current(path.name, load.load_seq))
    writer.settle()
    assert store.ledger.find_committed("curves", "desk", "x").load_seq == load.load_seq


def test_open_load_that_current_does_not_name_has_not(store, writer):
    writer.load("curves", batch(quote()), source="desk")
    load = store.ledger.begin(
        "curves", source="desk", source_ref=None, content_hash="x", now=store.clock.now()
    )
    path = snapshots.snapshot_path(store.directory, load.load_seq)
    path.write_bytes(b"half a file")
    path.with_name(path.name + ".wal").write_bytes(b"log")
    writer.settle()
    assert store.ledger.find_committed("curves", "desk", "x") is None
    assert store.files() == ["CURRENT", "LOCK", "warehouse-1.duckdb"]
    assert writer.load("curves", batch(quote(value=41.0)), source="desk").data_version == 3


def test_deleted_warehouse_is_filled_again(store, writer):
    """The ledger knows the file, but its rows are gone."""
    writer.load("curves", batch(quote()), source="desk", content_hash="a")
    for path in store.directory.iterdir():
        path.unlink()
    again = writer.load("curves", batch(quote()), source="desk", content_hash="a")
    assert (again.status, again.inserted, again.data_version) == ("committed", 1, 2)


def test_lost_ledger_goes_on_above_the_snapshot(store, writer, tmp_path):
    for value in (40.0, 41.0):
        writer.load("curves", batch(quote(value=value)), source="desk")
    ledger = open_load_ledger(tmp_path / "other.db")
    fresh = DuckDbWriter(store.directory, ledger, clock=store.clock)
    assert fresh.load("curves", batch(quote(value=42.0)), source="desk").data_version == 3
    ledger.close()


def test_clock_that_goes_back_does_not_hide_a_correction(store, writer):
    writer.load("curves", batch(quote(published_at=None)), source="desk")
    store.clock.instant -= timedelta(hours=2)
    summary = writer.load("curves", batch(quote(published_at=None, value=41.0)), source="desk")
    assert summary.corrected == 1
    newest = store.rows("SELECT version FROM market.curve_observation ORDER BY ingested_at DESC")
    assert newest == [(2,), (1,)]


def test_rows_lie_in_the_order_that_readers_prune_by(store, writer):
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(300)]
    for shift in (0, 300):
        rows = [
            price(location_id=f"N{n % 40:02d}", interval_start=h + timedelta(hours=shift))
            for h in hours
            for n in range(40)
        ]
        writer.load("lmp", batch(*rows[::-1]), source="pjm")
    for version in (1, 2):
        found = store.rows(
            f"SELECT location_id, interval_start FROM market.lmp WHERE data_version = {version}"
        )
        assert found == sorted(found)


def test_old_snapshots_go_when_nobody_can_hold_them(store, writer):
    for n in range(4):
        writer.load("curves", batch(quote(value=40.0 + n)), source="desk")
        for path in store.directory.glob("warehouse-*.duckdb"):
            os.utime(path, (time.time() - 3_600, time.time() - 3_600))
    names = [name for name in store.files() if name.startswith("warehouse")]
    assert names == ["warehouse-3.duckdb", "warehouse-4.duckdb"]


def test_young_snapshots_stay(store, writer):
    for n in range(5):
        writer.load("curves", batch(quote(value=40.0 + n)), source="desk")
    assert len([name for name in store.files() if name.startswith("warehouse")]) == 5


def test_broken_pointer_is_named(store, writer):
    store.directory.mkdir()
    (store.directory / "CURRENT").write_text("nonsense")
    with pytest.raises(LoadError, match="CURRENT"):
        writer.load("curves", batch(quote()), source="desk")


def test_missing_snapshot_is_named(store, writer):
    writer.load("curves", batch(quote()), source="desk")
    (store.directory / "warehouse-1.duckdb").unlink()
    with pytest.raises(LoadError, match=r"warehouse-1\.duckdb"):
        writer.load("curves", batch(quote(value=41.0)), source="desk")
    assert store.ledger.find_open() is None


def test_full_disk_while_copying_loads_nothing(store, writer, monkeypatch):
    writer.load("curves", batch(quote()), source="desk")

    def full(source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer_module, "clone_file", full)
    with pytest.raises(StorageFullError, match=re.escape(str(store.directory))):
        writer.load("curves", batch(quote(value=41.0)), source="desk")
    assert store.files() == ["CURRENT", "LOCK", "warehouse-1.duckdb"]
    assert store.ledger.find_open() is None
    monkeypatch.undo()
    assert writer.load("curves", batch(quote(value=41.0)), source="desk").corrected == 1
