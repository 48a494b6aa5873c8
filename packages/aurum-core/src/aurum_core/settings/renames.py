"""Names of older releases: what each sets now, and those that set nothing any more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Rename:
    """The name that replaces an old one, and its value there (None: it sets nothing).

    A `short` one is no old name but a second one that is kept: it is used without a warning.
    """

    name: str
    value_of: Callable[[str], str | None] = str
    short: bool = False


def is_on(text: str) -> bool:
    """Read a switch of an old release; raise ValueError for what is neither on nor off."""
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on", "y", "t"}:
        return True
    if word in {"0", "false", "no", "off", "n", "f"}:
        return False
    raise ValueError("must be true or false")


def _environment(text: str) -> str:
    word = text.strip().lower()
    match word:
        case "local" | "dev":
            return "development"
        case "testing":
            return "test"
        case "stage":
            return "staging"
        case "prod":
            return "production"
        case _:
            return word


def _debug_level(text: str) -> str | None:
    return "debug" if is_on(text) else None


def _mode_if_disabled(text: str) -> str | None:
    return "none" if is_on(text) else None


def _mode_if_enabled(text: str) -> str:
    return "oidc" if is_on(text) else "none"


def _schema_prefix(text: str) -> str | None:
    return None if text.strip() == "market" else text


def _redis_mode(text: str) -> str | None:
    return None if text.strip().lower() == "disabled" else text


RENAMES: Final[Mapping[str, Rename]] = MappingProxyType(
    {
        "AURUM_ENV": Rename("AURUM_ENVIRONMENT", _environment),
        "AURUM_DEBUG": Rename("AURUM_LOG_LEVEL", _debug_level),
        "AURUM_API_GZIP_MIN_BYTES": Rename("AURUM_API_COMPRESS_MIN_BYTES"),
        "AURUM_API_REQUEST_TIMEOUT": Rename("AURUM_API_REQUEST_TIMEOUT_SECONDS"),
        "AURUM_REQUEST_TIMEOUT": Rename("AURUM_API_REQUEST_TIMEOUT_SECONDS"),
        "AURUM_API_MAX_REQUEST_BODY_SIZE": Rename("AURUM_API_MAX_BODY_BYTES"),
        "AURUM_API_METRICS_ENABLED": Rename("AURUM_TELEMETRY_METRICS_ENABLED"),
        "AURUM_API_METRICS_PATH": Rename("AURUM_TELEMETRY_METRICS_PATH"),
        "AURUM_API_CURVE_MAX_LIMIT": Rename("AURUM_API_V1_CURVE_MAX_LIMIT"),
        "AURUM_API_SCENARIO_OUTPUT_MAX_LIMIT": Rename("AURUM_API_V1_SCENARIO_OUTPUT_MAX_LIMIT"),
        "AURUM_API_SCENARIO_METRIC_MAX_LIMIT": Rename("AURUM_API_V1_SCENARIO_METRIC_MAX_LIMIT"),
        "AURUM_API_EIA_SERIES_MAX_LIMIT": Rename("AURUM_API_V1_EIA_SERIES_MAX_LIMIT"),
        "AURUM_API_SCENARIO_OUTPUTS_ENABLED": Rename("AURUM_FLAGS_SCENARIO_OUTPUTS"),
        "AURUM_FEATURE_SCENARIO_OUTPUTS_ENABLED": Rename("AURUM_FLAGS_SCENARIO_OUTPUTS"),
        "AURUM_API_PPA_WRITE_ENABLED": Rename("AURUM_FLAGS_PPA_VALUATION_STORE"),
        "AURUM_API_EXTERNAL_AUDIT_ENABLED": Rename("AURUM_AUDIT_EXPORT_ENABLED"),
        "AURUM_EXTERNAL_AUDIT_ENABLED": Rename("AURUM_AUDIT_EXPORT_ENABLED"),
        "AURUM_EXTERNAL_AUDIT_LOG_DIR": Rename("AURUM_AUDIT_EXPORT_DIR"),
        "AURUM_AUDIT_LOG_DIR": Rename("AURUM_AUDIT_EXPORT_DIR"),
        "AURUM_API_CACHE_TTL": Rename("AURUM_CACHE_TTL_SECONDS"),
        "AURUM_CACHE_TTL": Rename("AURUM_CACHE_TTL_SECONDS"),
        "AURUM_REDIS_TTL_SECONDS": Rename("AURUM_CACHE_TTL_SECONDS"),
        "AURUM_API_CACHE_NAMESPACE": Rename("AURUM_CACHE_NAMESPACE"),
        "AURUM_REDIS_NAMESPACE": Rename("AURUM_CACHE_NAMESPACE"),
        "AURUM_API_INMEMORY_TTL": Rename("AURUM_CACHE_LOCAL_TTL_SECONDS"),
        "AURUM_API_METADATA_REDIS_TTL": Rename("AURUM_CACHE_METADATA_TTL_SECONDS"),
        "AURUM_API_CACHE_TTL_METADATA": Rename("AURUM_CACHE_METADATA_TTL_SECONDS"),
        "AURUM_API_CURVE_TTL": Rename("AURUM_CACHE_CURVE_TTL_SECONDS"),
        "AURUM_API_CACHE_TTL_CURVE_DATA": Rename("AURUM_CACHE_CURVE_TTL_SECONDS"),
        "AURUM_API_CURVE_DIFF_TTL": Rename("AURUM_CACHE_CURVE_DIFF_TTL_SECONDS"),
        "AURUM_API_CURVE_STRIP_TTL": Rename("AURUM_CACHE_CURVE_STRIP_TTL_SECONDS"),
        "AURUM_API_ISO_LMP_CACHE_TTL": Rename("AURUM_CACHE_LMP_TTL_SECONDS"),
        "AURUM_API_ISO_LMP_INMEM_TTL": Rename("AURUM_CACHE_LMP_LOCAL_TTL_SECONDS"),
        "AURUM_API_EIA_SERIES_TTL": Rename("AURUM_CACHE_EIA_TTL_SECONDS"),
        "AURUM_API_EIA_SERIES_DIMENSIONS_TTL": Rename("AURUM_CACHE_EIA_DIMENSIONS_TTL_SECONDS"),
        "AURUM_API_SCENARIO_OUTPUT_TTL": Rename("AURUM_CACHE_SCENARIO_TTL_SECONDS"),
        "AURUM_API_SCENARIO_METRICS_TTL": Rename("AURUM_CACHE_SCENARIO_TTL_SECONDS"),
        "AURUM_API_CACHE_TTL_SCENARIO_DATA": Rename("AURUM_CACHE_SCENARIO_TTL_SECONDS"),
        "AURUM_API_CACHE_TTL_EXTERNAL_DATA": Rename("AURUM_CACHE_EXTERNAL_TTL_SECONDS"),
        "AURUM_API_BACKEND": Rename("AURUM_STORAGE_WAREHOUSE"),
        "AURUM_WAREHOUSE": Rename("AURUM_STORAGE_WAREHOUSE", short=True),
        "AURUM_DATA_DIR": Rename("AURUM_STORAGE_DATA_DIR", short=True),
        "AURUM_API_TRINO_HOST": Rename("AURUM_TRINO_HOST"),
        "AURUM_API_TRINO_PORT": Rename("AURUM_TRINO_PORT"),
        "AURUM_API_TRINO_USER": Rename("AURUM_TRINO_USER"),
        "AURUM_API_TRINO_PASSWORD": Rename("AURUM_TRINO_PASSWORD"),
        "AURUM_API_TRINO_CATALOG": Rename("AURUM_TRINO_CATALOG"),
        "AURUM_API_TRINO_SCHEME": Rename("AURUM_TRINO_SCHEME"),
        "AURUM_TRINO_HTTP_SCHEME": Rename("AURUM_TRINO_SCHEME"),
        "AURUM_API_TRINO_QUERY_TIMEOUT": Rename("AURUM_TRINO_QUERY_TIMEOUT_SECONDS"),
        "AURUM_API_TRINO_MAX_CONNECTIONS": Rename("AURUM_TRINO_MAX_CONCURRENT"),
        "AURUM_TRINO_SCHEMA": Rename("AURUM_TRINO_SCHEMA_PREFIX", _schema_prefix),
        "AURUM_API_TRINO_SCHEMA": Rename("AURUM_TRINO_SCHEMA_PREFIX", _schema_prefix),
        "AURUM_APP_DB_DSN": Rename("AURUM_POSTGRES_DSN"),
        "AURUM_DATABASE_URL": Rename("AURUM_POSTGRES_DSN"),
        "AURUM_TIMESCALE_DSN": Rename("AURUM_POSTGRES_DSN"),
        "AURUM_API_REDIS_URL": Rename("AURUM_REDIS_URL"),
        "AURUM_API_REDIS_MODE": Rename("AURUM_REDIS_MODE", _redis_mode),
        "AURUM_API_REDIS_DB": Rename("AURUM_REDIS_DB"),
        "AURUM_API_REDIS_SENTINELS": Rename("AURUM_REDIS_SENTINELS"),
        "AURUM_API_REDIS_CLUSTER_NODES": Rename("AURUM_REDIS_CLUSTER_NODES"),
        "AURUM_API_REDIS_USERNAME": Rename("AURUM_REDIS_USERNAME"),
        "AURUM_API_REDIS_PASSWORD": Rename("AURUM_REDIS_PASSWORD"),
        "AURUM_API_REDIS_SENTINEL_SERVICE": Rename("AURUM_REDIS_SENTINEL_SERVICE"),
        "AURUM_REDIS_SENTINEL_MASTER": Rename("AURUM_REDIS_SENTINEL_SERVICE"),
        "AURUM_API_REDIS_SOCKET_TIMEOUT": Rename("AURUM_REDIS_SOCKET_TIMEOUT_SECONDS"),
        "AURUM_REDIS_SOCKET_TIMEOUT": Rename("AURUM_REDIS_SOCKET_TIMEOUT_SECONDS"),
        "AURUM_API_REDIS_CONNECT_TIMEOUT": Rename("AURUM_REDIS_CONNECT_TIMEOUT_SECONDS"),
        "AURUM_REDIS_CONNECT_TIMEOUT": Rename("AURUM_REDIS_CONNECT_TIMEOUT_SECONDS"),
        "AURUM_API_AUTH_DISABLED": Rename("AURUM_AUTH_MODE", _mode_if_disabled),
        "AURUM_AUTH_ENABLED": Rename("AURUM_AUTH_MODE", _mode_if_enabled),
        "AURUM_API_ADMIN_GROUP": Rename("AURUM_AUTH_ADMIN_GROUPS"),
        "AURUM_API_OIDC_ISSUER": Rename("AURUM_AUTH_OIDC_ISSUER"),
        "AURUM_API_OIDC_AUDIENCE": Rename("AURUM_AUTH_OIDC_AUDIENCE"),
        "AURUM_API_OIDC_JWKS_URL": Rename("AURUM_AUTH_OIDC_JWKS_URL"),
        "AURUM_API_JWT_LEEWAY": Rename("AURUM_AUTH_JWT_LEEWAY_SECONDS"),
        "AURUM_API_FORWARD_AUTH_HEADER": Rename("AURUM_AUTH_FORWARDED_USER_HEADER"),
        "AURUM_API_FORWARD_AUTH_CLAIMS_HEADER": Rename("AURUM_AUTH_FORWARDED_CLAIMS_HEADER"),
        "AURUM_API_RATE_LIMIT_ENABLED": Rename("AURUM_LIMITS_ENABLED"),
        "AURUM_API_RATE_LIMIT_RPS": Rename("AURUM_LIMITS_RATE_PER_SECOND"),
        "AURUM_API_RATE_LIMIT_BURST": Rename("AURUM_LIMITS_BURST"),
        "AURUM_API_RATE_LIMIT_OVERRIDES": Rename("AURUM_LIMITS_ROUTE_OVERRIDES"),
        "AURUM_API_RATE_LIMIT_TENANT_OVERRIDES": Rename("AURUM_LIMITS_TENANT_OVERRIDES"),
        "AURUM_API_RATE_LIMIT_WHITELIST": Rename("AURUM_LIMITS_EXEMPT"),
        "AURUM_API_RATE_LIMIT_DAILY_CAP": Rename("AURUM_LIMITS_DAILY_CAP"),
        "AURUM_API_DAILY_CAP": Rename("AURUM_LIMITS_DAILY_CAP"),
        "AURUM_TELEMETRY_ENABLED": Rename("AURUM_TELEMETRY_TRACES_ENABLED"),
        "AURUM_OTEL_EXPORTER_ENDPOINT": Rename("AURUM_TELEMETRY_OTLP_ENDPOINT"),
        "AURUM_OTEL_SERVICE_NAME": Rename("AURUM_TELEMETRY_SERVICE_NAME"),
        "AURUM_OTEL_SAMPLER_RATIO": Rename("AURUM_TELEMETRY_TRACE_RATIO"),
    }
)
"""Old names in order of precedence: of two that set the same, the first wins."""

SPLIT_PREFIX: Final = "AURUM_API_V1_SPLIT_"
SPLIT_DOMAINS: Final = ("curves", "metadata", "iso", "eia", "drought", "ppa", "admin")
V1_DOMAINS: Final = (
    "curves",
    "metadata",
    "iso",
    "eia",
    "drought",
    "scenarios",
    "ppa",
    "external",
    "admin",
)
"""Every v1 router: what is left of it when old switches turn domains off."""

_NO_BROKER: Final = "runs are queued in the operational store, there is no broker"
_NO_LIGHT: Final = "importing and composing the application opens nothing, there is no light mode"
_ONE_API: Final = "there is one application and one set of settings"
_NO_SHARED_SECRET: Final = "tokens signed with a shared secret are refused, use a JWKS"  # noqa: S105 - a sentence

RETIRED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AURUM_API_LIGHT_INIT": _NO_LIGHT,
        "AURUM_API_V2_LIGHT_INIT": _NO_LIGHT,
        "AURUM_USE_SIMPLIFIED_API": _ONE_API,
        "AURUM_USE_SIMPLIFIED_SETTINGS": _ONE_API,
        "AURUM_API_MIGRATION_PHASE": _ONE_API,
        "AURUM_ENABLE_MIGRATION_MONITORING": _ONE_API,
        "AURUM_API_ADMIN_GUARD_ENABLED": "every route declares who may call it, always enforced",
        "AURUM_API_JWT_SECRET": _NO_SHARED_SECRET,
        "AURUM_JWT_SECRET": _NO_SHARED_SECRET,
        "AURUM_API_EIA_SERIES_TABLE": "the warehouse has one schema, table names are not settings",
        "AURUM_CELERY_BROKER_URL": _NO_BROKER,
        "AURUM_CELERY_RESULT_BACKEND": _NO_BROKER,
        "AURUM_KAFKA_BOOTSTRAP_SERVERS": _NO_BROKER,
        "AURUM_SCENARIO_REQUEST_TOPIC": _NO_BROKER,
        "AURUM_ALERT_TOPIC": "alerts are metrics and the staleness routes, there is no topic",
    }
)
