"""The one ASGI application that all stages are flattened into."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from aurum_app.call import Call, ClientGoneError, RawHeaders, Reply
from aurum_app.middleware.stage import Stage
from aurum_app.replies.streams import send_stream

SECURITY: Final[RawHeaders] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
NO_CONTENT: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""The policy of every reply that does not bring its own: it may load nothing."""
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
        reply = None
        try:
            try:
                for enter in self._enter:
                    pending = enter(call)
                    if pending is not None:
                        await pending
                    if (reply := call.reply) is not None:
                        break
            except Exception as failure:  # noqa: BLE001 - the one place where failures become replies
                reply = self._recovered(call, failure)
            if reply is not None:
                await self._send(call, reply)
        finally:
            for close in self._close:
                close(call, reply)

    async def _send(self, call: Call, reply: Reply) -> None:
        for leave in self._leave:
            leave(call, reply)
        headers = [*reply.headers, *call.extra, *SECURITY]
        if not reply.own_policy:
            headers.append(NO_CONTENT)
        if call.scope["scheme"] == "https":
            headers.append(STRICT_TRANSPORT)
        send = call.send
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.stream is not None:
            await send_stream(call, reply.stream, idle_seconds=self._idle_seconds)
        else:
            body = b"" if call.method == "HEAD" else reply.body
            await send({"type": "http.response.body", "body": body})

    def _recovered(self, call: Call, failure: Exception) -> Reply | None:
        if isinstance(failure, ClientGoneError):
            call.gone = True
            return None
        for recover in self._recover:
            reply: Reply | None = recover(call, failure)
            if reply is not None:
                return reply
        raise failure


def _hooks(stages: Sequence[Stage], name: str) -> tuple[Callable[..., Any], ...]:
    own = (stage for stage in stages if getattr(type(stage), name) is not getattr(Stage, name))
    return tuple(getattr(stage, name) for stage in own)
