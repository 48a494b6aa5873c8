"""Redis: where it is and how long it may keep a request waiting."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from aurum_core.settings.base import AnyCase, FromText, Section

HostPort = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")]
Nodes = Annotated[tuple[HostPort, ...], FromText]


class RedisSettings(Section):
    """Connection and bounds; the address is url, sentinels or cluster_nodes, by mode."""

    mode: Annotated[Literal["standalone", "sentinel", "cluster"], AnyCase] = Field(
        "standalone", description="How Redis is deployed."
    )
    url: SecretStr | None = Field(None, description="redis://, rediss:// or unix:// address.")
    sentinels: Nodes = Field((), description="host:port of the sentinels, by comma.")
    sentinel_service: str = Field(
        "mymaster", min_length=1, description="Name that the sentinels watch."
    )
    cluster_nodes: Nodes = Field((), description="host:port of cluster nodes, by comma.")
    db: int = Field(0, ge=0, le=65_535, description="Database number; a cluster has only 0.")
    username: str | None = Field(None, description="ACL user.")
    password: SecretStr | None = Field(None, description="Password of the user.")
    tls: bool = Field(False, description="Use TLS to sentinels and cluster nodes.")
    socket_timeout_seconds: float = Field(
        0.05, gt=0, le=30, description="Time for one reply; later counts as a miss."
    )
    connect_timeout_seconds: float = Field(0.25, gt=0, le=30, description="Time to connect.")
    max_connections: int = Field(32, ge=1, le=10_000, description="Connections per process.")
