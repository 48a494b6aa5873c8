import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from aurum_core.settings import iter_env_names

Run = Callable[..., Result]
SECRET = "canary-7f3a"


@pytest.mark.parametrize("layout", ["table", "env", "json"])
def test_secrets_are_hidden(aurum: Run, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    monkeypatch.setenv("AURUM_CURSOR_KEYS", f"{SECRET}-1,{SECRET}-2")
    monkeypatch.setenv("AURUM_POSTGRES_DSN", f"postgresql://aurum:{SECRET}@db/aurum")
    monkeypatch.setenv("AURUM_REDIS_URL", f"redis://:{SECRET}@cache/0")
    monkeypatch.setenv("AURUM_TRINO_PASSWORD", SECRET)
    result = aurum("config", "--format", layout)
    assert SECRET not in result.output
    assert "********" in result.stdout


def test_every_setting_is_listed_once(aurum: Run) -> None:
    names = [line.partition("=")[0] for line in aurum("config", "-f", "env").stdout.splitlines()]
    assert names == list(iter_env_names())


def test_changed_shows_where_a_value_came_from(aurum: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_API_PORT", "9001")
    result = aurum("config", "--changed", "-f", "json", "--data-dir", "here")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert set(rows) == {"AURUM_API_PORT", "AURUM_STORAGE_DATA_DIR"}
    assert rows["AURUM_API_PORT"]["value"] == "9001"
    assert rows["AURUM_STORAGE_DATA_DIR"]["source"] == "override"


def test_unknown_variable_is_warned_about(aurum: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_API_PROT", "9001")
    result = aurum("config")
    assert result.exit_code == 0
    assert "did you mean AURUM_API_PORT" in result.stderr


def test_wrong_value_is_named_without_being_shown(
    aurum: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURUM_API_PORT", SECRET)
    result = aurum("config")
    assert result.exit_code == 2
    assert "AURUM_API_PORT" in result.stderr
    assert SECRET not in result.output


def test_what_would_stop_a_start_is_said(aurum: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_ENVIRONMENT", "production")
    result = aurum("config")
    assert result.exit_code == 1
    assert "would not start: AURUM_CURSOR_KEYS is required in production" in result.stderr
