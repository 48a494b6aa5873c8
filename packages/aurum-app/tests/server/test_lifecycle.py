"""Leaving in phases, as a process: what clients see when the server is told to go."""

import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from aurum_app.server import BindError, bind
from aurum_testkit.servers import Server, answers

Start = Callable[..., AbstractContextManager[Server]]


def fetch(server: Server, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def in_background(call: Callable[[], object]) -> list[object]:
    """Run a call in a thread; the list fills when it ends."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(call())
        except OSError as error:
            results.append(error)
        except http.client.HTTPException as error:
            results.append(error)

    threading.Thread(target=run, daemon=True).start()
    return results


def eventually(check: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def test_services_open_before_and_close_after(start: Start) -> None:
    with start() as server:
        assert json.loads(fetch(server, "/")[2]) == {"services": "open"}
        assert server.stop() == 0
        assert server.printed().splitlines() == ["opened", "started", "closed"]


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_requests_in_flight_end_and_the_exit_is_clean(start: Start, sig: signal.Signals) -> None:
    with start() as server:
        slow = in_background(lambda: fetch(server, "/slow?seconds=1")[0])
        time.sleep(0.3)
        server.process.send_signal(sig)
        assert server.process.wait(10) == 0
        eventually(lambda: slow)
        assert slow == [200]


def test_draining_is_not_ready_but_still_answers_and_closes(start: Start) -> None:
    with start(drain=1.5) as server:
        kept = http.client.HTTPConnection(server.host, server.port, timeout=5)
        kept.request("GET", "/")
        assert kept.getresponse().read()
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: not answers(f"{server.url}/readyz"), 1)
        status, headers, _ = fetch(server, "/")
        assert (status, headers["connection"]) == (200, "close")
        kept.request("GET", "/")
        answer = kept.getresponse()
        assert (answer.status, answer.getheader("connection")) == (200, "close")
        assert server.process.wait(10) == 0


def test_no_request_fails_while_a_balancer_looks_at_readiness(start: Start) -> None:
    failures: list[object] = []
    done = [0]
    gone = threading.Event()

    def client(server: Server) -> None:
        while not gone.is_set():
            try:
                if fetch(server, "/slow?seconds=0.05")[0] != 200:
                    failures.append("status")
            except (OSError, http.client.HTTPException) as error:
                failures.append(error)
                return
            done[0] += 1

    with start(drain=2) as server:
        clients = [threading.Thread(target=client, args=(server,)) for _ in range(30)]
        for thread in clients:
            thread.start()
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: not answers(f"{server.url}/readyz"), 1)
        gone.set()  # the balancer has seen it and sends no more
        for thread in clients:
            thread.join()
        assert server.process.wait(10) == 0
    assert failures == []
    assert done[0] > 100


def test_what_does_not_end_in_time_is_cancelled(start: Start) -> None:
    with start(shutdown=0.5) as server:
        slow = in_background(lambda: fetch(server, "/slow?seconds=30")[0])
        time.sleep(0.3)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 4
        assert "cancelled" in server.printed()
        assert server.printed().splitlines()[-1] == "closed"
        eventually(lambda: slow)
        assert slow != [200]


def test_second_signal_ends_at_once(start: Start) -> None:
    with start(drain=20, shutdown=20) as server:
        in_background(lambda: fetch(server, "/slow?seconds=30"))
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server.process.poll() is None
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 3


def test_half_sent_request_is_answered_during_shutdown(start: Start) -> None:
    with start(shutdown=3) as server, socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        sock.sendall(b"\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        assert server.process.wait(10) == 0


def test_taken_port_is_named() -> None:
    with bind("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(BindError, match=f"port {port} on 127.0.0.1 is in use"):
            bind("127.0.0.1", port)


def test_port_can_be_shared_on_purpose() -> None:
    with bind("127.0.0.1", 0, reuse_port=True) as first:
        first.listen()
        bind("127.0.0.1", first.getsockname()[1], reuse_port=True).close()


def test_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BindError, match="not an address of this machine"):
        bind("192.0.2.1", 0)
