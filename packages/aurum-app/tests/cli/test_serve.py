"""`aurum serve`: what stops it, as one line, and what it says and leaves behind when it runs."""

import json
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from aurum_app.server import bind
from aurum_testkit.servers import answers, aurum_server, clean_environment
from aurum_testkit.wire import free_port

Run = Callable[..., Result]
pytest.importorskip("duckdb")


def fetch(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def refused(result: Result, code: int = 1) -> str:
    """Return the one line of a refusal."""
    assert result.exit_code == code, result.output
    notice = "Authentication is off: only this machine can connect."
    (line,) = (line for line in result.stderr.splitlines() if line != notice)
    assert line.startswith("aurum: ")
    return line


def test_taken_port_is_one_line(aurum: Run) -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} on 127.0.0.1 is in use" in refused(aurum("serve", "--port", port))


def test_data_directory_that_is_a_file_is_one_line(aurum: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refused(aurum("serve", "--port", 0, "--data-dir", tmp_path / "file"))
    assert str(tmp_path / "file") in line


def test_data_directory_that_cannot_be_made_is_one_line(aurum: Run) -> None:
    assert "/proc/" in refused(aurum("serve", "--port", 0, "--data-dir", "/proc/aurum"))


def test_open_address_needs_a_mode_spelled_out(aurum: Run) -> None:
    line = refused(aurum("serve", "--host", "0.0.0.0", "--port", 0), code=2)
    assert "AURUM_AUTH_MODE must be set" in line


def test_production_needs_keys_and_a_mode(aurum: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_ENVIRONMENT", "production")
    result = aurum("serve", "--port", 0)
    assert result.exit_code == 2
    assert "AURUM_CURSOR_KEYS" in result.stderr
    assert "AURUM_AUTH_MODE" in result.stderr
    assert "Traceback" not in result.output


def test_unknown_host_is_one_line(aurum: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_AUTH_MODE", "none")
    line = refused(aurum("serve", "--host", "no-such-host.invalid", "--port", 0))
    assert "no-such-host.invalid" in line


def test_open_load_is_one_line(aurum: Run, tmp_path: Path) -> None:
    code = (
        "import fcntl, os, sys, time\n"
        f"fd = os.open({str(tmp_path / 'LOCK')!r}, os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(fd, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            assert "Another load is open" in refused(aurum("demo", "--data-dir", tmp_path))
        finally:
            holder.kill()


def test_first_start_serves_the_demo_and_says_where(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d") as server:
        printed = server.printed()
        assert "Authentication is off: only this machine can connect." in printed
        assert "synthetic rows, all at DEMO_ locations" in printed
        assert f"{server.url}/docs" in printed
        example = next(line for line in printed.splitlines() if "curl '" in line)
        page = fetch(example.split("'")[1])
        assert isinstance(page["data"], list)
        assert page["data"]
        assert "aurum load" in printed
        assert answers(f"{server.url}/docs")
        assert server.stop() == 0
        assert "Traceback" not in server.printed()


def test_second_start_keeps_data_and_key(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d"):
        pass
    key = tmp_path / "d" / "cursor.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    with aurum_server(tmp_path / "d") as server:
        assert "synthetic rows" not in server.printed()
        assert fetch(f"{server.url}/v2/iso/lmp/last-24h?limit=1")["data"]
    assert key.read_text() == before


def test_cursor_is_good_after_a_restart(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d") as server:
        page = fetch(f"{server.url}/v2/iso/lmp?limit=2")
        rest = page["links"]["next"]  # type: ignore[index]
    with aurum_server(tmp_path / "d") as server:
        assert fetch(f"{server.url}{rest}")["data"]


def test_no_demo_is_an_empty_store(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d", "--no-demo") as server:
        assert fetch(f"{server.url}/v2/iso/lmp/last-24h")["data"] == []
        assert "synthetic" not in server.printed()


def test_stops_quickly_when_asked(tmp_path: Path) -> None:
    with aurum_server(tmp_path / "d", "--no-demo") as server:
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 3


def test_load_beside_the_server_is_seen(tmp_path: Path, prices: Path) -> None:
    with aurum_server(tmp_path / "d", "--no-demo") as server:
        program = str(Path(sys.executable).with_name("aurum"))
        load = [program, "load", "lmp", str(prices), "--data-dir", str(tmp_path / "d")]
        subprocess.run(load, check=True, capture_output=True, env=clean_environment({}))
        end = time.monotonic() + 5
        while not fetch(f"{server.url}/v2/iso/lmp")["data"]:
            assert time.monotonic() < end
            time.sleep(0.1)


NOT_YET = [
    ("AURUM_API_V2_ROUTERS", "curves,zzz", "AURUM_API_V2_ROUTERS: v2 has no router 'zzz'"),
    ("AURUM_LIMITS_ENABLED", "true", "AURUM_LIMITS_ENABLED=true is not available yet"),
    ("AURUM_AUTH_MODE", "api-key", "AURUM_AUTH_MODE=api-key is not available yet"),
]


@pytest.mark.parametrize(("name", "value", "said"), NOT_YET)
def test_what_cannot_be_composed_is_one_line(
    aurum: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    line = refused(aurum("serve", "--port", 0, "--data-dir", tmp_path / "d"), code=2)
    assert said in line
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(("name", "value", "said"), NOT_YET)
def test_config_says_what_cannot_be_composed(
    aurum: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    result = aurum("config", "--changed")
    assert result.exit_code == 1
    assert f"would not start: {said}" in result.stderr


def test_banner_leaves_a_piped_stdout_to_the_log(tmp_path: Path) -> None:
    port = free_port()
    command = [str(Path(sys.executable).with_name("aurum")), "serve", "--port", str(port)]
    command += ["--data-dir", str(tmp_path / "d")]
    with (
        (tmp_path / "out").open("wb") as stdout,
        (tmp_path / "err").open("wb") as stderr,
        subprocess.Popen(
            command, stdout=stdout, stderr=stderr, env=clean_environment({}), cwd=tmp_path
        ) as process,
    ):
        end = time.monotonic() + 30
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            assert time.monotonic() < end
            time.sleep(0.05)
        process.terminate()
        assert process.wait(10) == 0
    lines = (tmp_path / "out").read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines]  # a line of the banner is no JSON
    assert "request" in events
    others = set(events) - {"request"}
    assert all(event.startswith("The warehouse shows data_version") for event in others)
    said = (tmp_path / "err").read_text()
    assert "Authentication is off" in said
    assert "synthetic rows" in said
    assert "is ready" in said


def test_read_only_directory_is_served_and_not_written_to(tmp_path: Path) -> None:
    directory = tmp_path / "d"
    with aurum_server(directory):
        pass
    directory.chmod(0o555)
    before = directory.stat().st_mtime_ns
    names = {path.name for path in directory.iterdir()}
    try:
        with aurum_server(directory, env={"AURUM_CURSOR_KEYS": "k" * 32}) as server:
            assert fetch(f"{server.url}/v2/iso/lmp/last-24h?limit=1")["data"]
        assert {path.name for path in directory.iterdir()} == names
        assert directory.stat().st_mtime_ns == before
    finally:
        directory.chmod(0o755)


@pytest.mark.parametrize("keys", ["", "k" * 32])
def test_read_only_directory_without_data_is_one_line(
    aurum: Run, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("AURUM_CURSOR_KEYS", keys)
    line = refused(aurum("serve", "--port", 0, "--data-dir", "/proc/self"))
    assert "/proc/self" in line
