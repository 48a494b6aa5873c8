"""The access log: one JSON object per request, encoded by msgspec and written in batches.

A request only leaves its facts; lines are made from many of them at once.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from aurum_app.dispatch import RouteEntry

Sink = Callable[[bytes], object]
Facts = tuple[
    str,
    str,
    str,
    "RouteEntry | None",
    int,
    int,
    float,
    str,
    "tuple[str, int] | list[object] | None",
    tuple[str, str | None] | None,
]
"""Request id, method, path, route, status, bytes, seconds, cache outcome, client, and of a failure
of ours the error's slug and the dependency that it names."""
BATCH: Final = 256
FLUSH_SECONDS: Final = 0.5
SERVER_ERROR: Final = 500


class Line(msgspec.Struct, omit_defaults=True):
    """What one request was; `route` is its template; the last two say why it failed."""

    timestamp: str
    level: str
    event: str
    request_id: str
    method: str
    path: str
    route: str | None
    status: int
    bytes: int
    ms: float
    cache: str | None
    client: str | None
    error: str | None = None
    dependency: str | None = None


class AccessLog:
    """Collects facts and writes their lines when there are many, or after half a second."""

    def __init__(self, sink: Sink | None = None, *, console: bool = False) -> None:
        self._sink = sink or write_stdout
        self._encode = encode_console if console else msgspec.json.Encoder().encode_lines
        self._noted: list[tuple[float, Facts]] = []
        self._timer: asyncio.TimerHandle | None = None

    def note(self, facts: Facts) -> None:
        """Note a request that has just ended."""
        self._noted.append((time.time(), facts))
        if len(self._noted) >= BATCH:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what has been noted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._noted:
            noted, self._noted = self._noted, []
            self._sink(self._encode(list(_lines(noted))))


def _lines(noted: list[tuple[float, Facts]]) -> Iterator[Line]:
    second, prefix = 0, ""
    for ended, facts in noted:
        request_id, method, path, entry, status, size, seconds, cache, client, failure = facts
        if int(ended) != second:
            second = int(ended)
            prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        yield Line(
            f"{prefix}.{int((ended - second) * 1000):03d}Z",
            "error" if status >= SERVER_ERROR else "info",
            "request",
            request_id,
            method,
            path if path.isascii() else path.encode("utf-8", "replace").decode(),
            None if entry is None else entry.template,
            status,
            size,
            int(seconds * 1e6) / 1e3,
            cache or None,
            str(client[0]) if client else None,
            *(failure or ()),
        )


def encode_console(lines: list[Line]) -> bytes:
    """Return the lines for a person: time of day, what was asked, what came of it."""
    texts = (
        f"{line.timestamp[11:19]} {line.method} {line.path!a} {line.status} {line.bytes} bytes "
        f"{line.ms} ms{f' {line.cache}' if line.cache else ''} {line.request_id}"
        f"{f' {line.error}' if line.error else ''}"
        f"{f' of {line.dependency}' if line.dependency else ''}\n"
        for line in lines
    )
    return "".join(texts).encode()


def write_stdout(data: bytes) -> None:
    """Write to the process's standard output, whatever it is now."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode())
    else:
        buffer.write(data)
        buffer.flush()
