"""One more attempt for an idempotent read, within a budget, never past the deadline."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aurum_core.clock import Clock
from aurum_core.deadline import TOO_LITTLE_SECONDS, current_deadline
from aurum_core.errors import OverloadedError, StorageFullError, UnavailableError
from aurum_core.telemetry import Meter, NullMeter
from aurum_dao.policies.breaker import BreakerOpenError

T = TypeVar("T")
SHORTEST_PAUSE = 0.02
LONGEST_PAUSE = 0.2
RETRIES = "aurum_dependency_retries_total"


def is_transient(error: Exception) -> bool:
    """Whether asking again may help: not when we are too busy, the disk full, the breaker open."""
    hopeless = OverloadedError | StorageFullError | BreakerOpenError
    return isinstance(error, UnavailableError) and not isinstance(error, hopeless)


class RetryBudget:
    """A share of the calls and a few a second: retries cannot multiply an outage.

    It starts empty, so from its start on retries are at most `ratio` per call and `per_second` per
    second; it saves up no more than one second's worth, so any later span exceeds that by less.
    """

    __slots__ = ("_at", "_capacity", "_clock", "_per_second", "_ratio", "_tokens")

    def __init__(self, clock: Clock, *, ratio: float = 0.1, per_second: float = 3.0) -> None:
        self._clock = clock
        self._ratio = ratio
        self._per_second = per_second
        self._capacity = max(1.0, per_second)
        self._tokens = 0.0
        self._at = clock.monotonic()

    def note_call(self) -> None:
        """Count a first attempt."""
        self._refill(self._ratio)

    def take(self) -> bool:
        """Take one retry if there is one."""
        self._refill(0.0)
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def _refill(self, tokens: float) -> None:
        now = self._clock.monotonic()
        tokens += (now - self._at) * self._per_second
        self._at = now
        self._tokens = min(self._capacity, self._tokens + tokens)


class Retry:
    """Repeats reads of one dependency, at most once each; never give it a write."""

    __slots__ = ("_budget", "_clock", "_dependency", "_meter", "_pause", "_sleep")

    def __init__(
        self,
        dependency: str,
        budget: RetryBudget,
        clock: Clock,
        *,
        meter: Meter | None = None,
        pause: Callable[[float, float], float] = random.uniform,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._dependency = dependency
        self._budget = budget
        self._clock = clock
        self._meter = meter or NullMeter()
        self._pause = pause
        self._sleep = sleep

    async def read(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        transient: Callable[[Exception], bool] = is_transient,
    ) -> T:
        """Return what the attempt returns; after a transient error, once more, a moment later."""
        self._budget.note_call()
        try:
            return await attempt()
        except Exception as error:
            pause = self._pause(SHORTEST_PAUSE, LONGEST_PAUSE)
            if not (transient(error) and self._fits(pause) and self._budget.take()):
                raise
        self._meter.count(RETRIES, dependency=self._dependency)
        await self._sleep(pause)
        return await attempt()

    def _fits(self, pause: float) -> bool:
        deadline = current_deadline()
        if deadline is None:
            return True
        return deadline.at - self._clock.monotonic() - pause >= TOO_LITTLE_SECONDS
