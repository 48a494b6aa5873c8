"""The shared cache: any trouble is a miss, and what is not ours is thrown out."""

import random
from collections.abc import Callable
from datetime import timedelta

from aurum_core.clock import Clock
from aurum_core.errors import DeadlineError, UnavailableError
from aurum_core.telemetry import Meter, NullMeter
from aurum_dao.adapters.redis.client import RedisClient
from aurum_dao.adapters.redis.errors import RedisFaultError
from aurum_dao.adapters.redis.link import RedisLink
from aurum_dao.adapters.redis.scripts import READ
from aurum_dao.adapters.redis.values import (
    HEADER_BYTES,
    PoisonedValueError,
    StoredValue,
    decode_value,
    encode_value,
    hash_of,
    scope_tag,
)
from aurum_dao.ports.cache import CachedValue, CacheKey, Lifetime, Scope, check_domain

ERRORS = "aurum_cache_errors_total"
POISONED = "aurum_cache_poisoned_total"
TROUBLE = (UnavailableError, DeadlineError, RedisFaultError)
FIRST_BYTES = 262_144
"""What is asked for at first: most answers, and not much of a giant that does not belong here."""
PURGE_SECONDS = 30.0
PURGE_STEP = 500
CLOCK_LEEWAY = timedelta(seconds=30)


class RedisCache:
    """Values under `<namespace>:c:<domain>:<scope>:<hash>`, gone by Redis's own clock.

    A lifetime is varied by up to `jitter_ratio`; a value above `max_entry_bytes` is not kept.
    """

    __slots__ = ("_clock", "_jitter", "_link", "_max_bytes", "_meter", "_namespace", "_random")

    def __init__(
        self,
        link: RedisLink,
        clock: Clock,
        *,
        namespace: str = "aurum",
        max_entry_bytes: int = 8_388_608,
        jitter_ratio: float = 0.1,
        meter: Meter | None = None,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self._link = link
        self._clock = clock
        self._namespace = namespace
        self._max_bytes = max_entry_bytes + HEADER_BYTES
        self._jitter = jitter_ratio
        self._meter = meter or NullMeter()
        self._random = rand

    async def get(self, key: CacheKey) -> CachedValue | None:
        """Return the value, fresh or within its stale window; None is a miss for any reason."""
        place = self.place_of(key)
        try:
            reply = await self._link.run(lambda client: _read(client, place, self._max_bytes))
        except TROUBLE as error:
            if "WRONGTYPE" in str(error.__cause__):
                await self._throw_out(place, "type")
            else:
                self._count_error("get")
            return None
        if reply is None:
            return None
        try:
            return self._judged(self._decoded(key, reply))
        except PoisonedValueError as error:
            await self._throw_out(place, error.reason)
            return None

    async def set(self, key: CacheKey, payload: bytes, lifetime: Lifetime) -> None:
        """Keep a value if Redis takes it; what is too large only ends what was there."""
        place = self.place_of(key)
        if len(payload) + HEADER_BYTES > self._max_bytes:
            await self._forget(place)
            return
        spread = 1 + self._jitter * (2 * self._random() - 1)
        created = self._clock.now()
        fresh_until = created + lifetime.ttl * spread
        value = StoredValue(payload, created, fresh_until, fresh_until + lifetime.stale)
        data = encode_value(key, value)
        milliseconds = max(1, (value.kept_until - created) // timedelta(milliseconds=1))
        try:
            await self._link.run(
                lambda client: client.execute_command("SET", place, data, "PX", milliseconds)
            )
        except TROUBLE:
            self._count_error("set")

    async def delete(self, key: CacheKey) -> None:
        """Forget one value.

        Raises:
            UnavailableError: Redis cannot be reached and may still hold it.
        """
        place = self.place_of(key)
        await self._link.run(lambda client: client.unlink(place))

    async def purge(self, domain: str, scope: Scope | None = None) -> int:
        """Forget a domain, of one scope or of all, and return how many values that were.

        Raises:
            UnavailableError: Redis cannot be reached and may still hold some.
        """
        check_domain(domain)
        whose = "" if scope is None else f"{scope_tag(scope)}:"
        pattern = f"{self._namespace}:c:{domain}:{whose}*"
        return await self._link.run(
            lambda client: _unlink_matching(client, pattern), seconds=PURGE_SECONDS
        )

    def place_of(self, key: CacheKey) -> bytes:
        """Return the Redis key of a value."""
        name = hash_of(key).hex()
        return f"{self._namespace}:c:{key.domain}:{scope_tag(key.scope)}:{name}".encode()

    def _decoded(self, key: CacheKey, reply: object) -> StoredValue:
        if not isinstance(reply, bytes):
            raise PoisonedValueError("size")
        return decode_value(key, reply)

    def _judged(self, value: StoredValue) -> CachedValue | None:
        now = self._clock.now()
        if now >= value.kept_until:
            return None
        left = (value.fresh_until - now).total_seconds()
        if value.created > now + CLOCK_LEEWAY:  # a clock went back: not fresh until who knows when
            left = min(left, 0.0)
        return CachedValue(value.payload, value.created, left)

    async def _throw_out(self, place: bytes, reason: str) -> None:
        self._meter.count(POISONED, reason=reason)
        await self._forget(place)

    async def _forget(self, place: bytes) -> None:
        try:
            await self._link.run(lambda client: client.unlink(place))
        except TROUBLE:
            self._count_error("delete")

    def _count_error(self, operation: str) -> None:
        self._meter.count(ERRORS, operation=operation)


async def _read(client: RedisClient, place: bytes, limit: int) -> object:
    """Return the value, its length where that is above the limit, None where there is none."""
    first: bytes = await client.execute_command("GETRANGE", place, 0, FIRST_BYTES - 1)
    if len(first) < FIRST_BYTES:
        return first or None
    return await READ.run(client, place, limit)


async def _unlink_matching(client: RedisClient, pattern: str) -> int:
    gone, batch = 0, []
    async for place in client.scan_iter(match=pattern, count=PURGE_STEP):
        batch.append(place)
        if len(batch) == PURGE_STEP:
            gone += await client.unlink(*batch)
            batch = []
    return gone + (await client.unlink(*batch) if batch else 0)
