"""`aurum migrate` and `aurum load` with PostgreSQL, as an operator runs them."""

import subprocess
import sys
from pathlib import Path

import pytest

from aurum_core.settings import SettingsError
from aurum_dao.adapters.postgres.engine import open_load_ledger
from aurum_dao.adapters.postgres.migrating import migrate_postgres
from aurum_testkit.servers import clean_environment

pytestmark = pytest.mark.integration
PROGRAM = str(Path(sys.executable).with_name("aurum"))
ROWS = """iso_code,market,location_id,interval_start,interval_minutes,price_total,currency,uom,finality
PJM,DAY_AHEAD_HOURLY,WEST,2026-03-02T05:00:00Z,60,31.00,USD,USD/MWh,final
PJM,DAY_AHEAD_HOURLY,WEST,2026-03-02T06:00:00Z,60,nonsense,USD,USD/MWh,final
"""


def start(database, folder, *arguments, **without):
    settings = database.settings()
    env = {
        "AURUM_STORAGE_OPERATIONAL": "postgres",
        "AURUM_POSTGRES_DSN": settings.dsn.get_secret_value(),
        "AURUM_POSTGRES_MIGRATION_DSN": settings.migration_dsn.get_secret_value(),
    }
    kept = {name: value for name, value in env.items() if name not in without}
    return subprocess.Popen(
        [PROGRAM, *arguments, "--data-dir", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(kept),
    )


def run(*arguments, **without):
    process = start(*arguments, **without)
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def test_two_at_once_migrate_once_and_then_a_load_is_written_down(empty_database, tmp_path):
    both = [start(empty_database, tmp_path, "migrate") for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert all("→ 0001" in one for one in said)

    file = tmp_path / "prices.csv"
    file.write_text(ROWS)
    code, text = run(empty_database, tmp_path, "load", "lmp", str(file), "--source", "test")
    assert code == 0, text
    ledger = open_load_ledger(empty_database.settings())
    (load,) = ledger.list_loads()
    assert (load.state, load.counts.inserted, load.counts.quarantined) == ("committed", 1, 1)
    assert len(ledger.list_rejections(load.load_seq)) == 1
    ledger.close()
    assert not (tmp_path / "operational.db").exists()


def test_a_load_before_the_migration_says_what_to_do(empty_database, tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text(ROWS)
    code, text = run(empty_database, tmp_path, "load", "lmp", str(file), "--source", "test")
    assert code == 1
    assert "run `aurum migrate`" in text


def test_the_owner_is_never_guessed(empty_database, tmp_path):
    code, text = run(empty_database, tmp_path, "migrate", AURUM_POSTGRES_MIGRATION_DSN=None)
    assert code == 2
    assert "AURUM_POSTGRES_MIGRATION_DSN is required" in text


def test_it_goes_down_and_up_on_either_engine(own_database, tmp_path):
    code, text = run(own_database, tmp_path, "migrate", "--down-to", "base")
    assert (code, text.strip()) == (0, "operational store (postgres): 0001 → base")
    code, text = run(own_database, tmp_path, "migrate", "--down-to", "9999")
    assert (code, text.strip()) == (1, "aurum: There is no revision 9999.")
    for told in ("base → 0001", "0001 → base"):
        down = ("--down-to", "base") if told.endswith("base") else ()
        embedded = {"AURUM_STORAGE_OPERATIONAL": None, "AURUM_POSTGRES_DSN": None}
        code, text = run(own_database, tmp_path, "migrate", *down, **embedded)
        assert (code, text.strip()) == (0, f"operational store (sqlite): {told}")


def test_without_the_role_that_serves_the_owner_is_told(empty_database, postgres_server):
    """A role is of the whole server: hidden by its name, not dropped from under other tests."""
    postgres_server.execute("ALTER ROLE aurum_app RENAME TO aurum_hidden")
    try:
        with pytest.raises(SettingsError, match="CREATE ROLE aurum_app"):
            migrate_postgres(empty_database.settings())
    finally:
        postgres_server.execute("ALTER ROLE aurum_hidden RENAME TO aurum_app")
