"""Several workers: one dies, the parent dies, all are told to leave."""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from aurum_testkit.servers import Server, answers, aurum_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are watched by /proc")
pytest.importorskip("duckdb")


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split()]


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def eventually(check: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def serves(server: Server) -> bool:
    return answers(f"{server.url}/v2/iso/lmp/last-24h")


def test_workers_serve_die_and_leave(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d", "--no-demo", "--workers", "2") as server:
        eventually(lambda: "is ready" in server.printed(), 10)
        assert server.printed().count("is ready") == 1
        first = children(server.process.pid)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        eventually(lambda: len(children(server.process.pid)) == 2, 3)
        assert first[1] in children(server.process.pid)
        eventually(lambda: serves(server), 5)
        assert server.stop() == 0
        assert "Traceback" not in server.printed()


def test_workers_do_not_outlive_their_parent(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d", "--no-demo", "--workers", "2") as server:
        left = children(server.process.pid)
        server.kill()
        eventually(lambda: not any(alive(pid) for pid in left), 10)
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(f"{server.url}/livez", timeout=2)


def test_worker_that_cannot_start_ends_the_whole(tmp_path: Path) -> None:
    data_dir = tmp_path / "d"
    data_dir.mkdir()
    (data_dir / "CURRENT").write_text("not a pointer")
    with (
        pytest.raises(AssertionError, match=r"ended with [1-9]"),
        aurum_server(data_dir, "--workers", "2"),
    ):
        pass
