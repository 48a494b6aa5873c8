"""Rate limits by the generic cell rate algorithm: a steady rate, and a burst that refills at it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RateDecision:
    """What became of one request; durations in seconds.

    `remaining` more of cost 1 would pass now; `reset` is when the whole burst is back. A refused
    request costs nothing and would pass after `retry_after`.
    """

    allowed: bool
    limit: int
    remaining: int
    retry_after: float
    reset: float


class RateLimiter(Protocol):
    """Decides at once; it never waits for a place and never refuses because it is in trouble."""

    async def decide(self, key: str, *, rate: float, burst: int, cost: int = 1) -> RateDecision:
        """Take `cost` from the key if its rate a second and its burst allow it.

        A cost above the burst counts as the whole burst: it passes when nothing else was asked.
        """
        ...
