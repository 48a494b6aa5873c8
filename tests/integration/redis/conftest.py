"""A Redis for the session, and what stands on it."""

# ruff: noqa: E402 - assertions of the suites are rewritten before they are imported

import secrets
from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest

pytest.register_assert_rewrite("aurum_dao.testing")

from pydantic import SecretStr

from aurum_core.clock import SystemClock
from aurum_core.settings.redis import RedisSettings
from aurum_dao.adapters.redis.link import RedisLink, build_redis_link
from aurum_testkit.redis import RedisServer, redis_server


class Heard:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, ...], int] = {}

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        key = (name, *labels.values())
        self.counts[key] = self.counts.get(key, 0) + amount

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        pass

    def total(self, name: str) -> int:
        return sum(count for key, count in self.counts.items() if key[0] == name)


def settings_of(url: str, **fields: object) -> RedisSettings:
    return RedisSettings(url=SecretStr(url), **fields)


@asynccontextmanager
async def open_link(settings: RedisSettings, **given: object):
    """A link on settings, closed afterwards."""
    link: RedisLink = build_redis_link(settings, SystemClock(), **given)
    try:
        yield link
    finally:
        await link.aclose()


@pytest.fixture(autouse=True, scope="session")
def _driver() -> None:
    import redis.asyncio.cluster  # not first on a loop
    import redis.asyncio.sentinel

    assert redis


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server of the test's own, to be frozen and killed."""
    with redis_server() as server:
        yield server


@pytest.fixture
def namespace() -> str:
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="session")
def link_on():
    return open_link


@pytest.fixture(scope="session")
def redis_settings():
    return settings_of
