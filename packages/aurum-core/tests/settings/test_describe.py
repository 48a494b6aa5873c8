"""The table of settings: complete, true, and without secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from aurum_core.settings import (
    AurumSettings,
    SettingsError,
    TelemetrySettings,
    describe_settings,
    iter_env_names,
)
from aurum_core.settings.env import load_settings
from aurum_core.settings.fields import iter_fields

CANARY = "c4n4ry-s3cret-value"
SECRETS = (
    "AURUM_CURSOR_KEYS", "AURUM_TRINO_PASSWORD", "AURUM_TRINO_TOKEN", "AURUM_REDIS_URL",
    "AURUM_REDIS_PASSWORD", "AURUM_POSTGRES_DSN", "AURUM_POSTGRES_MIGRATION_DSN",
    "AURUM_TELEMETRY_OTLP_HEADERS",
)  # fmt: skip


def test_every_setting_has_a_row_with_a_description():
    rows = describe_settings(AurumSettings())
    assert [row.name for row in rows] == list(iter_env_names())
    assert all(row.description.endswith(".") for row in rows)
    assert all(row.source == "default" and row.value == row.default for row in rows)


def test_secret_settings_are_exactly_the_known_ones():
    holders = [f.env_name for f in iter_fields() if "SecretStr" in str(f.info.annotation)]
    assert sorted(holders) == sorted(SECRETS)


secret_text = st.from_regex(r"[!-~]{0,12}", fullmatch=True).map(lambda noise: CANARY + noise)


@given(
    st.dictionaries(
        st.sampled_from(SECRETS),
        st.one_of(
            secret_text,
            secret_text.map("postgresql://user:{}@host:5432/db?sslmode=require".format),
            secret_text.map("redis://:{}@host/0".format),
            secret_text.map("host=h password='{}' dbname=d".format),
            secret_text.map("postgresql://host/db?password={}".format),
        ),
        min_size=1,
    )
)
def test_no_row_and_no_repr_holds_a_secret(variables):
    loaded = load_settings(variables)
    rows = describe_settings(loaded.settings, loaded.origins)
    hidden = {row.name for row in rows if "********" in row.value}
    shown = f"{rows} {loaded} {loaded.settings.model_dump_json()}"
    assert CANARY not in shown
    assert hidden <= set(variables)
    assert set(variables) - hidden <= {"AURUM_CURSOR_KEYS"}  # a lone comma is an empty list


@pytest.mark.parametrize("name", list(iter_env_names()))
@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{CANARY}@host/path",
        f"https://user:pa/{CANARY}@host/path",
        f"https://user:pa?x#{CANARY}@host",
        f"https://user:pa,{CANARY}@host",
        f"https://host/path?token={CANARY}",
    ],
)
def test_credentials_in_a_url_are_hidden_in_any_field(name, url):
    try:
        shown = str(describe_settings(load_settings({name: url}).settings))
    except SettingsError as error:
        shown = str(error)
    assert CANARY not in shown


def test_a_url_without_credentials_is_shown():
    settings = AurumSettings(telemetry=TelemetrySettings(otlp_endpoint="http://collector:4318"))
    rows = {row.name: row for row in describe_settings(settings)}
    row = rows["AURUM_TELEMETRY_OTLP_ENDPOINT"]
    assert (row.value, row.default, row.source) == ("http://collector:4318", "", "set")


def test_source_tells_where_a_value_came_from():
    loaded = load_settings({"AURUM_API_TRINO_PORT": "1", "AURUM_API_PORT": "2"})
    rows = {row.name: row for row in describe_settings(loaded.settings, loaded.origins)}
    assert rows["AURUM_TRINO_PORT"].source == "environment as AURUM_API_TRINO_PORT"
    assert rows["AURUM_API_PORT"].source == "environment"
    assert rows["AURUM_API_HOST"].source == "default"


def test_values_are_spelled_as_the_environment_reads_them():
    variables = {
        "AURUM_API_V1_ROUTERS": "curves,iso",
        "AURUM_AUTH_TRUSTED_PROXIES": "10.0.0.0/8,::1/128",
        "AURUM_LIMITS_ROUTE_OVERRIDES": "/v1/curves=20:40",
        "AURUM_LIMITS_TENANT_OVERRIDES": "acme=/v1/x=0.5:2,other=5:6",
        "AURUM_API_V1_SUNSET_AT": "2028-01-31",
        "AURUM_STORAGE_DEMO": "true",
        "AURUM_STORAGE_DUCKDB_WORKERS": "3",
    }
    settings = load_settings(variables).settings
    rows = describe_settings(settings)
    assert {row.name: row.value for row in rows if row.name in variables} == variables
    assert load_settings({row.name: row.value for row in rows}).settings == settings


def test_a_secret_is_compared_without_being_shown():
    telemetry = TelemetrySettings(otlp_headers=SecretStr(CANARY))
    rows = {r.name: r for r in describe_settings(AurumSettings(telemetry=telemetry))}
    assert rows["AURUM_TELEMETRY_OTLP_HEADERS"].value == "********"
    assert rows["AURUM_TELEMETRY_OTLP_HEADERS"].source == "set"
