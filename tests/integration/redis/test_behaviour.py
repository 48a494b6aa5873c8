"""The behaviour suites on a real Redis; exactness over processes; invalidations."""

import asyncio
import secrets
import time
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from aurum_core.auth import TenantId
from aurum_core.clock import SystemClock
from aurum_core.settings.redis import RedisSettings
from aurum_dao.adapters.redis.cache import RedisCache
from aurum_dao.adapters.redis.client import build_redis_client, build_redis_listener
from aurum_dao.adapters.redis.invalidation import RedisInvalidation
from aurum_dao.adapters.redis.rate_limits import RedisRateLimiter
from aurum_dao.policies.gcra import decide
from aurum_dao.ports.cache import PUBLIC, TenantScope
from aurum_dao.ports.invalidation import EVERYTHING, Invalidation
from aurum_dao.testing.caches import MINUTE, CacheBehaviour, key_of
from aurum_dao.testing.rate_limits import RateLimiterBehaviour
from aurum_testkit.redis import ask, redis_server
from aurum_testkit.wire import free_port

pytestmark = pytest.mark.integration
PATIENT = {"socket_timeout_seconds": 5.0, "connect_timeout_seconds": 5.0}
"""For cases about answers and not about time: two cores may be busy."""


class TestCacheOnRedis(CacheBehaviour):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _link(cls, redis_url, link_on, redis_settings):
        settings = redis_settings(redis_url, **PATIENT)

        @asynccontextmanager
        async def open_cache(clock):
            namespace = f"test-{secrets.token_hex(6)}"
            async with link_on(settings, queue_seconds=5.0) as link:
                yield RedisCache(link, clock, namespace=namespace, max_entry_bytes=1_000_000)

        cls.open_cache = staticmethod(open_cache)


class TestLimiterOnRedis(RateLimiterBehaviour):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _link(cls, redis_url, link_on, redis_settings):
        settings = redis_settings(redis_url, **PATIENT)

        @asynccontextmanager
        async def open_limiter():
            namespace = f"test-{secrets.token_hex(6)}"
            async with link_on(settings, queue_seconds=5.0) as link:
                await link.run(lambda client: client.execute_command("PING"))
                yield RedisRateLimiter(link, fallback=Refuses(), namespace=namespace)

        cls.open_limiter = staticmethod(open_limiter)


class Refuses:
    """A fallback that must not be asked."""

    async def decide(self, key, *, rate, burst, cost=1):
        raise AssertionError("Redis was there")


def test_two_clients_share_one_limit_exactly(redis_url, namespace, link_on, redis_settings):
    async def run():
        settings = redis_settings(redis_url, **PATIENT)
        async with (
            link_on(settings, queue_seconds=5.0) as a,
            link_on(settings, queue_seconds=5.0) as b,
        ):
            limiters = [
                RedisRateLimiter(x, fallback=Refuses(), namespace=namespace) for x in (a, b)
            ]
            started = time.monotonic()
            answers = await asyncio.gather(
                *(limiters[n % 2].decide("k", rate=20, burst=30) for n in range(400))
            )
            elapsed = time.monotonic() - started
            assert 30 <= sum(one.allowed for one in answers) <= 30 + 20 * elapsed + 1

    asyncio.run(run())


def test_the_script_and_the_arithmetic_agree(redis_url, namespace, link_on, redis_settings):
    """Case by case on a limit that holds still while the test runs."""

    async def run():
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            limiter = RedisRateLimiter(link, fallback=Refuses(), namespace=namespace)
            for burst, costs in ((7, (1, 3, 2, 5, 1, 1)), (20, (19, 2, 1, 1)), (1, (9, 1))):
                whole_at = 0.0
                for cost in costs:
                    wanted, whole_at = decide(whole_at, 0.0, rate=1e-4, burst=burst, cost=cost)
                    found = await limiter.decide(str(burst), rate=1e-4, burst=burst, cost=cost)
                    assert (found.allowed, found.remaining) == (wanted.allowed, wanted.remaining)
                    assert found.retry_after == pytest.approx(wanted.retry_after, abs=60)
                    assert found.reset == pytest.approx(wanted.reset, abs=60)

    asyncio.run(run())


def test_limiter_keys_leave_when_their_burst_is_whole(
    redis_url, namespace, link_on, redis_settings
):
    async def run():
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            limiter = RedisRateLimiter(link, fallback=Refuses(), namespace=namespace)
            await limiter.decide("k", rate=20, burst=2)
            await asyncio.sleep(0.1)
            left = await link.run(
                lambda client: client.execute_command("EXISTS", limiter._place_of("k"))
            )
            assert left == 0

    asyncio.run(run())


def test_every_value_in_redis_has_an_end(redis_url, namespace, link_on, redis_settings):
    async def run():
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace)
            await cache.set(key_of(), b"x", MINUTE)
            left = await link.run(
                lambda client: client.execute_command("PTTL", cache.place_of(key_of()))
            )
            assert 3_650_000 < left <= 3_667_000

    asyncio.run(run())


@asynccontextmanager
async def listening(bus, heard):
    task = asyncio.create_task(bus.listen(heard.append))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - judged by many things, none of them an event
            await asyncio.sleep(0.01)


MESSAGES = (
    Invalidation("curves"),
    Invalidation("lmp", PUBLIC),
    Invalidation("curves", TenantScope(TenantId("acme")), "k\n\0ä"),
    EVERYTHING,
)


def test_messages_reach_every_listener_as_they_were(redis_url, namespace, link_on, redis_settings):
    async def run():
        settings = redis_settings(redis_url, **PATIENT)
        async with link_on(settings) as link:
            bus = RedisInvalidation(
                link, lambda: build_redis_listener(settings), SystemClock(), namespace=namespace
            )
            here, there = [], []
            async with listening(bus, here), listening(bus, there):
                await until(lambda: here and there)
                for message in MESSAGES:
                    await bus.publish(message)
                await until(lambda: len(here) == len(there) == 5)
            assert here == there == [EVERYTHING, *MESSAGES]

    asyncio.run(run())


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x80\x04cos\nsystem",
        b"[1]",
        b"{}",
        b'{"v": 2}',
        b'{"v":1,"domain":"A*"}',
        b"[" * 9999,
    ],
)
def test_a_message_nobody_understands_means_everything(
    redis_url, namespace, link_on, redis_settings, heard, garbage
):
    async def run():
        settings = redis_settings(redis_url, **PATIENT)
        async with link_on(settings) as link:
            bus = RedisInvalidation(
                link,
                lambda: build_redis_listener(settings),
                SystemClock(),
                namespace=namespace,
                meter=heard,
            )
            received = []
            async with listening(bus, received):
                await until(lambda: received)
                channel = f"{namespace}:invalidate"
                await link.run(lambda c: c.execute_command("PUBLISH", channel, garbage))
                await until(lambda: len(received) == 2)
            assert received == [EVERYTHING, EVERYTHING]
            assert heard.total("aurum_invalidation_garbled_total") == 1

    asyncio.run(run())


# Modes


async def serves(link, namespace):
    """The cache and the limiter work through this link."""
    cache = RedisCache(link, SystemClock(), namespace=namespace)
    for n in range(40):
        await cache.set(key_of(str(n)), b"x", MINUTE)
    assert (await cache.get(key_of("7"))).payload == b"x"
    assert await cache.purge("curves") == 40
    limiter = RedisRateLimiter(link, fallback=Refuses(), namespace=namespace)
    assert [(await limiter.decide("k", rate=0.01, burst=2)).allowed for _ in range(3)] == [
        True,
        True,
        False,
    ]


def test_a_server_behind_a_password(namespace, link_on, redis_url):
    async def run(server):
        for settings in (
            RedisSettings(url=SecretStr(server.url), **PATIENT),
            RedisSettings(
                url=SecretStr(f"redis://127.0.0.1:{server.port}"),
                password=SecretStr("hush"),
                **PATIENT,
            ),
        ):
            async with link_on(settings) as link:
                await serves(link, namespace)
                await link.run(lambda client: client.execute_command("FLUSHALL"))

    with redis_server(password="hush") as server:
        asyncio.run(run(server))


def test_a_cluster(namespace, link_on, redis_url):
    async def run(port):
        settings = RedisSettings(mode="cluster", cluster_nodes=(f"127.0.0.1:{port}",), **PATIENT)
        async with link_on(settings) as link:
            await serves(link, namespace)
            bus = RedisInvalidation(
                link, lambda: build_redis_listener(settings), SystemClock(), namespace=namespace
            )
            received = []
            async with listening(bus, received):
                await until(lambda: received)
                await bus.publish(MESSAGES[0])
                await until(lambda: len(received) == 2)

    bus = ("--cluster-port", str(free_port()))  # by default 10,000 above, beyond the last port
    with redis_server("--cluster-enabled", "yes", *bus) as server:
        slots = (b"0", b"16383")
        assert ask(server.server, b"CLUSTER", b"ADDSLOTSRANGE", *slots) == b"+OK\r\n"
        deadline = time.monotonic() + 10
        while b"cluster_state:ok" not in ask(server.server, b"CLUSTER", b"INFO"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        asyncio.run(run(server.port))


def test_a_master_that_sentinels_name(namespace, link_on, redis_url, tmp_path):
    async def run(port):
        settings = RedisSettings(mode="sentinel", sentinels=(f"127.0.0.1:{port}",), **PATIENT)
        async with link_on(settings) as link:
            await serves(link, namespace)

    port = free_port()
    with redis_server() as master:
        config = tmp_path / "sentinel.conf"
        config.write_text(
            f"port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {master.port} 1\n"
        )
        with sentinel(config, port):
            asyncio.run(run(port))


def sentinel(config, port):
    from aurum_testkit.redis import answers_ping, require_redis_binary
    from aurum_testkit.servers import running

    command = (require_redis_binary(), str(config), "--sentinel")
    return running(command, port=port, ready=answers_ping)


@pytest.mark.parametrize("mode", ["standalone", "sentinel", "cluster"])
def test_a_mode_without_its_address_is_refused(mode):
    with pytest.raises(ValueError, match="AURUM_REDIS_"):
        build_redis_client(RedisSettings(mode=mode))
