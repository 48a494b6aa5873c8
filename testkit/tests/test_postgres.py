"""The PostgreSQL launcher: it starts as root too, and without touching anything outside."""

import os
import shutil
import subprocess

import pytest

from aurum_testkit import postgres


def test_server_answers_and_databases_come_from_a_template(postgres_server):
    psycopg = pytest.importorskip("psycopg")
    template, name = postgres.unique_name("tpl"), postgres.unique_name("db")
    with postgres_server.database(template) as made:
        postgres_server.execute("CREATE TABLE t AS SELECT 7 AS n", database=made)
        with (
            postgres_server.database(name, template=made) as copy,
            psycopg.connect(postgres_server.address(copy)) as connection,
        ):
            assert connection.execute("SELECT n FROM t").fetchone() == (7,)
        with psycopg.connect(postgres_server.address("postgres")) as connection:
            left = connection.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
            assert left.fetchone() == (0,)


def test_wrong_password_is_refused(postgres_server):
    psycopg = pytest.importorskip("psycopg")
    address = postgres_server.address("postgres", user="postgres", password="wrong")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(address)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another account")
def test_binaries_out_of_reach_are_copied(tmp_path):
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL binaries")
    hidden, place = tmp_path / "hidden" / "pginstall" / "bin", tmp_path / "place"
    hidden.mkdir(parents=True)
    (tmp_path / "hidden").chmod(0o700)
    for name in ("initdb", "postgres"):
        shutil.copy(binaries / name, hidden / name)
    place.mkdir()
    found = postgres.reachable(hidden, postgres.find_account(), place)
    assert found == place / "pginstall" / "bin"
    assert (found / "postgres").exists()
    assert (tmp_path / "hidden").stat().st_mode & 0o777 == 0o700


def test_without_a_server_the_reason_is_named(monkeypatch):
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    for name in (postgres.VARIABLE, "CI"):
        monkeypatch.delenv(name, raising=False)
    with (
        pytest.raises(pytest.skip.Exception, match="AURUM_TEST_PG_DSN"),
        postgres.require_postgres(),
    ):
        pass
    monkeypatch.setenv("CI", "true")
    with (
        pytest.raises(pytest.fail.Exception, match="AURUM_TEST_PG_DSN"),
        postgres.require_postgres(),
    ):
        pass


def test_stopped_server_is_gone():
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL binaries")
    with postgres.postgres_server(binaries) as server:
        process = server.process
        assert isinstance(process, subprocess.Popen)
        assert process.poll() is None
    assert process.returncode == 0
