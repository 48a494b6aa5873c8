"""The in-process cache, limiter and bus keep their ports' promises, and their own bounds."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum_core.clock import FixedClock, SystemClock
from aurum_dao.adapters.memory.cache import ENTRY_BYTES, MemoryCache, NullCache
from aurum_dao.adapters.memory.invalidation import MemoryInvalidation
from aurum_dao.adapters.memory.rate_limits import MemoryRateLimiter, NullRateLimiter
from aurum_dao.policies.gcra import decide
from aurum_dao.ports.cache import PUBLIC, CacheKey, Lifetime, TenantScope
from aurum_dao.ports.invalidation import EVERYTHING, Invalidation
from aurum_dao.testing.caches import MINUTE, CacheBehaviour, key_of
from aurum_dao.testing.rate_limits import RateLimiterBehaviour

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


class TestCacheInMemory(CacheBehaviour):
    @asynccontextmanager
    async def open_cache(self, clock):
        yield MemoryCache(1_000_000, clock)


class TestLimiterInMemory(RateLimiterBehaviour):
    @asynccontextmanager
    async def open_limiter(self):
        yield MemoryRateLimiter(SystemClock())


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["set", "get", "delete"]), st.integers(0, 9), st.integers(0, 900)),
    max_size=60,
)


@settings(deadline=None)
@given(OPERATIONS)
def test_the_least_recently_used_goes_first_and_bytes_stay_bounded(operations):
    """Judged by a plain list of keys in the order of their use."""
    room = 3 * (ENTRY_BYTES + 600)

    async def run():
        cache, model = MemoryCache(room, FixedClock(NOW)), {}
        for operation, number, size in operations:
            key = key_of(str(number))
            if operation == "set":
                await cache.set(key, b"x" * size, MINUTE)
                model.pop(key, None)
                model[key] = size + ENTRY_BYTES + 1
                while sum(model.values()) > room:
                    model.pop(next(iter(model)))
            elif operation == "delete":
                await cache.delete(key)
                model.pop(key, None)
            else:
                found = await cache.get(key)
                assert (found is not None) == (key in model)
                if key in model:
                    model[key] = model.pop(key)
            assert cache.size == sum(model.values()) <= room
            assert len(cache) == len(model)

    asyncio.run(run())


def test_a_value_too_large_for_all_replaces_nothing_else():
    async def run():
        cache = MemoryCache(2_000, FixedClock(NOW))
        await cache.set(key_of("a"), b"a", MINUTE)
        await cache.set(key_of("b"), b"b" * 5_000, MINUTE)
        assert await cache.get(key_of("a")) is not None
        await cache.set(key_of("a"), b"a" * 5_000, MINUTE)
        assert (await cache.get(key_of("a")), cache.size) == (None, 0)

    asyncio.run(run())


def test_a_jumping_wall_clock_moves_no_lifetime():
    async def run():
        clock = FixedClock(NOW)
        cache = MemoryCache(10_000, clock)
        await cache.set(key_of(), b"x", MINUTE)
        for hours in (2, -4):
            clock.instant += timedelta(hours=hours)
            assert (await cache.get(key_of())).fresh

    asyncio.run(run())


@pytest.mark.parametrize("domain", ["", "Curves", "a:b", "a*", "a b", "x" * 65, "1a"])
def test_a_domain_that_could_be_a_pattern_is_refused(domain):
    with pytest.raises(ValueError, match="domain"):
        CacheKey(PUBLIC, domain, "k")
    with pytest.raises(ValueError, match="domain"):
        asyncio.run(NullCache().purge(domain))


@pytest.mark.parametrize(
    ("ttl", "stale"), [(0, 0), (-1, 0), (1, -1), (400 * 86_400, 0), (1, 400 * 86_400)]
)
def test_an_entry_without_an_end_cannot_be_written(ttl, stale):
    with pytest.raises(ValueError, match="at most"):
        Lifetime(timedelta(seconds=ttl), timedelta(seconds=stale))


def test_a_tenant_scope_without_tenant_is_refused():
    with pytest.raises(ValueError, match="tenant"):
        TenantScope("")


def test_no_cache_keeps_nothing():
    async def run():
        cache = NullCache()
        await cache.set(key_of(), b"x", MINUTE)
        await cache.delete(key_of())
        assert await cache.get(key_of()) is None
        assert await cache.purge("curves") == 0

    asyncio.run(run())


def test_no_limiter_allows_and_says_what_the_limit_would_be():
    decision = asyncio.run(NullRateLimiter().decide("k", rate=1, burst=7))
    assert (decision.allowed, decision.limit, decision.remaining) == (True, 7, 7)


def test_limiter_keys_are_bounded_and_the_oldest_is_forgotten():
    async def run():
        limiter = MemoryRateLimiter(FixedClock(NOW), max_keys=3)
        for key in ("a", "b", "c", "a", "d"):
            await limiter.decide(key, rate=1, burst=1)
        assert len(limiter) == 3
        assert not (await limiter.decide("a", rate=1, burst=1)).allowed
        assert (await limiter.decide("b", rate=1, burst=1)).allowed

    asyncio.run(run())


@settings(deadline=None)
@given(
    rate=st.floats(0.01, 1e4),
    burst=st.integers(1, 200),
    steps=st.lists(st.tuples(st.floats(0, 10), st.integers(1, 20)), max_size=80),
)
def test_no_span_of_time_passes_more_than_burst_and_rate(rate, burst, steps):
    whole_at, now, passed = 0.0, 1_000.0, []
    for wait, cost in steps:
        now += wait / rate
        decision, whole_at = decide(whole_at, now, rate=rate, burst=burst, cost=cost)
        assert 0 <= decision.remaining <= burst
        assert decision.reset <= burst / rate + 1e-5
        if decision.allowed:
            passed.append((now, min(cost, burst)))
        else:
            later, _ = decide(
                whole_at, now + decision.retry_after, rate=rate, burst=burst, cost=cost
            )
            assert later.allowed
    for start, (since, _) in enumerate(passed):
        total = 0
        for at, cost in passed[start:]:
            total += cost
            assert total <= burst + rate * (at - since) + 1e-3 + rate * 1e-5


def test_a_clock_that_goes_back_costs_one_burst_at_most():
    decision, _ = decide(10_000.0, 1_000.0, rate=10, burst=20, cost=1)
    assert not decision.allowed
    assert decision.retry_after <= 0.1 + 1e-6


def test_every_listener_hears_everything_first_and_then_each_message():
    async def run():
        bus, heard = MemoryInvalidation(), ([], [])
        tasks = [asyncio.create_task(bus.listen(one.append)) for one in heard]
        await asyncio.sleep(0)
        message = Invalidation("curves", PUBLIC, "k")
        await bus.publish(message)
        assert heard == ([EVERYTHING, message], [EVERYTHING, message])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bus.publish(message)
        assert len(heard[0]) == 2

    asyncio.run(run())


def test_a_name_without_a_scope_names_nothing():
    with pytest.raises(ValueError, match="scope"):
        Invalidation("curves", None, "k")
