"""Reading: names, layers, warnings and errors."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.settings import AurumSettings, SettingsError, StorageSettings, iter_env_names
from aurum_core.settings.env import load_settings

CANARY = "c4n4ry-s3cret-value"
NAMES = tuple(iter_env_names())


def error_of(variables):
    """The error that variables give, or None."""
    try:
        load_settings(variables)
    except SettingsError as error:
        return error
    return None


def test_an_empty_environment_gives_the_defaults():
    loaded = load_settings({})
    assert loaded.settings == AurumSettings()
    assert loaded.warnings == ()
    assert dict(loaded.origins) == {}


def test_names_are_unique_and_follow_the_pattern():
    assert len(set(NAMES)) == len(NAMES)
    assert {
        "AURUM_ENVIRONMENT", "AURUM_LOG_LEVEL", "AURUM_LOG_FORMAT", "AURUM_CURSOR_KEYS",
        "AURUM_STORAGE_WAREHOUSE", "AURUM_API_V1_SUNSET_AT", "AURUM_POSTGRES_MIGRATION_DSN",
        "AURUM_AUTH_MODE", "AURUM_LIMITS_ENABLED", "AURUM_API_ENABLE_V1",
    } <= set(NAMES)  # fmt: skip


def test_typed_values_are_read():
    settings = load_settings(
        {
            "AURUM_ENVIRONMENT": "Production",
            "AURUM_LOG_LEVEL": "DEBUG",
            "AURUM_API_V1_ROUTERS": "curves, iso",
            "AURUM_API_V1_SUNSET_AT": "2028-01-31",
            "AURUM_API_ENABLE_V1": "off",
            "AURUM_CURSOR_KEYS": "first,second",
            "AURUM_STORAGE_DATA_DIR": "/srv/aurum",
            "AURUM_AUTH_TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "AURUM_API_CORS_ORIGINS": '["https://a.example", "https://b.example"]',
        }
    ).settings
    assert settings.environment == "production"
    assert settings.log.level == "debug"
    assert settings.api.v1_routers == ("curves", "iso")
    assert settings.api.v1_sunset_at == date(2028, 1, 31)
    assert settings.api.enable_v1 is False
    assert [key.get_secret_value() for key in settings.cursors.keys] == ["first", "second"]
    assert settings.storage.data_dir == Path("/srv/aurum")
    assert [str(net) for net in settings.auth.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.api.cors_origins == ("https://a.example", "https://b.example")


def test_process_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("AURUM_API_PORT", "8123")
    assert load_settings().settings.api.port == 8123
    assert load_settings({}).settings.api.port == 8000
    assert AurumSettings().api.port == 8000


def test_override_beats_environment_beats_file_beats_default(tmp_path):
    env_file = tmp_path / "settings.env"
    env_file.write_text(
        "AURUM_API_HOST=file\nAURUM_API_PORT=1\nAURUM_API_TITLE=file # remark\n", "utf-8"
    )
    loaded = load_settings(
        {"AURUM_API_PORT": "2", "AURUM_API_TITLE": "environment"},
        overrides={"api": {"title": "override"}},
        env_file=env_file,
    )
    api = loaded.settings.api
    assert (api.host, api.port, api.title) == ("file", 2, "override")
    assert api.docs_enabled is AurumSettings().api.docs_enabled
    assert dict(loaded.origins) == {
        "AURUM_API_HOST": str(env_file),
        "AURUM_API_PORT": "environment",
        "AURUM_API_TITLE": "override",
    }


def test_old_name_in_the_environment_beats_the_new_one_in_the_file(tmp_path):
    env_file = tmp_path / "settings.env"
    env_file.write_text("AURUM_TRINO_PORT=1\n", "utf-8")
    loaded = load_settings({"AURUM_API_TRINO_PORT": "2"}, env_file=env_file)
    assert loaded.settings.trino.port == 2


def test_list_in_the_environment_replaces_the_one_in_the_file(tmp_path):
    env_file = tmp_path / "settings.env"
    env_file.write_text("AURUM_LIMITS_ROUTE_OVERRIDES=/a=1:1,/b=2:2\n", "utf-8")
    loaded = load_settings({"AURUM_LIMITS_ROUTE_OVERRIDES": "/c=3:3"}, env_file=env_file)
    assert [str(rate) for rate in loaded.settings.limits.route_overrides] == ["/c=3:3"]


def test_override_may_be_a_whole_section(tmp_path):
    loaded = load_settings({}, overrides={"storage": StorageSettings(data_dir=tmp_path)})
    assert loaded.settings.storage.data_dir == tmp_path


def test_missing_file_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        load_settings({}, env_file=tmp_path / "absent.env")


def test_empty_value_counts_as_unset():
    loaded = load_settings({"AURUM_API_PORT": "", "AURUM_API_V1_ROUTERS": ""})
    assert loaded.settings == AurumSettings()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AURUM_API_PROT", "AURUM_API_PORT"),
        ("AURUM_STORAGE_WAREHOSE", "AURUM_STORAGE_WAREHOUSE"),
        ("AURUM_LIMITS_RATE", "AURUM_LIMITS_RATE_PER_SECOND"),
        ("AURUM_CURSORS_KEYS", "AURUM_CURSOR_KEYS"),
        ("AURUM_API__PORT", "AURUM_API_PORT"),
    ],
)
def test_unknown_name_warns_with_the_nearest(name, meant):
    loaded = load_settings({name: CANARY})
    assert loaded.warnings == (f"{name} is not a setting and is ignored: did you mean {meant}?",)
    assert loaded.settings == AurumSettings()


def test_unknown_name_far_from_all_warns_without_a_guess():
    (line,) = load_settings({"AURUM_Q": "1"}).warnings
    assert "did you mean" not in line


def test_names_of_tests_and_of_others_never_warn():
    given_names = {"AURUM_TEST_PG_DSN": "x", "AURUM_TEST_WHATEVER": "y", "PATH": "z", "AURUMX": "1"}
    assert load_settings(given_names).warnings == ()


def test_address_of_an_engine_that_is_not_chosen_warns():
    given_names = {"AURUM_POSTGRES_DSN": f"postgresql://u:{CANARY}@h/d"}
    (line,) = load_settings(given_names).warnings
    assert "AURUM_STORAGE_OPERATIONAL is not postgres" in line
    assert load_settings(given_names | {"AURUM_STORAGE_OPERATIONAL": "postgres"}).warnings == ()


def test_every_bad_variable_has_one_line_with_its_rule():
    with pytest.raises(SettingsError) as caught:
        load_settings(
            {
                "AURUM_API_PORT": "70000",
                "AURUM_AUTH_MODE": CANARY,
                "AURUM_AUTH_TRUSTED_PROXIES": f"{CANARY},{CANARY}",
                "AURUM_LIMITS_ROUTE_OVERRIDES": CANARY,
            },
            overrides={"api": {"prot": CANARY}},
        )
    lines = caught.value.problems
    assert str(caught.value) == "\n".join(lines)
    assert sorted(line.partition(":")[0] for line in lines) == [
        "AURUM_API_PORT", "AURUM_AUTH_MODE", "AURUM_AUTH_TRUSTED_PROXIES",
        "AURUM_LIMITS_ROUTE_OVERRIDES", "api.prot",
    ]  # fmt: skip
    assert any("less than or equal to 65535" in line for line in lines)
    assert any("'api-key'" in line for line in lines)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [CANARY, f"https://u:{CANARY}@[h/x", f"[{CANARY}", f'["{CANARY}", 1]', f"{CANARY}\x00,\t{CANARY}"],
)  # fmt: skip
def test_no_error_echoes_a_value(name, text):
    error = error_of({name: text})
    assert error is None or str(error).startswith(name)
    assert CANARY not in str(error)
    assert error is None or error.__suppress_context__


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.text(st.characters(exclude_characters="\x00"), max_size=20)
    )
)
def test_any_text_loads_or_gives_lines_that_name_their_variable(variables):
    error = error_of(variables)
    assert error is None or error.problems
    assert all(line.partition(":")[0] in variables for line in (error.problems if error else ()))
