import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def test_version_names_the_six_packages(aurum: Run) -> None:
    names = [line.split()[0] for line in aurum("version").stdout.splitlines()]
    assert {"aurum-core", "aurum-dao", "aurum-services", "aurum-api-v1", "aurum-api-v2"} < {*names}
    assert names[0] == "aurum-app"


@pytest.mark.parametrize(
    "command",
    [(), ("serve",), ("load",), ("load", "lmp"), ("query",), ("query", "lmp"), ("config",)],
)
def test_help_is_there(aurum: Run, command: tuple[str, ...]) -> None:
    result = aurum(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from aurum_app.cli import build_app\n"
        "build_app()\n"
        "heavy = {'fastapi', 'pyarrow', 'duckdb', 'pydantic', 'sqlalchemy', 'uvicorn', 'msgspec'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
