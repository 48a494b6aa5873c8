"""Work that requests wait for: shared by those that want the same, bounded by each one's deadline.

The work runs in a task of its own. Whoever waits leaves at its own deadline or when its client has
gone, without waiting for the work to notice; when the last one leaves, the work is cancelled.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from aurum_app.call import Call, ClientGoneError
from aurum_core.errors import DeadlineError, UnavailableError

T = TypeVar("T")
PATIENCE_SECONDS: Final = 0.25
"""How long a request waits before it also looks whether its client is still there."""


@dataclass(slots=True, eq=False)
class Flight(Generic[T]):
    """Work under way and how many wait for it."""

    task: "asyncio.Task[T]"
    waiting: int = 0


class Flights:
    """The shared work of one app."""

    def __init__(self) -> None:
        self._running: dict[Hashable, Flight[Any]] = {}

    async def share(
        self, key: Hashable, call: Call, work: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Return the result of the work under that key, begun by whoever came first.

        Raises:
            DeadlineError: this request's own deadline passed.
            ClientGoneError: this request's client left.
        """
        flight = self._running.get(key)
        if flight is None:
            flight = self._running[key] = _begin(work)
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return await self._join(call, flight, key)

    async def alone(self, call: Call, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of work that nobody else wants; raises as `share` does."""
        return await self._join(call, _begin(work), None)

    def is_running(self, key: Hashable) -> bool:
        """Tell whether somebody works on the key."""
        return key in self._running

    async def _join(self, call: Call, flight: Flight[T], key: Hashable) -> T:
        flight.waiting += 1
        try:
            await _wait(flight.task, call)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._forget(key, flight)
        if flight.task.cancelled():
            raise UnavailableError("service", "The service is stopping.")
        return flight.task.result()

    def _forget(self, key: Hashable, flight: Flight[Any]) -> None:
        if self._running.get(key) is flight:
            del self._running[key]


def _begin(work: Callable[[], Coroutine[Any, Any, T]]) -> Flight[T]:
    task = asyncio.create_task(work())
    task.add_done_callback(_look)
    return Flight(task)


def _look(task: "asyncio.Task[Any]") -> None:
    """Fetch the failure of work that nobody waits for any more, so that it is not reported."""
    if not task.cancelled():
        task.exception()


async def _wait(task: "asyncio.Task[Any]", call: Call) -> None:
    left = call.deadline_at - time.monotonic()
    await asyncio.wait({task}, timeout=max(0.0, min(PATIENCE_SECONDS, left)))
    if task.done():
        return
    watch = asyncio.create_task(call.until_gone())
    try:
        left = max(0.0, call.deadline_at - time.monotonic())
        await asyncio.wait({task, watch}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return
        if watch.done():
            raise ClientGoneError
        raise DeadlineError
    finally:
        watch.cancel()
