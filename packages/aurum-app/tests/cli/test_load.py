import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from aurum_app.cli.load import DATASETS, PUBLISHERS, SERIES
from aurum_dao.loaders import FORMATS

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


def test_every_format_has_a_command() -> None:
    commands = (*DATASETS, *PUBLISHERS, *SERIES, "nymex-settlements")
    assert {name.replace("-", "_") for name in commands} == {
        name.replace("-", "_") for name in FORMATS
    }


CANONICAL = {
    "eia": "series_id,frequency,period,value\nX.Y,monthly,2026-01,.\nX.Y,monthly,2026-02,3.5\n",
    "drought-index": (
        "dataset,index,timescale,region_type,region_id,valid_date,value\n"
        "grid,spi,3m,county,01001,2026-03-03,-1.5\n"
    ),
    "usdm": (
        "region_type,region_id,valid_date,d0_frac,d1_frac,d2_frac,d3_frac,d4_frac\n"
        "STATE,48,2026-03-03,0.215,0.17,0.13,0.08,0.025\n"
    ),
    "external": "provider,series_id,ts,value\nfred,DGS10,2026-03-03T00:00:00Z,4.06\n",
}


@pytest.mark.parametrize("name", CANONICAL)
def test_dataset_is_loaded_and_listed(aurum: Run, tmp_path: Path, name: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(CANONICAL[name])
    rows = CANONICAL[name].count("\n") - 1
    (row,) = table(aurum("load", name, file, "--data-dir", tmp_path / "d"))
    assert (row["dataset"], row["inserted"], row["quarantined"]) == (name, str(rows), "0")
    listed = aurum("query", "datasets", "--data-dir", tmp_path / "d", "--format", "json")
    assert listed.exit_code == 0, listed.output
    held = {found["dataset"]: found["rows"] for found in json.loads(listed.stdout)}
    assert {dataset for dataset, count in held.items() if count} == {name}
    assert held[name] == rows


def test_series_of_a_file_is_set(aurum: Run, tmp_path: Path) -> None:
    import duckdb

    prices = tmp_path / "prices.csv"
    prices.write_text("Date,Price\n2026-03-02,3.82\n2026-03-03,\n")
    told = ["--set", "series_id=PET.RWTC.D", "--set", "unit=$/bbl"]
    (row,) = table(aurum("load", "eia-daily", prices, *told, "--data-dir", tmp_path / "d"))
    assert row["inserted"] == "2"
    vintages = tmp_path / "observations.json"
    observation = {"realtime_start": "2026-03-03", "date": "2026-03-02", "value": "."}
    vintages.write_text(json.dumps({"observations": [observation]}))
    refused = aurum("load", "alfred", vintages, "--data-dir", tmp_path / "d")
    assert refused.exit_code == 1
    assert "set series_id" in refused.stderr
    told = ["--set", "series_id=DGS10"]
    table(aurum("load", "alfred", vintages, *told, "--data-dir", tmp_path / "d"))
    (pointer,) = (tmp_path / "d").rglob("CURRENT")
    newest = pointer.with_name(json.loads(pointer.read_text())["snapshot"])
    with duckdb.connect(str(newest), read_only=True) as store:
        eia = store.execute("SELECT DISTINCT series_id, unit, facets FROM market.eia_observation")
        assert eia.fetchall() == [("PET.RWTC.D", "$/bbl", None)]
        external = store.execute("SELECT provider, series_id, value FROM external.observation")
        assert external.fetchall() == [("fred", "DGS10", None)]


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
    assert "Demo set: 0 synthetic rows" not in first.stderr
    assert "Demo set: 0 synthetic rows" in again.stderr


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


def test_file_that_is_no_operational_store_is_one_line(
    aurum: Run, prices: Path, tmp_path: Path
) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "operational.db").write_bytes(b"junk" * 500)
    result = aurum("load", "lmp", prices, "--data-dir", tmp_path / "d")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert str(tmp_path / "d" / "operational.db") in line
