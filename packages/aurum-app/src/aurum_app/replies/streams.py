"""Sending a body while it is made: read ahead by one chunk, abort rather than end short."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aurum_app.call import Call
from aurum_app.observability.logs import REQUEST_ID

END: Final = None
CLIENT_GONE: Final = 499


class StreamAbortedError(Exception):
    """A stream could not be finished after it had begun; the server cuts the connection."""


async def send_stream(call: Call, chunks: AsyncIterator[bytes], *, idle_seconds: float) -> None:
    """Send every chunk; a client that left, a failure or no progress ends the source.

    Raises:
        StreamAbortedError: the source failed or stood still; the client sees a broken transfer.
    """
    if call.method == "HEAD":
        await _close(chunks)
        await call.send({"type": "http.response.body", "body": b""})
        return
    REQUEST_ID.set(call.request_id)
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
    producer = asyncio.create_task(_produce(chunks, queue))
    watch = asyncio.create_task(call.until_gone())
    try:
        while (chunk := await _next(queue, producer, watch, idle_seconds)) is not END:
            call.sent_bytes += len(chunk)
            await call.send({"type": "http.response.body", "body": chunk, "more_body": True})
        if watch.done() and not producer.done():
            call.status = CLIENT_GONE
        else:
            await call.send({"type": "http.response.body", "body": b""})
    finally:
        watch.cancel()
        producer.cancel()
        await asyncio.wait({producer}, timeout=1)


async def _produce(chunks: AsyncIterator[bytes], queue: "asyncio.Queue[bytes | None]") -> None:
    try:
        async for chunk in chunks:
            if chunk:
                await queue.put(chunk)
        await queue.put(END)
    finally:
        await _close(chunks)


async def _next(
    queue: "asyncio.Queue[bytes | None]",
    producer: "asyncio.Task[None]",
    watch: "asyncio.Task[None]",
    idle_seconds: float,
) -> bytes | None:
    """Return the next chunk, `END` when all are sent or the client has gone."""
    if not queue.empty():
        return queue.get_nowait()
    getter = asyncio.ensure_future(queue.get())
    try:
        await asyncio.wait(
            {getter, producer, watch}, timeout=idle_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if getter.done():
            return getter.result()
        if not queue.empty():
            return queue.get_nowait()
        if watch.done():
            return END
    finally:
        getter.cancel()
    if producer.done() and (failure := producer.exception()) is not None:
        raise StreamAbortedError("the source failed after the stream had begun") from failure
    raise StreamAbortedError("the source made no progress")


async def _close(chunks: AsyncIterator[bytes]) -> None:
    close = getattr(chunks, "aclose", None)
    if close is not None:
        await close()
