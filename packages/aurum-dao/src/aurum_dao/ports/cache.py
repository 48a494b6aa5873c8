"""The cache of finished bytes: every entry has a lifetime, a scope and a domain in its type."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from aurum_core.auth import TenantId

DOMAIN = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TenantScope:
    """For one tenant: nobody else is ever answered from it."""

    tenant: TenantId

    def __post_init__(self) -> None:
        if not self.tenant:
            raise ValueError("a tenant scope names its tenant")


@dataclass(frozen=True, slots=True)
class PublicScope:
    """The same for everybody."""


Scope = TenantScope | PublicScope
PUBLIC: Final = PublicScope()


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Where a value is: whose, of which domain (`curves`, `lmp`), and which. `name` is any text."""

    scope: Scope
    domain: str
    name: str

    def __post_init__(self) -> None:
        check_domain(self.domain)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a value is fresh, and how long after that a stale copy is still kept."""

    ttl: timedelta
    stale: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.ttl <= LONGEST:
            raise ValueError("a lifetime is positive and at most a year")
        if not timedelta(0) <= self.stale <= LONGEST:
            raise ValueError("a stale window is at most a year")


@dataclass(frozen=True, slots=True)
class CachedValue:
    """Bytes as they were stored; `ttl_left` in seconds is negative once the copy is stale."""

    payload: bytes
    created: datetime
    ttl_left: float

    @property
    def fresh(self) -> bool:
        """Whether the lifetime has not passed."""
        return self.ttl_left > 0


class Cache(Protocol):
    """Keeps bytes for a while. A cache in trouble misses: reads and writes never raise."""

    async def get(self, key: CacheKey) -> CachedValue | None:
        """Return the value, fresh or within its stale window; None is a miss."""
        ...

    async def set(self, key: CacheKey, payload: bytes, lifetime: Lifetime) -> None:
        """Keep a value if there is room for it, in place of what was there."""
        ...

    async def delete(self, key: CacheKey) -> None:
        """Forget one value.

        Raises:
            UnavailableError: the cache cannot be reached and may still hold it.
        """
        ...

    async def purge(self, domain: str, scope: Scope | None = None) -> int:
        """Forget a domain, of one scope or of all, and return how many values that were.

        Raises:
            UnavailableError: the cache cannot be reached and may still hold some.
        """
        ...


def check_domain(domain: str) -> None:
    """Refuse what is no domain's name: it is part of keys and patterns.

    Raises:
        ValueError: not `[a-z][a-z0-9_.-]*`, or too long.
    """
    if DOMAIN.fullmatch(domain) is None:
        raise ValueError("a cache domain is a short lower-case name")
