"""The one ASGI application that all stages are flattened into."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from aurum_app.call import Call, ClientGoneError, Reply
from aurum_app.middleware.stage import Stage
from aurum_app.replies.streams import send_stream

CLIENT_GONE: Final = 499
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Chain:
    """Runs the hooks of every stage in declared order: on the way in, on the way out, afterwards.

    Only hooks that a stage overrides are called.
    """

    def __init__(self, stages: Sequence[Stage], *, idle_seconds: float) -> None:
        self.stages = tuple(stages)
        self._idle_seconds = idle_seconds
        self._enter = _hooks(stages, "enter")
        self._recover = _hooks(stages, "recover")
        self._leave = _hooks(stages, "leave")
        self._close = _hooks(stages, "close")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        call = Call(scope, receive, send)
        try:
            try:
                reply = None
                for enter in self._enter:
                    outcome = enter(call)
                    if outcome is not None:
                        reply = outcome if type(outcome) is Reply else await outcome
                        if reply is not None:
                            break
            except Exception as failure:  # noqa: BLE001 - the one place where failures become replies
                reply = self._recovered(call, failure)
            if reply is None:
                call.status = CLIENT_GONE
                return
            call.status = reply.status
            for leave in self._leave:
                leave(call, reply)
            headers = [*reply.headers, *call.extra]
            if scope.get("scheme") == "https":
                headers.append(STRICT_TRANSPORT)
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            if reply.stream is None:
                body = b"" if call.method == "HEAD" else reply.body
                call.sent_bytes = len(body)
                await send({"type": "http.response.body", "body": body})
            else:
                await send_stream(call, reply.stream, idle_seconds=self._idle_seconds)
        finally:
            call.seconds = time.monotonic() - call.started
            for close in self._close:
                close(call)

    def _recovered(self, call: Call, failure: Exception) -> Reply | None:
        if isinstance(failure, ClientGoneError):
            return None
        for recover in self._recover:
            reply: Reply | None = recover(call, failure)
            if reply is not None:
                return reply
        raise failure


def _hooks(stages: Sequence[Stage], name: str) -> tuple[Callable[..., Any], ...]:
    own = (stage for stage in stages if getattr(type(stage), name) is not getattr(Stage, name))
    return tuple(getattr(stage, name) for stage in own)
