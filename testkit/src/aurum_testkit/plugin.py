"""The pytest plugin: loaded by its entry point wherever the testkit is installed.

Every test fails that holds an asyncio loop longer than the limit; `@pytest.mark.lag(seconds,
reason=...)` raises the limit for a test whose subject is slow by design. Fixtures: `no_blocking`,
`shared`, `postgres_server`, `redis_url`.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from aurum_testkit.lag import LagWatch
from aurum_testkit.postgres import PostgresServer, require_postgres
from aurum_testkit.redis import any_redis
from aurum_testkit.shared import require_shared

WATCH = pytest.StashKey[LagWatch]()


def pytest_configure(config: pytest.Config) -> None:
    """Start watching, once per process."""
    config.addinivalue_line(
        "markers", "lag(seconds, reason): how long this test may hold an event loop, and why"
    )
    watch = LagWatch()
    watch.__enter__()
    config.stash[WATCH] = watch


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop watching."""
    config.stash[WATCH].__exit__(None, None, None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passed but held a loop too long."""
    watch = item.config.stash[WATCH]
    watch.take()
    result = yield
    marker = item.get_closest_marker("lag")
    limit = marker.args[0] if marker else watch.limit
    stalls = [stall for stall in watch.take() if stall.seconds > limit]
    if stalls:
        pytest.fail("\n".join(map(str, stalls)), pytrace=False)
    return result


@pytest.fixture
def no_blocking() -> Iterator[None]:
    """Refuse Python's blocking calls in our code on any event loop."""
    from aurum_testkit.blocking import no_blocking

    with no_blocking():
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The design folder; tests that ask for it skip, saying why, where it is absent."""
    return require_shared()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the session; skips, saying why, where none can be had."""
    with require_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Address of a Redis for the session, in a namespace of your own; skips without one."""
    with any_redis() as url:
        yield url
