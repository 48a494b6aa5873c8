"""The access log: one JSON object per request, encoded by msgspec, written in batches."""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

Sink = Callable[[bytes], object]
FLUSH_BYTES: Final = 65_536
FLUSH_SECONDS: Final = 0.5


class Line(msgspec.Struct, omit_defaults=False):
    """What one request was; `route` is its template."""

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


class AccessLog:
    """Collects lines and writes them when there are many, or after half a second."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink or write_stdout
        self._encode_into = msgspec.json.Encoder().encode_into
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._second = 0
        self._prefix = ""

    def write(self, line: Line) -> None:
        """Add a line."""
        buffer = self._buffer
        self._encode_into(line, buffer, len(buffer))
        buffer.append(10)
        if len(buffer) >= FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what has been collected."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            self._sink(data)

    def timestamp(self) -> str:
        """Return now in UTC with milliseconds; the second is written once."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._prefix}{int((now - second) * 1000):03d}Z"


def write_stdout(data: bytes) -> None:
    """Write to the process's standard output, whatever it is now."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode())
    else:
        buffer.write(data)
        buffer.flush()
