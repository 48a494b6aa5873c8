"""Request bodies: how large, in which coding and media type, and whether the JSON is sound."""

from collections.abc import Awaitable
from typing import Final

from starlette.types import Message

from aurum_app.bodies import check_json
from aurum_app.call import Call, ClientGoneError
from aurum_app.dispatch import RouteEntry
from aurum_app.middleware.stage import Stage
from aurum_core.errors import BodyTooLargeError, MalformedInputError, MediaTypeError
from aurum_core.settings import ApiSettings

BODILESS: Final = frozenset({"GET", "HEAD"})
BULK: Final = ":bulk"


class Body(Stage):
    """Reads and judges the body of a write before the handler sees it."""

    def __init__(self, api: ApiSettings) -> None:
        self._api = api

    def enter(self, call: Call) -> Awaitable[None] | None:
        """Wait for the body where the method can have one."""
        return None if call.method in BODILESS else self._read(call)

    async def _read(self, call: Call) -> None:
        entry = call.route
        if call.headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise MediaTypeError("A request body is sent without a content coding.")
        limit = self._api.max_bulk_body_bytes if entry.template.endswith(BULK) else None
        raw = await _collect(call, limit or self._api.max_body_bytes)
        if raw and entry.media_types:
            self._check(call, entry, raw)
        call.receive = Replay(call, raw)

    def _check(self, call: Call, entry: RouteEntry, raw: bytes) -> None:
        given = call.headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        media_type = given.decode("latin-1")
        json_like = media_type == "application/json" or media_type.endswith("+json")
        accepted = "application/json" in entry.media_types and json_like
        if not accepted and media_type not in entry.media_types:
            raise MediaTypeError(f"Accepted here: {', '.join(entry.media_types)}.")
        if json_like:
            check_json(raw, max_depth=self._api.max_json_depth, max_items=self._api.max_json_items)


async def _collect(call: Call, limit: int) -> bytes:
    """Return the whole body; a declared length over the limit is refused before the first byte."""
    declared = call.headers.get(b"content-length", b"0")
    if not declared.isdigit():
        raise MalformedInputError("Content-Length is not a number.")
    if len(declared) > 18 or int(declared) > limit:
        raise BodyTooLargeError(f"The largest body here is {limit} bytes.")
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError(f"The largest body here is {limit} bytes.")
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


class Replay:
    """Gives the body once more, then waits on the connection."""

    __slots__ = ("_body", "_receive")

    def __init__(self, call: Call, body: bytes) -> None:
        self._receive = call.receive
        self._body: bytes | None = body

    async def __call__(self) -> Message:
        """Return the next ASGI message."""
        body, self._body = self._body, None
        if body is None:
            return await self._receive()
        return {"type": "http.request", "body": body, "more_body": False}
