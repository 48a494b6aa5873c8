"""Snapshots on disk: the pointer, the lock, copies."""

import os
import subprocess
import sys

import pytest

from aurum_core.errors import LoadError
from aurum_dao.adapters.duckdb.cloning import clone_file
from aurum_dao.adapters.duckdb.snapshots import (
    Current,
    loader_lock,
    publish,
    read_current,
    seal,
    snapshot_path,
)


def test_no_pointer_is_no_snapshot(tmp_path):
    assert read_current(tmp_path) is None


def test_pointer_comes_back_as_published(tmp_path):
    publish(tmp_path, Current("warehouse-7.duckdb", 7, "2026-03-03T12:00:00+00:00"))
    current = read_current(tmp_path)
    assert (current.snapshot, current.load_seq) == ("warehouse-7.duckdb", 7)
    assert current.path(tmp_path) == snapshot_path(tmp_path, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"snapshot": "x", "load_seq": "y"}'])
def test_broken_pointer_is_an_error(tmp_path, text):
    (tmp_path / "CURRENT").write_text(text)
    with pytest.raises(LoadError):
        read_current(tmp_path)


def test_lock_names_its_holder(tmp_path):
    words = f"process {os.getpid()} since"
    with (
        loader_lock(tmp_path),
        pytest.raises(LoadError, match=words),
        loader_lock(tmp_path),
    ):
        pytest.fail("two loaders hold the lock")
    with loader_lock(tmp_path):
        pass


def test_lock_dies_with_its_process(tmp_path):
    script = (
        "import os, sys; from pathlib import Path\n"
        "from aurum_dao.adapters.duckdb.snapshots import loader_lock\n"
        "with loader_lock(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    with loader_lock(tmp_path):
        pass


def test_snapshot_with_a_log_is_not_sealed(tmp_path):
    path = snapshot_path(tmp_path, 1)
    path.write_bytes(b"data")
    seal(path)
    path.with_name(path.name + ".wal").write_bytes(b"log")
    with pytest.raises(LoadError, match="checkpointed"):
        seal(path)


@pytest.mark.parametrize("size", [0, 1, 3_000_001])
def test_copy_is_the_same(tmp_path, size):
    (tmp_path / "a").write_bytes(os.urandom(size))
    clone_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


def test_copy_without_the_kernels_help_is_the_same(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    (tmp_path / "a").write_bytes(os.urandom(100_000))
    clone_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
