import pytest
from fastapi import FastAPI

from aurum_app.asgi import create
from aurum_core.settings import SettingsError


@pytest.fixture(autouse=True)
def no_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AURUM_AUTH_MODE", raising=False)
    monkeypatch.delenv("AURUM_ENVIRONMENT", raising=False)


def test_mode_must_be_spelled_out() -> None:
    with pytest.raises(SettingsError, match="AURUM_AUTH_MODE must be set"):
        create()


def test_app_is_made_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_AUTH_MODE", "none")
    monkeypatch.setenv("AURUM_API_TITLE", "Desk")
    app = create()
    assert isinstance(app, FastAPI)
    assert app.title == "Desk"


def test_production_refuses_mode_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURUM_AUTH_MODE", "none")
    monkeypatch.setenv("AURUM_ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="AURUM_AUTH_MODE must be"):
        create()
