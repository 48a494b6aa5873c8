"""A loader killed at any moment leaves the old rows or the new ones, and the next load goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from aurum_dao.adapters.duckdb.snapshots import read_current
from aurum_dao.adapters.sqlite.engine import open_load_ledger

KILLS = 50
SCRIPT = Path(__file__).with_name("loader_process.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loader process forks")


class Loader:
    """The loader process: start a load, kill it or wait for it."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, value):
        self.process.stdin.write(f"{value}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def status(self):
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def loader(tmp_path):
    loader = Loader(tmp_path)
    yield loader
    loader.close()


def current_values(folder):
    """Return the values of every hour by version, as the newest snapshot has them."""
    directory = folder / "warehouse"
    path = read_current(directory).path(directory)
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "SELECT version, CAST(min(price_total) AS INTEGER), CAST(max(price_total) AS INTEGER), "
            "count(*) FROM market.lmp GROUP BY version ORDER BY version"
        ).fetchall()


def test_killed_loads_leave_old_or_new(loader, tmp_path):
    for value in (1, 2):
        loader.start(value)
        began = time.perf_counter()
        assert loader.status() == 0
    duration = time.perf_counter() - began
    random_ = random.Random(20261124)
    held, lost, won = [1, 2], 0, 0
    for value in range(3, KILLS + 3):
        pid = loader.start(value)
        time.sleep(random_.uniform(0, duration))
        with suppress(ProcessLookupError):  # it was quicker
            os.kill(pid, signal.SIGKILL)
        loader.status()
        found = current_values(tmp_path)
        if len(found) > len(held):
            held, won = [*held, value], won + 1
            duration *= 0.9  # the machine's speed changes while we kill: stay around the commit
        else:
            lost += 1
            duration *= 1.08
        assert found == [(n, v, v, 10) for n, v in enumerate(held, start=1)]
    assert min(lost, won) > 0, "every kill came on one side of the commit point"
    loader.start(1_000)
    assert loader.status() == 0
    assert [row[1] for row in current_values(tmp_path)] == [*held, 1_000]
    ledger = open_load_ledger(tmp_path / "operational.db")
    loads = ledger.list_loads(limit=1_000)
    ledger.close()
    assert not [load for load in loads if load.state == "open"]
    assert sum(load.state == "committed" for load in loads) == won + 3
    left = {path.name for path in (tmp_path / "warehouse").iterdir()}
    assert not [name for name in left if name.endswith((".wal", ".tmp"))]
