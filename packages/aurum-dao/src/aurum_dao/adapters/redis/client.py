"""The one place that makes Redis clients: what the driver does by itself is switched off here.

By default redis-py retries ten times and waits 5 s a reply: 59 s of silence from a server that
hangs, and a counter raised twice when a reply is lost.
"""

import random
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Protocol, cast

from aurum_core.settings.redis import RedisSettings

PROTOCOL = 2  # what pub/sub and every proxy speak; the shapes of replies follow from it
POOL_SECONDS = 0.05


class RedisClient(Protocol):
    """What we use of a client, the same for a server and for a cluster."""

    def execute_command(self, *args: Any, **options: Any) -> Awaitable[Any]:  # noqa: ANN401 - the driver's
        """Send one command and return its reply."""
        ...

    def scan_iter(self, match: str, count: int) -> AsyncIterator[bytes]:
        """Yield keys that match, in steps of about `count`."""
        ...

    def unlink(self, *names: bytes) -> Awaitable[int]:
        """Forget keys, in a cluster wherever they are."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class RedisListener(Protocol):
    """A client that only listens."""

    def pubsub(self) -> Any:  # noqa: ANN401 - the driver's
        """Return a subscriber."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


def build_redis_client(settings: RedisSettings) -> RedisClient:
    """Return a client; no connection is made before its first command.

    It imports the driver, which takes a while: not for a running loop.

    Raises:
        ValueError: the mode's own address is missing, or names a database in a cluster.
    """
    builders = {"sentinel": _build_sentinel, "cluster": _build_cluster}
    return cast("RedisClient", builders.get(settings.mode, _build_standalone)(settings))


def build_redis_listener(settings: RedisSettings) -> RedisListener:
    """Return a client for one subscription; in a cluster any node hears all, so one is drawn.

    Raises:
        ValueError: the mode's own address is missing.
    """
    if settings.mode != "cluster":
        return cast("RedisListener", build_redis_client(settings))
    from redis.asyncio import Redis

    if not settings.cluster_nodes:
        raise ValueError("AURUM_REDIS_CLUSTER_NODES is missing")
    host, port = _split(random.choice(settings.cluster_nodes))  # noqa: S311 - spreads listeners
    listener = Redis(
        host=host,
        port=port,
        username=settings.username,
        password=_password(settings),
        ssl=settings.tls,
        **_connection(settings),
    )
    return cast("RedisListener", listener)


def _build_standalone(settings: RedisSettings) -> object:
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.connection import parse_url

    if settings.url is None:
        raise ValueError("AURUM_REDIS_URL is missing")
    given = {
        "username": settings.username,
        "password": _password(settings),
        "db": settings.db or None,
    }
    options: dict[str, Any] = {
        **parse_url(settings.url.get_secret_value()),  # its options never override ours
        **{name: value for name, value in given.items() if value is not None},
        **_connection(settings),
        "max_connections": settings.max_connections,
        "timeout": POOL_SECONDS,
    }
    return Redis.from_pool(BlockingConnectionPool(**options))


def _build_sentinel(settings: RedisSettings) -> object:
    from redis.asyncio import Redis
    from redis.asyncio.sentinel import Sentinel

    if not settings.sentinels:
        raise ValueError("AURUM_REDIS_SENTINELS is missing")
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        [_split(node) for node in settings.sentinels],
        sentinel_kwargs={**_connection(settings), "ssl": settings.tls},
        **_connection(settings),
    )

    class Master(Redis):
        async def aclose(self, close_connection_pool: bool | None = None) -> None:
            await super().aclose(close_connection_pool)
            for one in sentinel.sentinels:  # which the driver leaves open
                await one.aclose()

    return sentinel.master_for(
        settings.sentinel_service,
        redis_class=Master,
        db=settings.db,
        username=settings.username,
        password=_password(settings),
        ssl=settings.tls,
        max_connections=settings.max_connections,
    )


def _build_cluster(settings: RedisSettings) -> object:
    from redis.asyncio.cluster import ClusterNode, RedisCluster

    if not settings.cluster_nodes:
        raise ValueError("AURUM_REDIS_CLUSTER_NODES is missing")
    if settings.db:
        raise ValueError("a Redis cluster has only database 0")
    return RedisCluster(
        startup_nodes=[ClusterNode(*_split(node)) for node in settings.cluster_nodes],
        username=settings.username,
        password=_password(settings),
        ssl=settings.tls,
        max_connections=settings.max_connections,
        **_connection(settings),
    )


def _connection(settings: RedisSettings) -> dict[str, Any]:
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return {
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": settings.socket_timeout_seconds,
        "socket_connect_timeout": settings.connect_timeout_seconds,
        "socket_keepalive": True,
        "health_check_interval": 0,
        "protocol": PROTOCOL,
        "legacy_responses": True,
        "decode_responses": False,
    }


def _password(settings: RedisSettings) -> str | None:
    return None if settings.password is None else settings.password.get_secret_value()


def _split(node: str) -> tuple[str, int]:
    host, _, port = node.rpartition(":")
    return host.strip("[]"), int(port)
