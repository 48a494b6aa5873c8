import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aurum_app.cli import build_app

Run = Callable[..., Result]

PRICES = """iso_code,market,location_id,interval_start,price_total
PJM,DA,WEST,2026-03-03T05:00:00Z,31.5
PJM,DA,WEST,2026-03-03T06:00:00Z,-4.25
"""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the caller's shell, and a directory of our own to stand in."""
    for name in [name for name in os.environ if name.startswith("AURUM_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def aurum() -> Run:
    """Run the command line in this process; what it raises beyond an exit is a test failure."""
    runner = CliRunner()

    def run(*arguments: object) -> Result:
        result = runner.invoke(build_app(), [str(a) for a in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    path.write_text(PRICES)
    return path
