"""Processes are started ready and ended whole; a failure shows what the process said."""

import sys
from pathlib import Path

import pytest

from aurum_testkit.servers import ServerStartError, answers, clean_environment, running
from aurum_testkit.wire import exchange, free_port, status_of


def http_server(port: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")


def test_a_server_is_ready_when_yielded_and_gone_afterwards(tmp_path: Path):
    port = free_port()
    with running(
        http_server(port), port=port, ready=lambda it: answers(f"{it.url}/"), cwd=tmp_path
    ) as server:
        answer = exchange("127.0.0.1", port, b"GET / HTTP/1.0\r\n\r\n")
        assert status_of(answer) == 200
        assert status_of(exchange("127.0.0.1", port, b"GIBBERISH / HTTP/1.1\r\n\r\n")) == 501
    assert server.process.returncode is not None
    assert not answers(f"{server.url}/")


def test_a_server_that_dies_shows_its_last_words():
    command = (sys.executable, "-c", "import sys; sys.exit('no such port')")
    with (
        pytest.raises(ServerStartError, match="no such port"),
        running(command, port=1, ready=lambda _: False),
    ):
        pass


def test_a_server_that_is_never_ready_is_ended():
    command = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")
    with (
        pytest.raises(ServerStartError, match="not ready"),
        running(command, port=1, ready=lambda _: False, start_seconds=0.3),
    ):
        pass


def test_settings_of_the_shell_do_not_reach_the_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AURUM_API_PORT", "1")
    monkeypatch.setenv("AURUM_TEST_SHARED", "there")
    seen = clean_environment({"AURUM_API_HOST": "::1"})
    assert "AURUM_API_PORT" not in seen
    assert seen["AURUM_TEST_SHARED"] == "there"
    assert seen["AURUM_API_HOST"] == "::1"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1"])
def test_no_http_answer_has_no_status(answer: bytes):
    assert status_of(answer) is None
