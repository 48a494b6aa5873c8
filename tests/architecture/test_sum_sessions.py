"""The closing line counts every session once and never hides one that failed."""

import json
from pathlib import Path

import pytest

from tools.sum_sessions import Counts, report_name, sum_run

REPORT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="{errors}"
failures="{failures}" skipped="{skipped}" tests="{tests}" time="1"></testsuite></testsuites>"""


def write_run(folder: Path, **sessions: str) -> None:
    found = [
        {"name": name.partition("(")[0], "signatures": [name], "result": result}
        for name, result in sessions.items()
    ]
    (folder / "nox.json").write_text(json.dumps({"result": 1, "sessions": found}))


def write_report(folder: Path, session: str, part: str = "", **counts: int) -> None:
    numbers = {"tests": 0, "errors": 0, "failures": 0, "skipped": 0} | counts
    (folder / f"{session}+{part}.xml").write_text(REPORT.format(**numbers))


def test_counts_of_all_sessions_are_added(tmp_path: Path):
    write_run(tmp_path, build="success", unit="success", slow="skipped")
    write_report(tmp_path, "unit", "core", tests=10, skipped=2)
    write_report(tmp_path, "unit", "dao", tests=1)
    assert str(sum_run(tmp_path)) == "10 passed, 0 failed, 3 skipped"


def test_sessions_with_parameters_are_told_apart(tmp_path: Path):
    write_run(tmp_path, **{"unit(aurum-core)": "success", "unit(aurum-dao)": "success"})
    write_report(tmp_path, "unit-aurum-core", tests=3)
    write_report(tmp_path, "unit-aurum-dao", tests=4)
    assert sum_run(tmp_path) == Counts(7, 0, 0)


def test_errors_in_fixtures_are_failures(tmp_path: Path):
    write_run(tmp_path, unit="failed")
    write_report(tmp_path, "unit", tests=5, failures=1, errors=2)
    assert sum_run(tmp_path) == Counts(2, 3, 0)


@pytest.mark.parametrize("result", ["failed", "aborted"])
def test_a_session_that_failed_without_a_failed_test_is_one_failure(tmp_path: Path, result: str):
    write_run(tmp_path, unit=result, lint=result)
    write_report(tmp_path, "unit", tests=5)
    assert sum_run(tmp_path) == Counts(5, 2, 0)


def test_a_run_without_a_report_failed(tmp_path: Path):
    assert sum_run(tmp_path) == Counts(failed=1)


@pytest.mark.parametrize("session", ["unit(aurum-core)", "unit(package='aurum-core')"])
def test_report_names_are_file_names(session: str):
    assert report_name(session) == "unit-aurum-core"
