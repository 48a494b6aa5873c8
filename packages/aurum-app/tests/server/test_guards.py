"""What the protocol refuses on a raw connection: the table of malformed and slow requests."""

import json
import re
import socket
import time
from dataclasses import dataclass

import pytest

from aurum_testkit.servers import Server

HOST = b"Host: x\r\n"
CLOSE = b"Connection: close\r\n"


@dataclass
class Talk:
    statuses: list[int]
    raw: bytes
    seconds: float


def talk(server: Server, *parts: bytes | float, half_close: bool = False) -> Talk:
    """Send the parts, pausing where one is a number, and read to the end."""
    began = time.monotonic()
    raw = b""
    with socket.create_connection((server.host, server.port), timeout=6) as sock:
        try:
            for part in parts:
                if isinstance(part, float):
                    time.sleep(part)
                else:
                    sock.sendall(part)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
            while chunk := sock.recv(65536):
                raw += chunk
        except (BrokenPipeError, ConnectionResetError):
            pass
    statuses = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", raw)]
    return Talk(statuses, raw, time.monotonic() - began)


def get(path: bytes = b"/", *headers: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n"


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"POST /body HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n" + body


MALFORMED = {
    "garbage": (b"GARBAGE\r\n\r\n", 400),
    "tls hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "http/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (get(b"/", b"Host: y\r\n"), 400),
    "obs-fold": (get(b"/", b"X-A: a\r\n b\r\n"), 400),
    "nul in a value": (get(b"/", b"X-A: a\x00b\r\n"), 400),
    "bare cr in a value": (get(b"/", b"X-A: a\rb\r\n"), 400),
    "space before the colon": (get(b"/", b"X-A : a\r\n"), 400),
    "no header name": (get(b"/", b": a\r\n"), 400),
    "header without colon": (get(b"/", b"nonsense\r\n"), 400),
    "two lengths": (post(b"Content-Length: 1\r\n", b"Content-Length: 2\r\n", body=b"ab"), 400),
    "length and chunked": (
        post(b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n", body=b"0\r\n\r\n"),
        400,
    ),
    "chunked is not last": (
        post(b"Transfer-Encoding: chunked, gzip\r\n", body=b"0\r\n\r\n"),
        400,
    ),
    "negative length": (post(b"Content-Length: -1\r\n"), 400),
    "length in words": (post(b"Content-Length: ten\r\n"), 400),
    "endless length": (post(b"Content-Length: " + b"9" * 40 + b"\r\n"), 400),
    "bad chunk size": (post(b"Transfer-Encoding: chunked\r\n", body=b"ZZ\r\nab\r\n"), 400),
    "unknown version": (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 400),
    "connect": (b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "raw bytes in the path": (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "url over the limit": (get(b"/?q=" + b"a" * 9_000), 414),
    "url that never ends": (b"GET /" + b"a" * 200_000, 414),
    "headers over the limit": (get(b"/", b"X-A: " + b"a" * 17_000 + b"\r\n"), 431),
    "many headers": (get(b"/", *(b"X-%d: a\r\n" % n for n in range(3_000))), 431),
    "one header that never ends": (
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 3_000_000,
        431,
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_request_is_refused_and_closed(server: Server, name: str) -> None:
    request, status = MALFORMED[name]
    said = talk(server, request)
    assert said.statuses == [status]
    assert said.seconds < 2
    assert talk(server, get(b"/", CLOSE)).statuses == [200]


def test_refusal_is_a_problem_that_v1_clients_can_read(server: Server) -> None:
    head, _, body = talk(server, b"GARBAGE\r\n\r\n").raw.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert problem["type"] == "/docs/errors#malformed-input"
    assert problem["status"] == 400
    assert problem["detail"]
    assert b"content-type: application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"connection: close" in head
    assert problem["request_id"].encode() in head
    assert b"server:" not in head.lower()


SLOW = {
    "silent": ((), 1.0),
    "incomplete head": ((b"GET / HTT",), 1.0),
    "dripped head": ((b"GET / HTTP/1.1\r\n", 0.4, b"Host: ", 0.4, b"x\r\n", 0.4, b"X"), 1.0),
    "stalled body": ((post(b"Content-Length: 10\r\n", body=b"ab"),), 1.5),
    "dripped body": ((post(b"Content-Length: 99\r\n"), *(0.3, b"a") * 7), 1.5),
    "chunk that never ends": ((post(b"Transfer-Encoding: chunked\r\n", body=b"5\r\nab"),), 1.5),
}


@pytest.mark.parametrize("name", SLOW)
def test_slow_request_times_out(server: Server, name: str) -> None:
    parts, limit = SLOW[name]
    said = talk(server, *parts)
    assert said.statuses == [408]
    assert limit - 0.1 < said.seconds < limit + 1.3
    assert b"request-timeout" in said.raw


def test_second_head_on_a_connection_is_timed_too(server: Server) -> None:
    said = talk(server, get(), 0.2, b"GET / HTTP/1.1\r\nHo")
    assert said.statuses == [200, 408]


def test_slow_answer_is_not_a_slow_request(server: Server) -> None:
    said = talk(server, get(b"/slow?seconds=2.5", CLOSE))
    assert said.statuses == [200]


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    said = talk(server, get(b"/slow?seconds=0.2") + get(b"/", CLOSE))
    assert said.statuses == [200, 200]
    assert said.raw.index(b"slept") < said.raw.index(b"services")


def test_garbage_behind_a_request_does_not_spoil_its_answer(server: Server) -> None:
    said = talk(server, get(b"/slow?seconds=0.2") + b"GARBAGE\r\n\r\n")
    assert said.statuses == [200]
    assert b"slept" in said.raw


def test_upgrade_is_answered_as_plain_http(server: Server) -> None:
    said = talk(server, get(b"/", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), 0.1, b"junk")
    assert said.statuses == [200]


def test_http_1_0_needs_no_host(server: Server) -> None:
    assert talk(server, b"GET / HTTP/1.0\r\n\r\n").statuses == [200]


def test_whole_body_arrives(server: Server) -> None:
    body = b"a" * 300_000
    said = talk(server, post(b"Content-Length: 300000\r\n", CLOSE, body=body))
    assert said.statuses == [200]
    assert b'{"bytes":300000}' in said.raw


def test_server_is_not_named(server: Server) -> None:
    assert b"server:" not in talk(server, get(b"/", CLOSE)).raw.lower()
