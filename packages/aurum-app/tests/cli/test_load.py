import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from aurum_app.cli.load import DATASETS, LATER, PUBLISHERS
from aurum_core.errors import LoadError
from aurum_dao.loaders import FORMATS, find_format

pytest.importorskip("duckdb")
Run = Callable[..., Result]


def table(result: Result) -> list[dict[str, str]]:
    """Return the summary's rows by column."""
    assert result.exit_code == 0, result.output
    head, *rows = (line.split() for line in result.stdout.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_load_counts_what_it_did(aurum: Run, prices: Path, tmp_path: Path) -> None:
    (row,) = table(aurum("load", "lmp", prices, "--source", "pjm", "--data-dir", tmp_path / "d"))
    assert row == {
        "dataset": "lmp",
        "status": "committed",
        "version": "1",
        "read": "2",
        "inserted": "2",
        "unchanged": "0",
        "corrected": "0",
        "quarantined": "0",
    }


def test_same_file_again_changes_nothing(aurum: Run, prices: Path, tmp_path: Path) -> None:
    for _ in range(2):
        (row,) = table(aurum("load", "lmp", prices, "--data-dir", tmp_path / "d"))
    assert (row["status"], row["unchanged"], row["version"]) == ("unchanged", "2", "1")


def test_dry_run_stores_nothing(aurum: Run, prices: Path, tmp_path: Path) -> None:
    (row,) = table(aurum("load", "lmp", prices, "--dry-run", "--data-dir", tmp_path / "d"))
    assert (row["status"], row["inserted"], row["version"]) == ("dry-run", "2", "-")
    (row,) = table(aurum("load", "lmp", prices, "--data-dir", tmp_path / "d"))
    assert row["inserted"] == "2"


def test_columns_are_mapped_and_set(aurum: Run, tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text("node,hour,lmp\nWEST,2026-03-03T05:00:00Z,31.5\n")
    options = ["--map", "location_id=node", "--map", "interval_start=hour"]
    options += ["--map", "price_total=lmp", "--set", "iso_code=PJM", "--set", "market=DA"]
    (row,) = table(aurum("load", "lmp", file, *options, "--data-dir", tmp_path / "d"))
    assert row["inserted"] == "1"


def test_refused_rows_are_shown_with_their_reason(aurum: Run, prices: Path, tmp_path: Path) -> None:
    prices.write_text(prices.read_text() + "PJM,DA,WEST,2026-03-03T07:00:00Z,much\n")
    result = aurum("load", "lmp", prices, "--data-dir", tmp_path / "d")
    (row,) = table(result)
    assert (row["inserted"], row["quarantined"]) == ("2", "1")
    assert "1 rows of lmp were not loaded" in result.stderr
    assert "price_total" in result.stderr
    assert '"much"' in result.stderr


def test_load_of_nothing_but_refused_rows_fails(aurum: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "iso_code,market,location_id,interval_start,price_total\n"
        "PJM,DA,WEST,2026-03-03T07:00:00Z,much\n"
    )
    assert aurum("load", "lmp", file, "--data-dir", tmp_path / "d").exit_code == 1


def test_what_was_loaded_before_a_failure_is_shown(
    aurum: Run, prices: Path, tmp_path: Path
) -> None:
    result = aurum("load", "lmp", prices, tmp_path / "missing.csv", "--data-dir", tmp_path / "d")
    assert result.exit_code == 1
    assert "committed" in result.stdout
    assert "missing.csv" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("option", ["--map", "--set"])
@pytest.mark.parametrize("pair", ["price", "=x", "price="])
def test_pair_without_both_sides_is_misuse(
    aurum: Run, prices: Path, option: str, pair: str
) -> None:
    result = aurum("load", "lmp", prices, option, pair)
    assert result.exit_code == 2
    assert "must be COL=" in result.stderr


@pytest.mark.parametrize("name", LATER)
def test_dataset_of_a_later_release_says_so(aurum: Run, prices: Path, name: str) -> None:
    result = aurum("load", name, prices)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"aurum: {name} comes with a later release: its tables do not exist yet"
    ]


def test_every_format_has_a_command() -> None:
    commands = {name.replace("-", "_") for name in (*DATASETS, *PUBLISHERS, "nymex-settlements")}
    ready = set()
    for name in FORMATS:
        try:
            find_format(name)
        except LoadError:
            assert name in LATER
        else:
            ready.add(name.replace("-", "_"))
    assert commands == ready


def test_data_directory_that_is_a_file_is_one_line(
    aurum: Run, prices: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    result = aurum("load", "lmp", prices, "--data-dir", file)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_warehouse_of_another_engine_is_refused(
    aurum: Run, prices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURUM_STORAGE_WAREHOUSE", "trino")
    result = aurum("load", "lmp", prices)
    assert result.exit_code == 1
    assert "AURUM_STORAGE_WAREHOUSE" in result.stderr


def test_demo_is_loaded_once(aurum: Run, tmp_path: Path) -> None:
    first = aurum("demo", "--data-dir", tmp_path / "d")
    again = aurum("demo", "--data-dir", tmp_path / "d")
    assert first.exit_code == again.exit_code == 0
    assert "Demo set: 0 synthetic rows" not in first.stdout
    assert "Demo set: 0 synthetic rows" in again.stdout


def test_rejections_are_kept_in_quarantine(aurum: Run, tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "bad.csv"
    file.write_text(
        "iso_code,market,location_id,interval_start,price_total\n"
        "PJM,DA,WEST,2026-03-03T07:00:00Z,much\n"
    )
    aurum("load", "lmp", file, "--data-dir", tmp_path / "d")
    connection = sqlite3.connect(tmp_path / "d" / "operational.db")
    try:
        ((row, reason),) = connection.execute("SELECT row, reason FROM quarantine").fetchall()
    finally:
        connection.close()
    assert json.loads(row)["price_total"] == "much"
    assert "price_total" in reason
