"""The HTTP/1.1 protocol with the limits that uvicorn leaves open.

A client has so long for its headers and so long, counted from their end, for its body; the URL and
the header block have a largest size; HTTP/1.1 needs exactly one `Host`. What breaks a limit is
refused below the application, with a problem of its own and the connection closed.
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from aurum_app.headers import RawHeaders
from aurum_app.refusals import REFUSALS
from aurum_core.problem import MEDIA_TYPE, TYPE_PREFIX
from aurum_core.settings import ApiSettings

END_OF_HEAD: Final = b"\r\n\r\n"
SHOWN_PATH: Final = 512
LINGER_SECONDS: Final = 1.0
"""How long a refused client may go on sending into nothing: closing at once would reset the
connection and take the answer with it."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What one connection may cost before the application sees a request."""

    header_seconds: float = 10.0
    body_seconds: float = 30.0
    url_bytes: int = 8_192
    header_bytes: int = 16_384

    @classmethod
    def of(cls, api: ApiSettings) -> "Guards":
        """Return the guards that the settings ask for."""
        return cls(
            header_seconds=api.header_timeout_seconds,
            body_seconds=api.body_timeout_seconds,
            url_bytes=api.max_url_bytes,
            header_bytes=api.max_header_bytes,
        )


@dataclass(slots=True)
class Drain:
    """Whether the server is on its way out; `on_begin` is called once, when it starts to be."""

    on_begin: Callable[[], None] | None = None
    active: bool = False

    def begin(self) -> None:
        """Start draining: answers close their connection from now on."""
        if self.active:
            return
        self.active = True
        if self.on_begin is not None:
            self.on_begin()


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was refused below the application, as far as it was understood."""

    request_id: str
    method: str
    path: str
    status: int
    sent_bytes: int
    client: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Outlet:
    """How refusals leave: who notes them, and the headers of every answer below a prefix."""

    note: Callable[[Refused], None] | None = None
    lifecycle: Mapping[str, RawHeaders] = field(default_factory=dict)


class RefusedError(Exception):
    """Stops the parser; the status waits in the protocol."""


class GuardedProtocol(HttpToolsProtocol):
    """httptools with timers, caps and a lingering close.

    A connection is between requests, in a head, or in a body. A timer is armed only where a read
    ends inside a head or a body, so that a request that comes in one piece costs none.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        guards: Guards,
        drain: Drain,
        outlet: Outlet | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.outlet = outlet or Outlet()
        self.guards = guards
        self.drain = drain
        self.messages = 0
        self.in_head = False
        self.in_body = False
        self.deaf = False
        self._status = 400
        self._head_bytes = 0
        self.url = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for the first head: a silent connection ends as a slow one does."""
        super().connection_made(transport)
        self._arm(self.guards.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the timer with the connection."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, then arm or drop the timer by where the bytes ended."""
        if self.deaf:
            return
        self._unset_keepalive_if_required()
        before = self._place()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # no other protocol is spoken here: answered as it is
            self.cycle.keep_alive = self.in_body = False
            self.deaf = True
        except httptools.HttpParserError:
            self.refuse(self._status)
            return
        if self.in_head and before == self._place():
            self._count_head(len(data))
        elif before != self._place():
            self._time(first=before[0] == 0)

    def on_message_begin(self) -> None:
        """Enter the head."""
        self.messages += 1
        self.in_head, self.in_body = True, False
        self._head_bytes = 0
        self._status = 400
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Collect the URL up to its limit."""
        super().on_url(url)
        if len(self.url) > self.guards.url_bytes:
            self._stop(414)

    def on_headers_complete(self) -> None:
        """Judge the whole head, then let the request begin."""
        if sum(len(n) + len(v) + 4 for n, v in self.headers) > self.guards.header_bytes:
            self._stop(431)
        hosts = sum(1 for name, _ in self.headers if name == b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            self._stop(400)
        super().on_headers_complete()
        self.in_head, self.in_body = False, True
        if self.drain.active:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Leave the body."""
        self.in_body = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """Close when idle; a request that has begun to arrive is still answered, as the last."""
        if self.deaf and self._timer is not None:
            self.transport.abort()
        elif not (self.in_head and self._is_answered()):
            super().shutdown()

    def refuse(self, status: int) -> None:
        """Answer below the application and close; what the client still sends is thrown away."""
        self._disarm()
        self.deaf = True
        if self.pipeline:
            self.transport.abort()
        elif self._is_answered() or self.cycle.more_body:
            self._refuse_now(status)
        else:  # an earlier request is being answered: it ends, then the connection does
            self.cycle.keep_alive = False

    def _refuse_now(self, status: int) -> None:
        silent = self.in_body and (self._is_answered() or self.cycle.response_started)
        if not self._is_answered():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.is_closing():
            return
        if not silent:
            self._write_refusal(status)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _write_refusal(self, status: int) -> None:
        request_id = uuid.uuid4().hex
        path = self.url.partition(b"?")[0][:SHOWN_PATH].decode("latin-1")
        first = path.split("/")[1] if path.startswith("/") else ""
        headers = [*self.server_state.default_headers, *self.outlet.lifecycle.get(first, [])]
        said = render_refusal(status, headers, request_id, v1=first == "v1")
        self.transport.write(said)
        if self.outlet.note is not None:
            method = self.parser.get_method().decode("latin-1") if path else "-"
            size = len(said) - said.index(END_OF_HEAD) - len(END_OF_HEAD)
            refused = Refused(request_id, method, path or "-", status, size, self.client)
            self.outlet.note(refused)

    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _stop(self, status: int) -> None:
        self._status = status
        raise RefusedError

    def _place(self) -> tuple[int, bool, bool]:
        return self.messages, self.in_head, self.in_body

    def _count_head(self, more: int) -> None:
        """Count a head that stays open: the parser holds a long line back until it ends."""
        self._head_bytes += more
        if self._head_bytes > self.guards.header_bytes + self.guards.url_bytes:
            self.refuse(431)

    def _time(self, *, first: bool) -> None:
        """Time what the read ended in; the first head is timed from the connection on."""
        if self.in_body:
            self._arm(self.guards.body_seconds)
        elif not self.in_head:
            self._disarm()
        elif not first:
            self._arm(self.guards.header_seconds)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self._expire, seconds)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self, seconds: float) -> None:
        if self.flow.read_paused:  # we are slow, not the client
            self._arm(seconds)
        else:
            self.refuse(408)


def render_refusal(
    status: int, headers: Sequence[tuple[bytes, bytes]], request_id: str, *, v1: bool = False
) -> bytes:
    """Return a whole response: a problem, on v1 its `detail` alone."""
    slug, detail = REFUSALS[status]
    problem: dict[str, object] = {
        "type": f"{TYPE_PREFIX}{slug}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    body = json.dumps({"detail": detail} if v1 else problem).encode()
    media_type = "application/json" if v1 else MEDIA_TYPE
    lines = [
        b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode()),
        *(name + b": " + value for name, value in headers),
        b"content-type: " + media_type.encode(),
        b"content-length: %d" % len(body),
        b"x-request-id: " + request_id.encode(),
        b"x-content-type-options: nosniff",
        b"cache-control: no-store",
        b"connection: close",
    ]
    return b"\r\n".join(lines) + END_OF_HEAD + body
