"""Redis frozen, killed, never there, or behind a network that spoils: reads go on, and come back.

Bounds are those of RELIABILITY.md 5.2 with room for a busy machine; what is asserted exactly is how
many calls wait at all.
"""

import asyncio
import statistics
import time
from contextlib import asynccontextmanager

import pytest

from aurum_core.clock import SystemClock
from aurum_core.deadline import Deadline, deadline_scope
from aurum_core.errors import UnavailableError
from aurum_dao.adapters.memory.rate_limits import MemoryRateLimiter
from aurum_dao.adapters.redis import invalidation
from aurum_dao.adapters.redis.cache import RedisCache
from aurum_dao.adapters.redis.client import build_redis_client, build_redis_listener
from aurum_dao.adapters.redis.invalidation import RedisInvalidation
from aurum_dao.adapters.redis.rate_limits import RedisRateLimiter
from aurum_dao.policies.breaker import BreakerState
from aurum_dao.ports.invalidation import EVERYTHING, Invalidation
from aurum_dao.testing.caches import MINUTE, key_of
from aurum_testkit.proxy import Fault, fault_proxy
from aurum_testkit.redis import redis_server
from aurum_testkit.wire import free_port

pytestmark = pytest.mark.integration
FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
ONE_CALL = 0.05 + 0.25 + 0.2  # a reply, a connect, and a busy machine
HEALED = 2.0 + 1.0  # the promise, and a busy machine


@asynccontextmanager
async def started(port):
    """A server on this port, started and stopped beside the loop."""
    manager = redis_server(port=port)
    await asyncio.to_thread(manager.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)


async def timed(work):
    started = time.monotonic()
    return await work, time.monotonic() - started


async def comes_back(cache):
    """Seconds until a value that is set is read again."""
    started = time.monotonic()
    while time.monotonic() - started < 10:
        await cache.set(key_of("back"), b"x", MINUTE)
        if await cache.get(key_of("back")) is not None:
            return time.monotonic() - started
        await asyncio.sleep(0.02)
    raise AssertionError("never")


async def warm(cache):
    await cache.set(key_of(), b"before", MINUTE)
    found = await cache.get(key_of())
    return found is not None


async def until_warm(cache):
    for _ in range(50):
        if await warm(cache):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("never warm")


async def misses_quickly(cache, link):
    """Thirty reads in trouble: all miss, at most five wait, the others cost nothing."""
    reads = [await timed(cache.get(key_of())) for _ in range(30)]
    assert all(value is None for value, _ in reads)
    waited = [seconds for _, seconds in reads]
    assert max(waited) < ONE_CALL
    assert link.view.state is not BreakerState.CLOSED
    assert statistics.median(waited[5:]) < 0.005
    assert sum(seconds > 0.03 for seconds in waited) <= 6  # five, and a probe


def test_frozen_costs_five_calls_and_heals(own_redis, namespace, link_on, redis_settings):
    async def run():
        async with link_on(redis_settings(own_redis.url)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await until_warm(cache)
            with own_redis.frozen():
                await misses_quickly(cache, link)
                with pytest.raises(UnavailableError):
                    await cache.purge("curves")
                with pytest.raises(UnavailableError):
                    await cache.delete(key_of())
            assert await comes_back(cache) < HEALED

    asyncio.run(run())


def test_many_at_once_wait_together_and_not_one_after_the_other(
    own_redis, namespace, link_on, redis_settings
):
    async def run():
        async with link_on(redis_settings(own_redis.url)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await until_warm(cache)
            with own_redis.frozen():
                reads = await asyncio.gather(*(timed(cache.get(key_of())) for _ in range(200)))
            assert all(value is None for value, _ in reads)
            assert max(seconds for _, seconds in reads) < 2 * ONE_CALL

    asyncio.run(run())


def test_long_frozen_heals_as_quickly(own_redis, namespace, link_on, redis_settings):
    """The breaker of a cache does not stay open for half a minute."""

    async def run():
        async with link_on(redis_settings(own_redis.url)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await until_warm(cache)
            with own_redis.frozen():
                ended = time.monotonic() + 5
                while time.monotonic() < ended:
                    assert await cache.get(key_of()) is None
                    await asyncio.sleep(0.02)
                assert link.view.retry_after <= 1.8
            assert await comes_back(cache) < HEALED

    asyncio.run(run())


def test_killed_and_started_again(namespace, link_on, redis_settings):
    async def run(port, kill):
        async with link_on(redis_settings(f"redis://127.0.0.1:{port}")) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await until_warm(cache)
            await asyncio.to_thread(kill)
            await misses_quickly(cache, link)
            async with started(port):
                assert await comes_back(cache) < HEALED

    port = free_port()
    with redis_server(port=port) as server:
        asyncio.run(run(port, server.kill))


def test_not_there_at_the_start(namespace, link_on, redis_settings):
    async def run(port):
        async with link_on(redis_settings(f"redis://127.0.0.1:{port}")) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await misses_quickly(cache, link)
            async with started(port):
                assert await comes_back(cache) < HEALED

    asyncio.run(run(free_port()))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("moment", ["at the start", "idle", "mid-request"])
def test_no_fault_of_the_network_is_seen(
    own_redis, namespace, link_on, redis_settings, fault, moment
):
    async def run():
        async with fault_proxy(own_redis.port) as proxy:
            url = f"redis://127.0.0.1:{proxy.port}"
            async with link_on(redis_settings(url)) as link:
                cache = RedisCache(link, SystemClock(), namespace=namespace)
                if moment == "at the start":
                    await proxy.set_fault(fault)
                else:
                    await until_warm(cache)
                if moment == "mid-request":
                    running = [asyncio.ensure_future(cache.get(key_of())) for _ in range(20)]
                    await asyncio.sleep(0)
                    await proxy.set_fault(fault)
                    found = await asyncio.gather(*running)
                    assert {one.payload for one in found if one} <= {b"before"}
                await proxy.set_fault(fault)
                await misses_quickly(cache, link)
                await proxy.set_fault(Fault.NONE)
                assert await comes_back(cache) < HEALED

    asyncio.run(run())


def test_flapping_never_raises_and_never_answers_wrongly(
    own_redis, namespace, link_on, redis_settings
):
    async def flap(proxy):
        while True:
            for fault in (Fault.RESET, Fault.NONE, Fault.HALF, Fault.NONE):
                await proxy.set_fault(fault)
                await asyncio.sleep(0.25)

    async def run():
        async with fault_proxy(own_redis.port) as proxy:
            url = f"redis://127.0.0.1:{proxy.port}"
            async with link_on(redis_settings(url)) as link:
                cache = RedisCache(link, SystemClock(), namespace=namespace)
                task = asyncio.create_task(flap(proxy))
                ended, n = time.monotonic() + 4, 0
                while time.monotonic() < ended:
                    n += 1
                    names = [str(one) for one in range(n % 7, n % 7 + 10)]
                    for name in names:
                        await cache.set(key_of(name), name.encode(), MINUTE)
                    found = await asyncio.gather(*(cache.get(key_of(name)) for name in names))
                    for name, value in zip(names, found, strict=True):
                        assert value is None or value.payload == name.encode()
                    await asyncio.sleep(0.01)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await proxy.set_fault(Fault.NONE)
                assert await comes_back(cache) < HEALED

    asyncio.run(run())


def test_a_request_without_time_asks_nothing_and_says_nothing_of_redis(
    own_redis, namespace, link_on, redis_settings
):
    async def run():
        async with link_on(redis_settings(own_redis.url)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await until_warm(cache)
            for _ in range(10):
                with deadline_scope(Deadline.after(0.01)):
                    assert await cache.get(key_of()) is None
            assert await cache.get(key_of()) is not None

    asyncio.run(run())


def test_cancelled_reads_lose_no_slot_and_mix_no_replies(
    own_redis, namespace, link_on, redis_settings
):
    async def run():
        settings = redis_settings(own_redis.url, max_connections=4)
        async with link_on(settings) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await until_warm(cache)
            for n in range(8):
                await cache.set(key_of(str(n)), str(n).encode() * 9_000, MINUTE)
            for turn in range(60):
                reads = [asyncio.ensure_future(cache.get(key_of(str(n)))) for n in range(8)]
                await asyncio.sleep(turn % 7 / 5_000)
                for read in reads[turn % 3 :: 2]:
                    read.cancel()
                found = await asyncio.gather(*reads, return_exceptions=True)
                for n, value in enumerate(found):
                    if value is not None and not isinstance(value, BaseException):
                        assert value.payload == str(n).encode() * 9_000
            assert link._bulkhead.taken == link._bulkhead.waiting == 0
            assert await comes_back(cache) < HEALED

    asyncio.run(run())


def test_limits_hold_without_redis_and_are_exact_again_with_it(
    own_redis, namespace, link_on, redis_settings, heard
):
    rate, burst = 20, 30

    async def run():
        async with link_on(redis_settings(own_redis.url)) as link:
            limiter = RedisRateLimiter(
                link, fallback=MemoryRateLimiter(SystemClock()), namespace=namespace, meter=heard
            )
            started, allowed = time.monotonic(), 0
            for n in range(300):
                if n == 100:
                    freezing = own_redis.frozen()
                    freezing.__enter__()
                if n == 250:
                    freezing.__exit__(None, None, None)
                allowed += (await limiter.decide("k", rate=rate, burst=burst)).allowed
            elapsed = time.monotonic() - started
            assert heard.counts
            assert burst <= allowed <= 2 * (burst + rate * elapsed + 1)
            await comes_back(RedisCache(link, SystemClock(), namespace=namespace))
            before = dict(heard.counts)
            started = time.monotonic()
            answers = [await limiter.decide("new", rate=rate, burst=burst) for _ in range(100)]
            elapsed = time.monotonic() - started
            assert burst <= sum(one.allowed for one in answers) <= burst + rate * elapsed + 1
            assert heard.counts == before

    asyncio.run(run())


def test_listeners_are_told_of_a_gap(namespace, link_on, redis_settings, monkeypatch):
    monkeypatch.setattr(invalidation, "SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(invalidation, "POLL_SECONDS", 0.1)

    async def until(condition):
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110 - a list that fills
                await asyncio.sleep(0.02)

    async def run(port, server):
        settings = redis_settings(f"redis://127.0.0.1:{port}")
        async with link_on(settings) as link:
            bus = RedisInvalidation(
                link, lambda: build_redis_listener(settings), SystemClock(), namespace=namespace
            )
            received = []
            task = asyncio.create_task(bus.listen(received.append))
            await until(lambda: received == [EVERYTHING])
            await asyncio.sleep(1.5)
            assert received == [EVERYTHING]  # silence alone is no gap
            with server.frozen():
                await asyncio.sleep(2)
            await until(lambda: received == [EVERYTHING] * 2)
            await asyncio.to_thread(server.kill)
            with pytest.raises(UnavailableError):
                await bus.publish(Invalidation("curves"))
            async with started(port):
                await until(lambda: received == [EVERYTHING] * 3)
                async with asyncio.timeout(15):
                    while len(received) < 4:
                        try:
                            await bus.publish(Invalidation("curves"))
                        except UnavailableError:
                            await asyncio.sleep(0.1)
                        await asyncio.sleep(0.02)
                assert received[3] == Invalidation("curves")
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    port = free_port()
    with redis_server(port=port) as server:
        asyncio.run(run(port, server))


def test_options_in_the_address_do_not_undo_ours(redis_settings):
    url = (
        "redis://127.0.0.1:1/3?socket_timeout=60&protocol=3&max_connections=1&retry_on_timeout=yes"
    )
    client = build_redis_client(redis_settings(url))
    kwargs = client.connection_pool.connection_kwargs
    assert (kwargs["socket_timeout"], kwargs["protocol"], kwargs["db"]) == (0.05, 2, 3)
    assert kwargs["retry"].get_retries() == 0
    assert client.connection_pool.max_connections == 32
