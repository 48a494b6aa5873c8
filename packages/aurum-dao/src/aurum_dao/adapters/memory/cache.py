"""The cache of one process: least recently used out, counted in bytes. And the one that is off."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aurum_core.clock import Clock
from aurum_dao.ports.cache import CachedValue, CacheKey, Lifetime, Scope, check_domain

ENTRY_BYTES = 400
"""About what an entry costs beside its payload and its name."""


@dataclass(frozen=True, slots=True)
class _Entry:
    payload: bytes
    created: datetime
    fresh_until: float
    kept_until: float
    size: int


class MemoryCache:
    """Entries up to a number of bytes; lifetimes on the monotonic clock; for one event loop.

    A lifetime is varied by up to `jitter_ratio`, so that what was stored together does not expire
    together.
    """

    __slots__ = ("_clock", "_entries", "_jitter", "_max_bytes", "_random", "_size")

    def __init__(
        self,
        max_bytes: int,
        clock: Clock,
        *,
        jitter_ratio: float = 0.1,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._jitter = jitter_ratio
        self._random = rand
        self._entries: dict[CacheKey, _Entry] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """Return the bytes in use, about."""
        return self._size

    def __len__(self) -> int:
        return len(self._entries)

    async def get(self, key: CacheKey) -> CachedValue | None:
        """Return the value, fresh or within its stale window; None is a miss."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return None
        now = self._clock.monotonic()
        if now >= entry.kept_until:
            self._size -= entry.size
            return None
        self._entries[key] = entry  # the most recent
        return CachedValue(entry.payload, entry.created, entry.fresh_until - now)

    async def set(self, key: CacheKey, payload: bytes, lifetime: Lifetime) -> None:
        """Keep a value if it fits at all, in place of what was there."""
        self._forget(key)
        size = len(payload) + len(key.name) + ENTRY_BYTES
        if size > self._max_bytes:
            return
        ttl = lifetime.ttl.total_seconds() * (1 + self._jitter * (2 * self._random() - 1))
        fresh_until = self._clock.monotonic() + ttl
        kept_until = fresh_until + lifetime.stale.total_seconds()
        self._entries[key] = _Entry(payload, self._clock.now(), fresh_until, kept_until, size)
        self._size += size
        while self._size > self._max_bytes:
            self._forget(next(iter(self._entries)))

    async def delete(self, key: CacheKey) -> None:
        """Forget one value."""
        self._forget(key)

    async def purge(self, domain: str, scope: Scope | None = None) -> int:
        """Forget a domain, of one scope or of all, and return how many values that were."""
        check_domain(domain)
        gone = [
            key
            for key in self._entries
            if key.domain == domain and (scope is None or key.scope == scope)
        ]
        for key in gone:
            self._forget(key)
        return len(gone)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._size = 0

    def _forget(self, key: CacheKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size


class NullCache:
    """Keeps nothing: every read is a miss."""

    __slots__ = ()

    async def get(self, key: CacheKey) -> CachedValue | None:  # noqa: ARG002 - the port's shape
        """Miss."""
        return None

    async def set(self, key: CacheKey, payload: bytes, lifetime: Lifetime) -> None:
        """Keep nothing."""

    async def delete(self, key: CacheKey) -> None:
        """Have nothing to forget."""

    async def purge(self, domain: str, scope: Scope | None = None) -> int:  # noqa: ARG002 - the port's shape
        """Have nothing to forget."""
        check_domain(domain)
        return 0
