"""PostgreSQL: who we are there, the pool, and the server-side timeouts."""

from pydantic import Field, SecretStr

from aurum_core.settings.base import Section


class PostgresSettings(Section):
    """Connection strings, pool and timeouts of the operational store."""

    dsn: SecretStr | None = Field(
        None, description="Connection of the role that serves (aurum_app, not the owner)."
    )
    migration_dsn: SecretStr | None = Field(
        None, description="Connection of the owner, for `aurum migrate` only."
    )
    pool_size: int = Field(10, ge=1, le=500, description="Connections per process.")
    max_waiting: int = Field(
        20, ge=0, le=10_000, description="Requests that may wait for a connection; more is 503."
    )
    connect_timeout_seconds: float = Field(2.0, gt=0, le=60, description="Time to connect.")
    statement_timeout_seconds: float = Field(
        10.0, gt=0, le=3_600, description="Longest statement, enforced by the server."
    )
    lock_timeout_seconds: float = Field(
        2.0, gt=0, le=600, description="Longest wait for a lock, enforced by the server."
    )
    idle_in_transaction_timeout_seconds: float = Field(
        30.0, gt=0, le=3_600, description="Longest idle transaction, enforced by the server."
    )
    tcp_user_timeout_seconds: float = Field(
        5.0, gt=0, le=600, description="Time without an acknowledgement before a socket is dead."
    )
