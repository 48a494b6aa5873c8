"""Every row of the contract's old names, and every retired one."""

import json
from pathlib import Path

import pytest

from aurum_core.settings import AurumSettings, SettingsError, iter_env_names
from aurum_core.settings.env import LoadedSettings, load_settings
from aurum_core.settings.renames import RENAMES, RETIRED, SPLIT_DOMAINS, SPLIT_PREFIX

CONTRACT = json.loads((Path(__file__).parent / "settings_v1.json").read_text("utf-8"))
NEW_NAMES = frozenset(iter_env_names())
FLAGS = {
    "flag scenario_outputs": "AURUM_FLAGS_SCENARIO_OUTPUTS",
    "flag ppa_valuation_store": "AURUM_FLAGS_PPA_VALUATION_STORE",
}
# (value under the old name, the same in today's words), where the two differ
TRANSLATED = {
    "AURUM_ENV": ("prod", "production"),
    "AURUM_DEBUG": ("1", "debug"),
    "AURUM_API_AUTH_DISABLED": ("1", "none"),
    "AURUM_AUTH_ENABLED": ("false", "none"),
    **{f"AURUM_API_V1_SPLIT_{domain.upper()}": ("0", None) for domain in SPLIT_DOMAINS},
}
SAMPLES = (
    "production", "0.25", "7", "7000", "false", "true", "trino", "debug", "https", "sentinel", "api-key",
    "10.0.0.1:26379,redis-b:26379", "/v1/curves=20:40,/v1/metadata=50:100",
    "acme=/v1/curves=20:40,acme:/v1/x=1:2,other=5:6", "https://issuer.example/path",
    "X-Other-Header", "/other-metrics", "other", "./other",
)  # fmt: skip


def target(row: str) -> str:
    return FLAGS.get(row) or row.partition(" ")[0].partition("=")[0]


def sample(new: str) -> str:
    """A text that is valid under a new name and changes something."""
    default = AurumSettings()
    for text in SAMPLES:
        try:
            if load_settings({new: text}).settings != default:
                return text
        except SettingsError:
            continue
    raise AssertionError(f"no sample fits {new}")


def lines_about(loaded: LoadedSettings, name: str) -> list[str]:
    return [line for line in loaded.warnings if line.startswith(f"{name} is ")]


@pytest.mark.parametrize(("old", "row"), CONTRACT["aliases"].items())
def test_old_name_sets_what_the_new_one_sets_and_warns_once(old, row):
    new = target(row)
    assert new in NEW_NAMES
    old_text, new_text = TRANSLATED.get(old) or (sample(new),) * 2
    loaded = load_settings({old: old_text})
    if new_text is not None:
        assert loaded.settings == load_settings({new: new_text}).settings
    assert loaded.settings != AurumSettings()
    about = lines_about(loaded, old)
    assert about == ([] if old == new else about[:1])
    assert all(new in line and "ignored" not in line for line in about)
    short = old in RENAMES and RENAMES[old].short
    assert bool(about) == (old != new and not short)


@pytest.mark.parametrize(("short", "text"), [("AURUM_DATA_DIR", "d"), ("AURUM_WAREHOUSE", "trino")])
def test_short_name_sets_without_a_warning(short, text):
    loaded = load_settings({short: text})
    assert loaded.settings != AurumSettings()
    assert loaded.warnings == ()


def test_documented_names_without_a_section_of_their_own_are_settings():
    loaded = load_settings({"AURUM_CURSOR_KEYS": "k" * 32, "AURUM_ENVIRONMENT": "staging"})
    assert loaded.warnings == ()
    assert loaded.settings.cursors.keys


def test_short_name_that_is_overruled_is_said_to_be():
    loaded = load_settings({"AURUM_DATA_DIR": "a", "AURUM_STORAGE_DATA_DIR": "b"})
    assert str(loaded.settings.storage.data_dir) == "b"
    assert loaded.warnings == ("AURUM_DATA_DIR is ignored: AURUM_STORAGE_DATA_DIR is set",)


@pytest.mark.parametrize(("old", "row"), CONTRACT["aliases"].items())
def test_new_name_beats_an_old_one(old, row):
    new = target(row)
    if old == new:
        return
    new_text = sample(new)
    old_text = TRANSLATED[old][0] if old in TRANSLATED else new_text
    loaded = load_settings({old: old_text, new: new_text})
    assert loaded.settings == load_settings({new: new_text}).settings
    assert len(lines_about(loaded, old)) == 1


@pytest.mark.parametrize("old", CONTRACT["retired"])
def test_retired_name_is_ignored_with_a_reason(old):
    loaded = load_settings({old: "canary"})
    assert loaded.settings == AurumSettings()
    assert loaded.warnings == (f"{old} is retired and ignored: {RETIRED[old]}",)


def test_tables_hold_the_contract_and_no_more():
    splits = {SPLIT_PREFIX + domain.upper() for domain in SPLIT_DOMAINS}
    assert {*RENAMES, *splits} == {o for o, row in CONTRACT["aliases"].items() if o != row}
    assert set(RETIRED) == set(CONTRACT["retired"])
    assert not NEW_NAMES & {*RENAMES, *RETIRED, *splits}
    assert {rename.name for rename in RENAMES.values()} <= NEW_NAMES


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        ("AURUM_DEBUG", "0", "AURUM_LOG_LEVEL"),
        ("AURUM_API_AUTH_DISABLED", "false", "AURUM_AUTH_MODE"),
        ("AURUM_TRINO_SCHEMA", "market", "AURUM_TRINO_SCHEMA_PREFIX"),
        ("AURUM_API_TRINO_SCHEMA", "market", "AURUM_TRINO_SCHEMA_PREFIX"),
        ("AURUM_API_REDIS_MODE", "disabled", "AURUM_REDIS_MODE"),
    ],
)
def test_old_value_without_a_meaning_today_sets_nothing(old, text, new):
    loaded = load_settings({old: text})
    assert loaded.settings == AurumSettings()
    (line,) = loaded.warnings
    assert new in line
    assert "ignored" in line


@pytest.mark.parametrize(
    ("text", "mode"), [("true", "oidc"), ("1", "oidc"), ("false", "none"), ("0", "none")]
)
def test_auth_enabled_becomes_a_mode(text, mode):
    assert load_settings({"AURUM_AUTH_ENABLED": text}).settings.auth.mode == mode


@pytest.mark.parametrize(
    ("text", "environment"),
    [("local", "development"), ("dev", "development"), ("prod", "production"), ("TEST", "test")],
)
def test_old_environment_words_are_understood(text, environment):
    assert load_settings({"AURUM_ENV": text}).settings.environment == environment


def test_split_switches_leave_out_only_what_is_off():
    loaded = load_settings({"AURUM_API_V1_SPLIT_PPA": "0", "AURUM_API_V1_SPLIT_ISO": "1"})
    routers = loaded.settings.api.v1_routers
    assert "ppa" not in routers
    assert {"iso", "curves", "scenarios", "external"} <= set(routers)
    assert load_settings({"AURUM_API_V1_SPLIT_ISO": "1"}).settings.api.v1_routers is None


def test_of_two_old_names_the_first_in_the_contract_wins():
    loaded = load_settings({"AURUM_CACHE_TTL": "2", "AURUM_API_CACHE_TTL": "1"})
    assert loaded.settings.cache.ttl_seconds == 1
    (line,) = lines_about(loaded, "AURUM_CACHE_TTL")
    assert "AURUM_API_CACHE_TTL sets it" in line


@pytest.mark.parametrize("old", ["AURUM_DEBUG", "AURUM_AUTH_ENABLED", "AURUM_API_V1_SPLIT_ISO"])
def test_switch_that_is_neither_on_nor_off_is_an_error(old):
    with pytest.raises(SettingsError) as caught:
        load_settings({old: "perhaps"})
    (line,) = caught.value.problems
    assert line.startswith(old)
    assert "perhaps" not in line


def test_error_under_an_old_name_names_both():
    with pytest.raises(SettingsError, match=r"^AURUM_API_TRINO_PORT \(now AURUM_TRINO_PORT\): "):
        load_settings({"AURUM_API_TRINO_PORT": "x"})


def test_old_rate_overrides_keep_their_meaning():
    loaded = load_settings(
        {
            "AURUM_API_RATE_LIMIT_OVERRIDES": "/v1/curves=20:40",
            "AURUM_API_RATE_LIMIT_TENANT_OVERRIDES": "acme:/v1/curves=5:6, b=/v1/x=7:8,c=9:10",
        }
    )
    (route,) = loaded.settings.limits.route_overrides
    assert (route.route, route.rate_per_second, route.burst) == ("/v1/curves", 20.0, 40)
    tenants = loaded.settings.limits.tenant_overrides
    assert [(t.tenant, t.route, t.rate_per_second, t.burst) for t in tenants] == [
        ("acme", "/v1/curves", 5.0, 6),
        ("b", "/v1/x", 7.0, 8),
        ("c", None, 9.0, 10),
    ]
