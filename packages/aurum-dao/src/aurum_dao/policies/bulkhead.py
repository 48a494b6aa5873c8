"""So many calls to a dependency at a time, so many waiting, and nobody waits for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aurum_core.deadline import TOO_LITTLE_SECONDS, seconds_left
from aurum_core.errors import OverloadedError

QUEUE_SECONDS = 0.25


class Bulkhead:
    """Slots of one dependency, given out in the order of asking; for one event loop."""

    __slots__ = ("_dependency", "_queue_seconds", "_slots", "_taken", "_waiting", "_waiting_cap")

    def __init__(
        self, dependency: str, slots: int, *, waiting: int, queue_seconds: float = QUEUE_SECONDS
    ) -> None:
        self._dependency = dependency
        self._slots = asyncio.Semaphore(slots)
        self._waiting_cap = waiting
        self._queue_seconds = queue_seconds
        self._taken = 0
        self._waiting = 0

    @property
    def taken(self) -> int:
        """Return how many slots are in use."""
        return self._taken

    @property
    def waiting(self) -> int:
        """Return how many callers wait for a slot."""
        return self._waiting

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot for the block.

        Raises:
            OverloadedError: none came free in time, or too many wait already.
            DeadlineError: the request has too little time left.
        """
        await self._acquire()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._slots.release()

    async def _acquire(self) -> None:
        left = seconds_left(max(self._queue_seconds, TOO_LITTLE_SECONDS))
        if not self._slots.locked():
            await self._slots.acquire()  # at once
            return
        if self._waiting >= self._waiting_cap:
            raise OverloadedError(self._dependency, retry_after=1.0)
        self._waiting += 1
        try:
            async with asyncio.timeout(min(self._queue_seconds, left)):
                await self._slots.acquire()
        except TimeoutError:
            raise OverloadedError(self._dependency, retry_after=1.0) from None
        finally:
            self._waiting -= 1
