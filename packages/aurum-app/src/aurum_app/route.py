"""Calling the matched route: FastAPI's part of the way, with the answer taken from it."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.types import Message

from aurum_app.call import EXTENSION, Call, Holder
from aurum_app.dispatch import RouteEntry
from aurum_app.observability.logs import REQUEST_ID
from aurum_app.problems import refused_parameters
from aurum_app.replies.representation import plain_tags
from aurum_core.answers import Answer, StreamAnswer
from aurum_core.cursors import Pins
from aurum_core.deadline import Deadline, deadline_scope

OWN_HEADERS: Final = frozenset({"content-type", "content-length", "etag"})
"""What a plain response says and the edge says itself: it may code the body."""
Handlers = Mapping[Any, Any]
NO_HANDLERS: Final[tuple[Handlers, Handlers]] = ({}, {})


class Capture:
    """Collects what a handler sent itself: a plain response of the house's own routes."""

    def __init__(self) -> None:
        self.start: Message | None = None
        self.chunks: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Take one ASGI message."""
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.chunks.append(bytes(message.get("body", b"")))

    def answer(self) -> Answer:
        """Return what was sent as an answer."""
        if self.start is None:
            raise RuntimeError("the handler neither answered nor sent anything")
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in self.start["headers"]]
        known = dict(headers)
        return Answer(
            body=b"".join(self.chunks),
            media_type=known.get("content-type", "application/octet-stream"),
            status=self.start["status"],
            headers=tuple(pair for pair in headers if pair[0] not in OWN_HEADERS),
            tag=known.get("etag"),
        )


async def answer_of(call: Call, pins: Pins | None) -> Answer | StreamAnswer:
    """Run the handler of the call's route and return what it answered.

    `request.state` carries services, principal, request_id, deadline and pins; the request's
    deadline and request id are current for everything that the handler awaits.
    """
    REQUEST_ID.set(call.request_id)
    entry, query = call.route, call.scope["query_string"]
    if query and entry.query is not None:
        names = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
        if (error := refused_parameters(names, entry.query)) is not None:
            raise error
    holder, capture, deadline = Holder(), Capture(), Deadline(call.deadline_at)
    scope = _scope_of(call, entry, holder)
    scope["state"].update(
        principal=call.principal, request_id=call.request_id, deadline=deadline, pins=pins
    )
    with deadline_scope(deadline):
        async with AsyncExitStack() as stack:
            scope["fastapi_middleware_astack"] = stack
            await entry.app(scope, call.receive, capture.send)
    return capture.answer() if holder.answer is None else holder.answer


def _scope_of(call: Call, entry: RouteEntry, holder: Holder) -> dict[str, Any]:
    context = entry.context
    scope: dict[str, Any] = {
        **call.scope,
        "path_params": call.params or {},
        "endpoint": context.endpoint,
        "route": context.original_route,
        "fastapi": {"effective_route_context": context},
        "starlette.exception_handlers": NO_HANDLERS,
        "extensions": {**(call.scope.get("extensions") or {}), EXTENSION: holder},
        "state": dict(call.scope.get("state") or {}),
    }
    if call.latest:
        root = scope.get("root_path", "")
        scope["path"] = root + call.path
        scope["raw_path"] = scope["path"].encode("utf-8", "replace")
    if b"if-match" in call.headers:
        scope["headers"] = [
            (n, plain_tags(v) if n == b"if-match" else v) for n, v in scope["headers"]
        ]
    return scope
