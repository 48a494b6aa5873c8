"""Whatever lies at a key of ours in Redis: an answer is what was stored there, or there is none."""

import asyncio
import os
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from aurum_core.auth import TenantId
from aurum_core.clock import FixedClock, SystemClock
from aurum_dao.adapters.redis import values
from aurum_dao.adapters.redis.cache import POISONED, RedisCache
from aurum_dao.adapters.redis.values import CRC, FIELDS, StoredValue, encode_value, hash_of
from aurum_dao.ports.cache import TenantScope
from aurum_dao.testing.caches import MINUTE, key_of

pytestmark = pytest.mark.integration
ACME, OTHER = TenantScope(TenantId("acme")), TenantScope(TenantId("other"))
KEY = key_of("k", ACME)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PAYLOAD = b'{"price": "31.25"}' * 20
HOUR = timedelta(hours=1)
PATIENT = {"socket_timeout_seconds": 5.0, "connect_timeout_seconds": 5.0}


def good(key=KEY, payload=PAYLOAD):
    now = datetime.now(UTC)
    return encode_value(key, StoredValue(payload, now, now + HOUR, now + HOUR))


def of_version(version):
    data = bytearray(good())
    data[4] = version
    body = bytes(data[: FIELDS.size])
    crc = values.zlib.crc32(PAYLOAD, values.zlib.crc32(body))
    return body + CRC.pack(crc) + PAYLOAD


def flipped(at):
    data = bytearray(good())
    data[at] ^= 1
    return bytes(data)


def instants_beyond_time():
    body = FIELDS.pack(values.MAGIC, values.VERSION, hash_of(KEY), 0, 2**62, 2**62)
    return body + CRC.pack(values.zlib.crc32(PAYLOAD, values.zlib.crc32(body))) + PAYLOAD


class Exploit:
    def __reduce__(self):
        return (os.abort, ())


KINDS = {
    "random bytes": (os.urandom(300), "magic"),
    "one byte": (b"A", "short"),
    "half a header": (good()[:20], "short"),
    "half a payload": (good()[:-7], "checksum"),
    "more than the payload": (good() + b"x", "checksum"),
    "a flipped bit of the payload": (flipped(-1), "checksum"),
    "a flipped bit of an instant": (flipped(24), "checksum"),
    "an older version": (of_version(0), "version"),
    "a newer version": (of_version(2), "version"),
    "another tenant's entry": (good(key_of("k", OTHER)), "key"),
    "another name's entry": (good(key_of("l", ACME)), "key"),
    "the public's entry": (good(key_of("k")), "key"),
    "instants beyond time": (instants_beyond_time(), "instant"),
    "pickle opcodes": (pickle.dumps(Exploit()), "short"),
    "long pickle opcodes": (pickle.dumps([Exploit()] * 30 + [b"x" * 99]), "magic"),
    "JSON of before": (PAYLOAD, "magic"),
    "64 MiB": (good(payload=b"x" * 67_108_864), "size"),
}


@pytest.mark.lag(2.0, reason="64 MiB are sent to Redis by the test itself")
@pytest.mark.parametrize("kind", KINDS)
def test_poison_is_a_miss_is_deleted_and_counted(
    redis_url, namespace, link_on, redis_settings, heard, kind
):
    poison, reason = KINDS[kind]

    async def run():
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace, meter=heard)
            place = cache.place_of(KEY)
            await link.run(lambda c: c.execute_command("SET", place, poison), seconds=30)
            assert await cache.get(KEY) is None
            assert heard.counts == {(POISONED, reason): 1}
            assert await link.run(lambda c: c.execute_command("EXISTS", place)) == 0
            assert link.view.failures == 0
            await cache.set(KEY, PAYLOAD, MINUTE)
            assert (await cache.get(KEY)).payload == PAYLOAD

    asyncio.run(run())


@pytest.mark.parametrize("size", [0, 1, 262_079, 262_080, 262_081, 262_144, 900_000, 1_000_000])
def test_values_of_every_size_come_back_whole(
    redis_url, namespace, link_on, redis_settings, heard, size
):
    async def run():
        payload = os.urandom(size)
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            cache = RedisCache(
                link, SystemClock(), namespace=namespace, max_entry_bytes=1_000_000, meter=heard
            )
            await cache.set(KEY, payload, MINUTE)
            assert (await cache.get(KEY)).payload == payload
            assert heard.counts == {}

    asyncio.run(run())


def test_an_empty_string_is_a_miss(redis_url, namespace, link_on, redis_settings, heard):
    async def run():
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace, meter=heard)
            await link.run(lambda c: c.execute_command("SET", cache.place_of(KEY), b""))
            assert await cache.get(KEY) is None

    asyncio.run(run())


@pytest.mark.parametrize(
    "command", [("RPUSH", "a"), ("HSET", "a", "b"), ("SADD", "a"), ("ZADD", "1", "a")]
)
def test_another_type_at_the_key_is_poison_too(
    redis_url, namespace, link_on, redis_settings, heard, command
):
    async def run():
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            cache = RedisCache(link, SystemClock(), namespace=namespace, meter=heard)
            place = cache.place_of(KEY)
            await link.run(lambda c: c.execute_command(command[0], place, *command[1:]))
            assert await cache.get(KEY) is None
            assert heard.counts == {(POISONED, "type"): 1}
            assert await link.run(lambda c: c.execute_command("EXISTS", place)) == 0

    asyncio.run(run())


@pytest.mark.parametrize(("hours", "found", "fresh"), [(-3, True, False), (3, False, None)])
def test_a_wall_clock_that_jumps_makes_nothing_fresher(
    redis_url, namespace, link_on, redis_settings, hours, found, fresh
):
    async def run():
        clock = FixedClock(NOW)
        async with link_on(redis_settings(redis_url, **PATIENT)) as link:
            cache = RedisCache(link, clock, namespace=namespace)
            await cache.set(KEY, PAYLOAD, MINUTE)
            clock.instant += timedelta(hours=hours)
            value = await cache.get(KEY)
            assert (value is not None) == found
            assert value is None or value.fresh == fresh

    asyncio.run(run())
