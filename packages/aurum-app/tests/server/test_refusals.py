"""What is refused below the application is noted and said in the words of the path's surface."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurum_testkit.servers import Server, aurum_server
from aurum_testkit.wire import exchange

pytest.importorskip("duckdb")

HOST = b"Host: x\r\n"
FORGED = {
    400: (b"GET /v1/curves HTTP/1.1\r\n\r\n", "/v1/curves", "malformed-input"),
    414: (
        b"GET /v1/curves?q=" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        "/v1/curves",
        "uri-too-long",
    ),
    431: (
        b"GET /v1/curves HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 17_000 + b"\r\n\r\n",
        "/v1/curves",
        "headers-too-large",
    ),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The whole service on an empty store."""
    folder: Path = tmp_path_factory.mktemp("refusals")
    with aurum_server(folder / "d", "--no-demo") as running:
        yield running


def refused(service: Server, request: bytes) -> tuple[dict[bytes, bytes], dict[str, object]]:
    head, _, body = exchange(service.host, service.port, request).partition(b"\r\n\r\n")
    lines = [line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:]]
    return {line[0]: line[1] for line in lines}, json.loads(body)


def logged(service: Server, request_id: str) -> dict[str, object]:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for text in service.printed().splitlines():
            if text.startswith("{") and request_id in text:
                line: dict[str, object] = json.loads(text)
                return line
        time.sleep(0.1)
    raise AssertionError(f"no line of {request_id}")


@pytest.mark.parametrize("status", FORGED)
def test_refusal_is_noted_and_said_in_v1s_words(service: Server, status: int) -> None:
    request, path, slug = FORGED[status]
    headers, body = refused(service, request)
    assert set(body) == {"detail"}
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"x-api-version"] == b"v1"
    assert b"deprecation" in headers
    line = logged(service, headers[b"x-request-id"].decode())
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", path)
    assert (line["status"], line["error"], line["client"]) == (status, slug, "127.0.0.1")
    assert line["bytes"] == int(headers[b"content-length"])


def test_refusal_elsewhere_is_a_problem(service: Server) -> None:
    headers, body = refused(service, b"GET /v2/iso/lmp HTTP/1.1\r\n\r\n")
    assert headers[b"content-type"] == b"application/problem+json"
    assert b"deprecation" not in headers
    assert body["request_id"] == headers[b"x-request-id"].decode()
    assert logged(service, str(body["request_id"]))["path"] == "/v2/iso/lmp"


def test_garbage_is_noted_without_a_path(service: Server) -> None:
    headers, _ = refused(service, b"GARBAGE\r\n\r\n")
    line = logged(service, headers[b"x-request-id"].decode())
    assert (line["method"], line["path"], line["status"]) == ("-", "-", 400)
