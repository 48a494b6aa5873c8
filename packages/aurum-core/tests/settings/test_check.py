"""Rules across settings: each broken one is one clear line."""

import pytest

from aurum_core.settings import AurumSettings, SettingsError, check_settings, is_loopback

KEY = "k" * 32
PRODUCTION = {
    "environment": "production",
    "auth": {"mode": "api-key"},
    "cursors": {"keys": [KEY]},
}
OIDC = {
    "mode": "oidc",
    "oidc_issuer": "https://issuer.example",
    "oidc_audience": "aurum",
    "oidc_jwks_url": "https://issuer.example/jwks",
}


def problems(values):
    try:
        check_settings(AurumSettings.model_validate(values))
    except SettingsError as error:
        return error.problems
    return ()


def test_defaults_are_good_on_loopback():
    check_settings(AurumSettings())


@pytest.mark.parametrize(
    "values",
    [
        PRODUCTION,
        PRODUCTION | {"auth": OIDC},
        PRODUCTION | {"auth": {"mode": "forwarded", "trusted_proxies": ["10.0.0.0/8"]}},
        {"api": {"host": "0.0.0.0"}, "auth": {"mode": "none"}},
        {"auth": OIDC | {"oidc_jwks_url": "http://127.0.0.1:8080/jwks"}},
        {"storage": {"warehouse": "trino"}, "trino": {"host": "trino"}},
        {"storage": {"operational": "postgres"}, "postgres": {"dsn": "postgresql://h/d"}},
        {"storage": {"cache": "redis"}, "redis": {"url": "redis://h"}},
        {"storage": {"cache": "redis"}, "redis": {"mode": "sentinel", "sentinels": ["a:1"]}},
        {"storage": {"cache": "redis"}, "redis": {"mode": "cluster", "cluster_nodes": ["a:1"]}},
    ],
)
def test_good_settings_pass(values):
    assert problems(values) == ()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (PRODUCTION | {"auth": {}}, "AURUM_AUTH_MODE must be api-key"),
        (PRODUCTION | {"auth": {"mode": "none"}}, "AURUM_AUTH_MODE must be api-key"),
        (PRODUCTION | {"cursors": {}}, "AURUM_CURSOR_KEYS is required in production"),
        (PRODUCTION | {"cursors": {"keys": [KEY, "short"]}}, "AURUM_CURSOR_KEYS: a key needs 32"),
        (PRODUCTION | {"storage": {"demo": True}}, "AURUM_STORAGE_DEMO is refused"),
        ({"api": {"host": "0.0.0.0"}}, "AURUM_AUTH_MODE must be set"),
        ({"api": {"host": "api.example"}}, "AURUM_AUTH_MODE must be set"),
        ({"auth": {"mode": "forwarded"}}, "AURUM_AUTH_TRUSTED_PROXIES is required"),
        ({"auth": OIDC | {"oidc_issuer": None}}, "AURUM_AUTH_OIDC_ISSUER is required"),
        ({"auth": OIDC | {"oidc_audience": None}}, "AURUM_AUTH_OIDC_AUDIENCE is required"),
        ({"auth": OIDC | {"oidc_jwks_url": None}}, "AURUM_AUTH_OIDC_JWKS_URL is required"),
        (
            {"auth": OIDC | {"oidc_jwks_url": "http://h/k"}},
            "AURUM_AUTH_OIDC_JWKS_URL must be https",
        ),
        (
            PRODUCTION | {"auth": OIDC | {"oidc_jwks_url": "http://127.0.0.1/k"}},
            "AURUM_AUTH_OIDC_JWKS_URL must be https",
        ),
        ({"api": {"v1_sunset_at": "2025-01-01"}}, "AURUM_API_V1_SUNSET_AT must not be before"),
        (
            {"api": {"cors_origins": ["*"], "cors_allow_credentials": True}},
            "AURUM_API_CORS_ORIGINS must name",
        ),
        ({"api": {"max_bulk_body_bytes": 2048}}, "AURUM_API_MAX_BULK_BODY_BYTES must not"),
        (
            {"limits": {"breaker_open_seconds": 9, "breaker_max_open_seconds": 8}},
            "AURUM_LIMITS_BREAKER_OPEN_SECONDS must not",
        ),
        ({"storage": {"warehouse": "trino"}}, "AURUM_TRINO_HOST is required"),
        (
            {"storage": {"warehouse": "trino", "demo": True}, "trino": {"host": "h"}},
            "AURUM_STORAGE_DEMO needs",
        ),
        (
            {"storage": {"warehouse": "trino"}, "trino": {"host": "h", "password": "p"}},
            "AURUM_TRINO_SCHEME must be https",
        ),
        (
            {
                "storage": {"warehouse": "trino"},
                "trino": {"host": "h", "scheme": "https", "password": "p", "token": "t"},
            },
            "AURUM_TRINO_PASSWORD, _TOKEN",
        ),
        (
            {"storage": {"warehouse": "trino"}, "trino": {"host": "h", "client_cert": "c.pem"}},
            "AURUM_TRINO_CLIENT_CERT and",
        ),
        ({"storage": {"operational": "postgres"}}, "AURUM_POSTGRES_DSN is required"),
        ({"storage": {"cache": "redis"}}, "AURUM_REDIS_URL is required"),
        (
            {"storage": {"cache": "redis"}, "redis": {"mode": "sentinel"}},
            "AURUM_REDIS_SENTINELS is required",
        ),
        (
            {"storage": {"cache": "redis"}, "redis": {"mode": "cluster"}},
            "AURUM_REDIS_CLUSTER_NODES is required",
        ),
        (
            {
                "storage": {"cache": "redis"},
                "redis": {"mode": "cluster", "cluster_nodes": ["a:1"], "db": 1},
            },
            "AURUM_REDIS_DB must be 0",
        ),
        ({"jobs": {"heartbeat_seconds": 16}}, "AURUM_JOBS_HEARTBEAT_SECONDS must be"),
    ],
)
def test_a_broken_rule_is_one_line(values, line):
    (problem,) = problems(values)
    assert problem.startswith(line)
    assert "\n" not in problem


def test_all_broken_rules_are_told_at_once():
    assert len(problems({"environment": "production"})) == 2


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True),
        ("localhost", True), ("LOCALHOST", True), ("0.0.0.0", False), ("::", False),
        ("10.0.0.1", False), ("localhost.example", False),
    ],
)  # fmt: skip
def test_loopback_is_recognised(host, loopback):
    assert is_loopback(host) is loopback
