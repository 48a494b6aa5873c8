"""A disk that is really full: the load is refused, what was loaded stays, and space is enough."""

import os
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest

from aurum_core.errors import StorageFullError
from aurum_dao.adapters.duckdb.snapshots import read_current
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.sqlite.engine import open_load_ledger

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of six megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    command = [mount, "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def rows(number, count=4_000):
    """Prices that do not compress."""
    return pa.RecordBatch.from_pydict(
        {
            "iso_code": ["PJM"] * count,
            "market": ["DA"] * count,
            "location_id": [f"N{number}"] * count,
            "interval_start": [START + timedelta(hours=n) for n in range(count)],
            "price_total": [((n * 7_919 + number) * 104_729 % 10**9) / 1e5 for n in range(count)],
        }
    )


def load_until_full(writer, count):
    """Load until the disk is full and return how many loads went in."""
    for number in range(100):
        try:
            writer.load("lmp", [rows(number, count)], source="pjm")
        except StorageFullError:
            return number
    return 100


def loaded(directory):
    path = read_current(directory).path(directory)
    with duckdb.connect(str(path), read_only=True) as connection:
        query = "SELECT location_id, count(*) FROM market.lmp GROUP BY 1 ORDER BY 1"
        return connection.execute(query).fetchall()


def test_full_disk_refuses_the_load_and_keeps_the_rest(small_disk, tmp_path):
    directory = small_disk / "warehouse"
    ledger = open_load_ledger(tmp_path / "operational.db")
    writer = DuckDbWriter(directory, ledger)
    done = load_until_full(writer, 4_000)
    assert 0 < done < 100
    assert loaded(directory) == sorted((f"N{n}", 4_000) for n in range(done))
    assert ledger.find_open() is None
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert writer.load("lmp", [rows(done)], source="pjm").inserted == 4_000
    ledger.close()


def test_full_disk_under_the_ledger_refuses_the_load(small_disk, tmp_path):
    ledger = open_load_ledger(small_disk / "operational.db")
    writer = DuckDbWriter(tmp_path / "warehouse", ledger)
    writer.load("lmp", [rows(0)], source="pjm")
    with suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(b"x" * 4_096):
            pass
    assert load_until_full(writer, 10) < 100
    (small_disk / "ballast").unlink()
    assert writer.load("lmp", [rows(99, 10)], source="pjm").inserted == 10
    ledger.close()
