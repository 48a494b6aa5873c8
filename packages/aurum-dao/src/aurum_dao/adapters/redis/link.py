"""The way to Redis: a slot, the breaker, one bound on the time, one set of errors."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from aurum_core.clock import Clock
from aurum_core.deadline import seconds_left
from aurum_core.errors import DeadlineError
from aurum_core.settings.redis import RedisSettings
from aurum_core.telemetry import Meter
from aurum_dao.adapters.redis.client import RedisClient, build_redis_client
from aurum_dao.adapters.redis.errors import REDIS, RedisUnreachableError, judge, redis_errors
from aurum_dao.policies.breaker import Breaker, BreakerRules, BreakerView
from aurum_dao.policies.bulkhead import QUEUE_SECONDS, Bulkhead

T = TypeVar("T")
WAITING_PER_SLOT = 64
"""Calls take a fraction of a millisecond; when they hang, the breaker sends the waiting away."""
MAX_OPEN_SECONDS = 1.5
"""Asking a healed Redis again costs one call 50 ms; being without it costs every call a query."""


class RedisLink:
    """One client with its breaker and its slots; everything sent to Redis goes through `run`."""

    __slots__ = ("_breaker", "_bulkhead", "_client", "_seconds")

    def __init__(
        self,
        client: RedisClient,
        *,
        breaker: Breaker,
        bulkhead: Bulkhead,
        seconds: float,
    ) -> None:
        self._client = client
        self._breaker = breaker
        self._bulkhead = bulkhead
        self._seconds = seconds

    @property
    def view(self) -> BreakerView:
        """Return the breaker's state, for readiness and metrics."""
        return self._breaker.view

    async def run(
        self, command: Callable[[RedisClient], Awaitable[T]], *, seconds: float | None = None
    ) -> T:
        """Return what the command returns; nothing is ever sent twice.

        `seconds` replaces the usual bound, a connect and a reply; the request's deadline holds
        in any case.

        Raises:
            UnavailableError: Redis is down, taken to be down, or says that it cannot serve.
            OverloadedError: no slot came free.
            DeadlineError: the request's time passed.
            RedisFaultError: Redis refused the command.
        """
        self._breaker.check()
        async with self._bulkhead.slot():
            own = self._seconds if seconds is None else seconds
            left = seconds_left(own)
            with self._breaker.call(judge):
                try:
                    async with asyncio.timeout(left):
                        with redis_errors():
                            return await command(self._client)
                except TimeoutError:
                    late = DeadlineError() if left < own else RedisUnreachableError(REDIS)
                    raise late from None

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def build_redis_link(
    settings: RedisSettings,
    clock: Clock,
    *,
    rules: BreakerRules | None = None,
    queue_seconds: float = QUEUE_SECONDS,
    meter: Meter | None = None,
) -> RedisLink:
    """Return a link as settings say; no connection is made before its first command.

    Raises:
        ValueError: the mode's own address is missing.
    """
    rules = rules or BreakerRules()
    longest = min(rules.max_open_seconds, MAX_OPEN_SECONDS)
    rules = replace(rules, open_seconds=min(rules.open_seconds, longest), max_open_seconds=longest)
    slots = settings.max_connections
    return RedisLink(
        build_redis_client(settings),
        breaker=Breaker(REDIS, rules, clock, meter=meter),
        bulkhead=Bulkhead(
            REDIS, slots, waiting=WAITING_PER_SLOT * slots, queue_seconds=queue_seconds
        ),
        seconds=settings.connect_timeout_seconds + settings.socket_timeout_seconds,
    )
