"""Rate limits shared by every process: one script, one round trip, Redis's own clock."""

import hashlib

from aurum_core.errors import DeadlineError, UnavailableError
from aurum_core.telemetry import Meter, NullMeter
from aurum_dao.adapters.redis.errors import RedisFaultError
from aurum_dao.adapters.redis.link import RedisLink
from aurum_dao.adapters.redis.scripts import TAKE
from aurum_dao.ports.rate_limits import RateDecision, RateLimiter

FALLBACKS = "aurum_rate_limit_fallbacks_total"


class RedisRateLimiter:
    """Exact over all processes; while Redis is away, each process decides by its `fallback`.

    A key is gone from Redis as soon as its burst is whole again.
    """

    __slots__ = ("_fallback", "_link", "_meter", "_namespace")

    def __init__(
        self,
        link: RedisLink,
        *,
        fallback: RateLimiter,
        namespace: str = "aurum",
        meter: Meter | None = None,
    ) -> None:
        self._link = link
        self._fallback = fallback
        self._namespace = namespace
        self._meter = meter or NullMeter()

    async def decide(self, key: str, *, rate: float, burst: int, cost: int = 1) -> RateDecision:
        """Take `cost` from the key if its rate and burst allow it."""
        if rate <= 0 or burst < 1 or cost < 1:
            raise ValueError("rate, burst and cost are positive")
        place = self._place_of(key)
        try:
            reply = await self._link.run(
                lambda client: TAKE.run(client, place, repr(float(rate)), burst, cost)
            )
        except (UnavailableError, DeadlineError, RedisFaultError):
            self._meter.count(FALLBACKS)
            return await self._fallback.decide(key, rate=rate, burst=burst, cost=cost)
        allowed, remaining, wait, reset = map(int, reply)
        return RateDecision(
            allowed=bool(allowed),
            limit=burst,
            remaining=remaining,
            retry_after=wait / 1e6,
            reset=reset / 1e6,
        )

    def _place_of(self, key: str) -> bytes:
        name = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return f"{self._namespace}:r:{name}".encode()
