import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

pytest.importorskip("duckdb")
pytestmark = pytest.mark.lag(3, reason="a command that looks once imports inside its loop")
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from typer.testing import CliRunner

    from aurum_app.cli import build_app

    directory = tmp_path_factory.mktemp("query") / "d"
    result = CliRunner().invoke(build_app(), ["demo", "--data-dir", str(directory)])
    assert result.exit_code == 0, result.output
    return directory


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_lmp_shows_the_newest_day(aurum: Run, store: Path) -> None:
    found = rows(
        aurum("query", "lmp", "--location", "DEMO_PJM_HUB", "-f", "csv", "--data-dir", store)
    )
    assert len(found) == 24
    assert {row["location"] for row in found} == {"DEMO_PJM_HUB"}


def test_lmp_takes_a_range_of_operating_days(aurum: Run, store: Path) -> None:
    options = ["--location", "DEMO_ERCOT_HUB", "--market", "DA", "--limit", 100]
    newest = rows(aurum("query", "lmp", *options, "-f", "csv", "--data-dir", store))[0]
    day = newest["operating_date"]
    options += ["--start", day, "--end", f"{day[:-2]}{int(day[-2:]) + 1:02d}"]
    found = rows(aurum("query", "lmp", *options, "-f", "csv", "--data-dir", store))
    assert {row["operating_date"] for row in found} == {day}


def test_negative_prices_only(aurum: Run, store: Path) -> None:
    found = json.loads(
        aurum("query", "lmp", "--negative", "-f", "json", "--data-dir", store).stdout
    )
    assert found
    assert all(row["price_total"] < 0 for row in found)


def test_curves_are_filtered_by_what_people_call_things(aurum: Run, store: Path) -> None:
    options = ["--iso", "iso-ne", "--block", "peak", "--limit", 3]
    found = rows(aurum("query", "curves", *options, "-f", "csv", "--data-dir", store))
    assert [row["slug"] for row in found] == ["power-isone-demo-isone-hub-da-5x16"] * 3


def test_table_has_a_line_for_each_row(aurum: Run, store: Path) -> None:
    result = aurum("query", "curves", "--limit", 4, "--data-dir", store)
    assert len(result.stdout.splitlines()) == 5


def test_datasets_tell_what_is_stored(aurum: Run, store: Path) -> None:
    found = rows(aurum("query", "datasets", "-f", "csv", "--data-dir", store))
    counts = {row["dataset"]: int(row["rows"]) for row in found}
    assert counts["lmp"] > 1000
    assert counts["curves"] > 1000


def test_empty_directory_is_told_how_to_be_filled(aurum: Run, tmp_path: Path) -> None:
    result = aurum("query", "lmp", "--data-dir", tmp_path / "none")
    assert result.exit_code == 1
    assert "holds nothing yet" in result.stderr


@pytest.mark.parametrize(
    ("option", "value"), [("--start", "yesterday"), ("--market", "MOON"), ("--end", "2026-13-01")]
)
def test_value_that_cannot_be_understood_is_one_line(
    aurum: Run, store: Path, option: str, value: str
) -> None:
    result = aurum("query", "lmp", option, value, "--data-dir", store)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert option in line


def test_no_rows_are_no_error(aurum: Run, store: Path) -> None:
    result = aurum("query", "lmp", "--location", "NOWHERE", "--data-dir", store)
    assert result.exit_code == 0
    assert "no rows" in result.stderr
