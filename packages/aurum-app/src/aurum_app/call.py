"""One request on its way through the edge, and the reply that leaves it."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.types import Receive, Scope, Send

from aurum_app.headers import RawHeaders
from aurum_app.wanted import Wanted
from aurum_core.answers import Answer, StreamAnswer
from aurum_core.auth import ANYONE, Principal

if TYPE_CHECKING:
    from aurum_app.dispatch import RouteEntry

EXTENSION: Final = "aurum.answer"
"""The key in `scope["extensions"]` under which a handler finds the holder for its answer."""


@dataclass(slots=True)
class Holder:
    """Where a handler leaves its answer instead of sending it."""

    answer: Answer | StreamAnswer | None = None


@dataclass(slots=True)
class Reply:
    """A finished response. `headers` may be shared between requests and are never changed."""

    status: int
    headers: RawHeaders
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None


class ClientGoneError(Exception):
    """Nobody waits for the reply any more."""


class Call:
    """A request, what the stages found out about it, and headers to add to its reply.

    Attributes are plain and have class-level defaults, so that a cached hit sets only a few.
    """

    request_id: str = ""
    entry: "RouteEntry | None" = None
    params: dict[str, Any] | None = None
    surface: str = ""
    principal: Principal = ANYONE
    deadline_at: float = 0.0
    latest: bool = False
    wanted: Wanted | None = None
    cache: str = ""
    status: int = 500
    sent_bytes: int = 0
    seconds: float = 0.0
    span: Any = None
    failure: tuple[str, str | None] | None = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.extra: RawHeaders = []
        self.started = time.monotonic()

    @property
    def route(self) -> "RouteEntry":
        """Return the entry; stages behind dispatch are only reached with one."""
        if self.entry is None:
            raise RuntimeError("dispatch has not found a route")
        return self.entry

    @property
    def shown_path(self) -> str:
        """Return the path as the client sent it: what problems and logs name."""
        return str(self.scope["path"])

    async def until_gone(self) -> None:
        """Return when the client has disconnected; the body must have been read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def elapsed_ms(self) -> int:
        """Return the whole milliseconds since the request began."""
        return int((time.monotonic() - self.started) * 1000)
