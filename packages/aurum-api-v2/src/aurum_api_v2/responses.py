"""How a handler hands its answer to the edge.

The edge puts a holder into `scope["extensions"]["aurum.answer"]`; the response leaves the answer
there and sends nothing. Without a holder (this package tested alone) it sends the plain bytes.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aurum_core.answers import Answer, MeteredBody, StreamAnswer

EXTENSION: Final = "aurum.answer"


class AnswerResponse(Response):
    """A response that the edge finishes with entity tag, freshness, coding and headers."""

    def __init__(self, answer: Answer | StreamAnswer) -> None:
        self.answer = answer
        self.status_code = answer.status if isinstance(answer, Answer) else 200
        self.media_type = answer.media_type
        self.background = None
        self.body = b""
        self.raw_headers = [(b"content-type", answer.media_type.encode())]
        self.raw_headers += [(k.lower().encode(), v.encode("latin-1")) for k, v in answer.headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the protocol of ASGI
        """Leave the answer in the edge's holder, or send it plainly where there is no edge."""
        holder = scope.get("extensions", {}).get(EXTENSION)
        if holder is not None:
            holder.answer = self.answer
            return
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        if isinstance(self.answer, StreamAnswer):
            async for chunk in self.answer.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return
        body = self.answer.body
        if isinstance(body, MeteredBody):
            body = body.render(getattr(Request(scope).state, "request_id", "-"), 0)
        await send({"type": "http.response.body", "body": body})
