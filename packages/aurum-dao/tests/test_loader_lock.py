"""Two processes load at once: the second is told which process holds the lock."""

import os
import subprocess
import sys
import threading

import pytest

from aurum_core.errors import LoadError
from aurum_dao.adapters.duckdb import snapshots
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.sqlite.engine import open_load_ledger
from aurum_dao.testing.writers import batch, quote

fcntl = pytest.importorskip("fcntl", reason="loaders exclude each other by flock")

HOLDER = """
import sys
from pathlib import Path

from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.sqlite.engine import open_load_ledger
from aurum_dao.testing.writers import batch, quote

folder = Path(sys.argv[1])
ledger = open_load_ledger(folder / "operational.db")


def rows():
    print("open", flush=True)
    sys.stdin.readline()
    yield from batch(quote())


DuckDbWriter(folder / "warehouse", ledger).load("curves", rows(), source="desk")
ledger.close()
"""


@pytest.fixture
def holder(tmp_path):
    """A process in the middle of its load."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def writer(tmp_path):
    ledger = open_load_ledger(tmp_path / "operational.db")
    yield DuckDbWriter(tmp_path / "warehouse", ledger)
    ledger.close()


def load(writer):
    return writer.load("curves", batch(quote(price_type="ASK")), source="desk")


def test_second_loader_is_told_who_holds_the_lock(holder, writer):
    with pytest.raises(LoadError, match=rf"load is open.*process {holder.pid} since 20"):
        load(writer)
    holder.communicate("\n")
    assert holder.returncode == 0
    assert load(writer).inserted == 1


def test_killed_holder_is_not_named_for_the_next_one(holder, writer, tmp_path):
    """Its name stays in the file until who takes the lock next has signed."""
    holder.kill()
    holder.wait()
    descriptor = os.open(tmp_path / "warehouse" / snapshots.LOCK, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    signing = threading.Timer(0.1, snapshots._sign, (descriptor,))
    signing.start()
    with pytest.raises(LoadError, match=f"process {os.getpid()} since 20"):
        load(writer)
    signing.join()
    os.close(descriptor)
    assert load(writer).inserted == 1


def test_ended_load_leaves_no_name(writer, tmp_path):
    load(writer)
    assert (tmp_path / "warehouse" / snapshots.LOCK).read_text() == ""
