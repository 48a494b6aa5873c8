"""Invalidations between processes by pub/sub, which loses what nobody hears: a gap is told."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from aurum_core.auth import TenantId
from aurum_core.clock import Clock
from aurum_core.errors import AurumError
from aurum_core.telemetry import Meter, NullMeter
from aurum_dao.adapters.redis.client import RedisListener
from aurum_dao.adapters.redis.errors import redis_errors
from aurum_dao.adapters.redis.link import RedisLink
from aurum_dao.ports.cache import PUBLIC, Scope, TenantScope
from aurum_dao.ports.invalidation import EVERYTHING, Invalidation, Message, Receive

SHORTEST_PAUSE = 0.05
LONGEST_PAUSE = 0.5
SILENCE_SECONDS = 2.0
POLL_SECONDS = 0.5
LONGEST_MESSAGE = 65_536
GAPS = "aurum_invalidation_gaps_total"
GARBLED = "aurum_invalidation_garbled_total"


class RedisInvalidation:
    """Publishes through the link; each subscription has a client of its own.

    A subscription that is silent is asked for a sign of life, and replaced when it gives none.
    """

    __slots__ = ("_build", "_channel", "_clock", "_link", "_meter")

    def __init__(
        self,
        link: RedisLink,
        build_listener: Callable[[], RedisListener],
        clock: Clock,
        *,
        namespace: str = "aurum",
        meter: Meter | None = None,
    ) -> None:
        self._link = link
        self._build = build_listener
        self._clock = clock
        self._channel = f"{namespace}:invalidate"
        self._meter = meter or NullMeter()

    async def publish(self, message: Message) -> None:
        """Send to all who listen now.

        Raises:
            UnavailableError: Redis cannot be reached.
        """
        data = encode_message(message)
        await self._link.run(lambda client: client.execute_command("PUBLISH", self._channel, data))

    async def listen(self, receive: Receive) -> None:
        """Hand over messages until cancelled; the first, also after a gap, is EVERYTHING."""
        while True:
            client = self._build()
            try:
                with redis_errors():
                    try:
                        await self._follow(client, receive)
                    finally:
                        await client.aclose()
            except AurumError:
                self._meter.count(GAPS, reason="lost")
            else:
                self._meter.count(GAPS, reason="silent")
            await asyncio.sleep(random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))  # noqa: S311 - spreads reconnects

    async def _follow(self, client: RedisListener, receive: Receive) -> None:
        """Follow one subscription to its end; return when it has fallen silent."""
        async with client.pubsub() as subscriber:
            await subscriber.subscribe(self._channel)
            heard = self._clock.monotonic()
            asked = False
            while True:
                item = await subscriber.get_message(timeout=POLL_SECONDS)
                now = self._clock.monotonic()
                if item is not None:
                    heard, asked = now, False
                    self._take(item, receive)
                elif now - heard > 2 * SILENCE_SECONDS:
                    return
                elif now - heard > SILENCE_SECONDS and not asked:
                    await subscriber.ping()
                    asked = True

    def _take(self, item: dict[str, Any], receive: Receive) -> None:
        if item["type"] == "subscribe":
            receive(EVERYTHING)
        elif item["type"] == "message":
            message = decode_message(item["data"])
            if message is None:
                self._meter.count(GARBLED)
            receive(message or EVERYTHING)


def encode_message(message: Message) -> bytes:
    """Return a message as JSON."""
    if not isinstance(message, Invalidation):
        return json.dumps({"v": 1, "all": True}).encode()
    fields = {"v": 1, "domain": message.domain, "name": message.name}
    if message.scope is not None:
        tenant = message.scope.tenant if isinstance(message.scope, TenantScope) else None
        fields["scope"] = {"tenant": tenant}
    return json.dumps(fields).encode()


def decode_message(data: bytes) -> Message | None:
    """Return the message, None where it is none that we know."""
    try:
        if len(data) > LONGEST_MESSAGE:
            return None
        fields = json.loads(data)
        if fields["v"] != 1:
            return None
        if fields.get("all") is True:
            return EVERYTHING
        return Invalidation(fields["domain"], _scope_of(fields.get("scope")), fields.get("name"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _scope_of(fields: dict[str, str | None] | None) -> Scope | None:
    if fields is None:
        return None
    tenant = fields["tenant"]
    return PUBLIC if tenant is None else TenantScope(TenantId(tenant))
