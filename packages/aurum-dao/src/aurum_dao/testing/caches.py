"""What every cache promises: subclass and give it caches."""

# ruff: noqa: S101 - a suite asserts

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aurum_core.auth import TenantId
from aurum_core.clock import FixedClock
from aurum_dao.ports.cache import PUBLIC, Cache, CacheKey, Lifetime, Scope, TenantScope

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
MINUTE = Lifetime(timedelta(minutes=1), timedelta(hours=1))
ACME, OTHER = TenantScope(TenantId("acme")), TenantScope(TenantId("other"))
Scenario = Callable[[Cache, FixedClock], Awaitable[None]]


def key_of(name: str = "k", scope: Scope = PUBLIC, domain: str = "curves") -> CacheKey:
    """Return a key; only what a case is about is named."""
    return CacheKey(scope, domain, name)


class CacheBehaviour:
    """The suite. Caches vary lifetimes by 10 % and have room for a few hundred kilobytes."""

    def open_cache(self, clock: FixedClock) -> AbstractAsyncContextManager[Cache]:
        """Return an empty cache on this clock; every subclass gives its own."""
        raise NotImplementedError

    def check(self, scenario: Scenario) -> None:
        """Run a scenario in a loop of its own."""

        async def run() -> None:
            clock = FixedClock(NOW)
            async with self.open_cache(clock) as cache:
                await scenario(cache, clock)

        asyncio.run(run())

    def test_what_was_set_is_read_with_its_instant(self) -> None:
        """Bytes come back as they were, fresh."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            payload = bytes(range(256)) * 40
            assert await cache.get(key_of()) is None
            await cache.set(key_of(), payload, MINUTE)
            move(clock, 10)
            found = await cache.get(key_of())
            assert found is not None
            assert (found.payload, found.created, found.fresh) == (payload, NOW, True)
            assert 60 * 0.9 - 10 <= found.ttl_left <= 60 * 1.1 - 10

        self.check(scenario)

    def test_any_bytes_under_any_name(self) -> None:
        """No payload and no name is special."""

        @settings(max_examples=15, deadline=None)
        @given(payload=st.binary(max_size=300), name=st.text(max_size=60))
        def holds(payload: bytes, name: str) -> None:
            async def scenario(cache: Cache, clock: FixedClock) -> None:
                del clock
                await cache.set(key_of(name), payload, MINUTE)
                found = await cache.get(key_of(name))
                assert found is not None
                assert found.payload == payload
                assert await cache.get(key_of(name + "!")) is None

            self.check(scenario)

        holds()

    def test_after_its_lifetime_it_is_stale_and_then_gone(self) -> None:
        """A stale copy is kept for the window, and no longer."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            await cache.set(key_of(), b"x", MINUTE)
            move(clock, 67)
            found = await cache.get(key_of())
            assert found is not None
            assert not found.fresh
            assert found.ttl_left < 0
            move(clock, 3600)
            assert await cache.get(key_of()) is None

        self.check(scenario)

    def test_without_a_window_the_end_is_the_end(self) -> None:
        """No stale copy unless one was asked for."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            await cache.set(key_of(), b"x", Lifetime(timedelta(minutes=1)))
            move(clock, 67)
            assert await cache.get(key_of()) is None

        self.check(scenario)

    def test_lifetimes_are_varied_by_a_tenth(self) -> None:
        """What was stored together does not expire together."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            del clock
            left = set()
            for n in range(40):
                await cache.set(key_of(str(n)), b"x", MINUTE)
                found = await cache.get(key_of(str(n)))
                assert found is not None
                left.add(round(found.ttl_left, 3))
            assert len(left) > 20
            assert 54 <= min(left) < 58 < 62 < max(left) <= 66

        self.check(scenario)

    def test_scopes_and_domains_do_not_meet(self) -> None:
        """The same name is another value for another tenant, the public, or another domain."""
        keys = [
            key_of(scope=PUBLIC),
            key_of(scope=ACME),
            key_of(scope=OTHER),
            key_of(domain="lmp", scope=ACME),
        ]

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            del clock
            for number, key in enumerate(keys):
                assert await cache.get(key) is None
                await cache.set(key, str(number).encode(), MINUTE)
            for number, key in enumerate(keys):
                found = await cache.get(key)
                assert found is not None
                assert found.payload == str(number).encode()

        self.check(scenario)

    def test_the_last_value_counts(self) -> None:
        """A second value replaces the first, with a lifetime of its own."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            await cache.set(key_of(), b"old", MINUTE)
            move(clock, 50)
            await cache.set(key_of(), b"new", MINUTE)
            move(clock, 50)
            found = await cache.get(key_of())
            assert found is not None
            assert (found.payload, found.fresh) == (b"new", True)

        self.check(scenario)

    def test_delete_forgets_one(self) -> None:
        """Its neighbour stays; to delete what is not there is no error."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            del clock
            await cache.set(key_of("a"), b"a", MINUTE)
            await cache.set(key_of("b"), b"b", MINUTE)
            await cache.delete(key_of("a"))
            await cache.delete(key_of("a"))
            assert await cache.get(key_of("a")) is None
            assert await cache.get(key_of("b")) is not None

        self.check(scenario)

    def test_purge_forgets_a_domain_of_one_scope_or_of_all(self) -> None:
        """And says how many; names that begin alike are other domains."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            del clock
            for domain in ("curves", "curves.diff", "lmp"):
                for scope in (PUBLIC, ACME, OTHER):
                    await cache.set(key_of("a", scope, domain), b"a", MINUTE)
                    await cache.set(key_of("b", scope, domain), b"b", MINUTE)
            assert await cache.purge("curves", ACME) == 2
            assert await cache.get(key_of("a", ACME)) is None
            assert await cache.get(key_of("a", OTHER)) is not None
            assert await cache.purge("curves") == 4
            assert await cache.purge("curves") == 0
            assert await cache.get(key_of("a", OTHER)) is None
            assert await cache.get(key_of("a", ACME, "curves.diff")) is not None
            assert await cache.get(key_of("a", PUBLIC, "lmp")) is not None

        self.check(scenario)

    def test_a_purge_of_many_is_complete(self) -> None:
        """More than one step of any engine."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            del clock
            await asyncio.gather(
                *(cache.set(key_of(str(n)), b"x", MINUTE) for n in range(300)),
            )
            assert await cache.purge("curves") == 300

        self.check(scenario)

    def test_what_is_too_large_is_not_kept(self) -> None:
        """Nor is what was there before: it is not the value any more."""

        async def scenario(cache: Cache, clock: FixedClock) -> None:
            del clock
            await cache.set(key_of(), b"before", MINUTE)
            await cache.set(key_of(), b"x" * 2_000_000, MINUTE)
            assert await cache.get(key_of()) is None

        self.check(scenario)


def move(clock: FixedClock, seconds: float) -> None:
    """Let time pass on both clocks."""
    clock.seconds += seconds
    clock.instant += timedelta(seconds=seconds)
