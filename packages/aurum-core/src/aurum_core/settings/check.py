"""Rules across settings: what must stand together before anything is opened."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aurum_core.settings.errors import SettingsError
from aurum_core.settings.root import AurumSettings

MIN_KEY_CHARS: Final = 32


def check_settings(settings: AurumSettings) -> None:
    """Check what no single field can tell.

    Raises:
        SettingsError: one line for each broken rule, naming the variable to change.
    """
    rules = (_production, _auth, _oidc, _api, _limits, _trino, _postgres, _redis, _jobs)
    if problems := [line for rule in rules for line in rule(settings)]:
        raise SettingsError(problems)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine only; a name other than localhost is not."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _production(settings: AurumSettings) -> Iterator[str]:
    if settings.environment != "production":
        return
    if not settings.cursors.keys:
        yield "AURUM_CURSOR_KEYS is required in production"
    elif any(len(key.get_secret_value()) < MIN_KEY_CHARS for key in settings.cursors.keys):
        yield f"AURUM_CURSOR_KEYS: a key needs {MIN_KEY_CHARS} characters in production"
    if settings.storage.demo:
        yield "AURUM_STORAGE_DEMO is refused in production: its rows are synthetic"


def _auth(settings: AurumSettings) -> Iterator[str]:
    auth, choices = settings.auth, "api-key, oidc or forwarded"
    if settings.environment == "production" and auth.mode in {None, "none"}:
        yield f"AURUM_AUTH_MODE must be {choices} in production"
    elif auth.mode is None and not is_loopback(settings.api.host):
        yield f"AURUM_AUTH_MODE must be set when AURUM_API_HOST is not loopback: none, {choices}"
    if auth.mode == "forwarded" and not auth.trusted_proxies:
        yield "AURUM_AUTH_TRUSTED_PROXIES is required with AURUM_AUTH_MODE=forwarded"


def _oidc(settings: AurumSettings) -> Iterator[str]:
    auth = settings.auth
    if auth.mode != "oidc":
        return
    for field in ("oidc_issuer", "oidc_audience", "oidc_jwks_url"):
        if getattr(auth, field) is None:
            yield f"AURUM_AUTH_{field.upper()} is required with AURUM_AUTH_MODE=oidc"
    keys = urlsplit(auth.oidc_jwks_url or "https:")
    local = settings.environment in {"development", "test"} and is_loopback(keys.hostname or "")
    if keys.scheme != "https" and not local:
        yield "AURUM_AUTH_OIDC_JWKS_URL must be https"


def _api(settings: AurumSettings) -> Iterator[str]:
    api = settings.api
    if api.v1_sunset_at < api.v1_deprecated_at:
        yield "AURUM_API_V1_SUNSET_AT must not be before AURUM_API_V1_DEPRECATED_AT"
    if api.cors_allow_credentials and "*" in api.cors_origins:
        yield "AURUM_API_CORS_ORIGINS must name its origins with AURUM_API_CORS_ALLOW_CREDENTIALS"
    if api.max_bulk_body_bytes < api.max_body_bytes:
        yield "AURUM_API_MAX_BULK_BODY_BYTES must not be below AURUM_API_MAX_BODY_BYTES"


def _limits(settings: AurumSettings) -> Iterator[str]:
    limits = settings.limits
    if limits.breaker_open_seconds > limits.breaker_max_open_seconds:
        yield "AURUM_LIMITS_BREAKER_OPEN_SECONDS must not be over its maximum"


def _trino(settings: AurumSettings) -> Iterator[str]:
    trino = settings.trino
    if settings.storage.warehouse != "trino":
        return
    if not trino.host:
        yield "AURUM_TRINO_HOST is required with AURUM_STORAGE_WAREHOUSE=trino"
    if settings.storage.demo:
        yield "AURUM_STORAGE_DEMO needs AURUM_STORAGE_WAREHOUSE=duckdb"
    if sum(x is not None for x in (trino.password, trino.token, trino.client_cert)) > 1:
        yield "AURUM_TRINO_PASSWORD, _TOKEN and _CLIENT_CERT: only one may be set"
    if (trino.password or trino.token) and trino.scheme != "https":
        yield "AURUM_TRINO_SCHEME must be https with a password or a token"
    if (trino.client_cert is None) != (trino.client_key is None):
        yield "AURUM_TRINO_CLIENT_CERT and AURUM_TRINO_CLIENT_KEY belong together"


def _postgres(settings: AurumSettings) -> Iterator[str]:
    if settings.storage.operational == "postgres" and not settings.postgres.dsn:
        yield "AURUM_POSTGRES_DSN is required with AURUM_STORAGE_OPERATIONAL=postgres"


def _redis(settings: AurumSettings) -> Iterator[str]:
    redis = settings.redis
    if settings.storage.cache != "redis":
        return
    if redis.mode == "standalone" and not redis.url:
        yield "AURUM_REDIS_URL is required with AURUM_STORAGE_CACHE=redis"
    if redis.mode == "sentinel" and not redis.sentinels:
        yield "AURUM_REDIS_SENTINELS is required with AURUM_REDIS_MODE=sentinel"
    if redis.mode == "cluster" and not (redis.cluster_nodes or redis.url):
        yield "AURUM_REDIS_CLUSTER_NODES is required with AURUM_REDIS_MODE=cluster"
    if redis.mode == "cluster" and redis.db:
        yield "AURUM_REDIS_DB must be 0 with AURUM_REDIS_MODE=cluster"


def _jobs(settings: AurumSettings) -> Iterator[str]:
    if settings.jobs.heartbeat_seconds * 2 > settings.jobs.lease_seconds:
        yield "AURUM_JOBS_HEARTBEAT_SECONDS must be at most half of AURUM_JOBS_LEASE_SECONDS"
