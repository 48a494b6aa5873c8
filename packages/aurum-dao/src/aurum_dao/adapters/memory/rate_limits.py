"""Rate limits of one process: exact, bounded in keys. And those that never refuse."""

from aurum_core.clock import Clock
from aurum_dao.policies.gcra import decide
from aurum_dao.ports.rate_limits import RateDecision

MAX_KEYS = 100_000


class MemoryRateLimiter:
    """One number per key on the monotonic clock; for one event loop.

    Beyond `max_keys` the key that was asked least recently is forgotten and has its burst again.
    """

    __slots__ = ("_clock", "_max_keys", "_whole_at")

    def __init__(self, clock: Clock, *, max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._whole_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._whole_at)

    async def decide(self, key: str, *, rate: float, burst: int, cost: int = 1) -> RateDecision:
        """Take `cost` from the key if its rate and burst allow it."""
        now = self._clock.monotonic()
        decision, whole_at = decide(
            self._whole_at.get(key, now), now, rate=rate, burst=burst, cost=cost
        )
        self._whole_at.pop(key, None)
        self._whole_at[key] = whole_at  # the most recent
        if len(self._whole_at) > self._max_keys:
            self._whole_at.pop(next(iter(self._whole_at)))
        return decision


class NullRateLimiter:
    """Allows everything, and says so."""

    __slots__ = ()

    async def decide(self, key: str, *, rate: float, burst: int, cost: int = 1) -> RateDecision:  # noqa: ARG002 - the port's shape
        """Allow it; the whole burst remains."""
        return RateDecision(allowed=True, limit=burst, remaining=burst, retry_after=0.0, reset=0.0)
