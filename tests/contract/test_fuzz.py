"""Generated requests against both OpenAPI documents, over a real server: nothing may be found."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aurum_testkit.servers import aurum_server

pytestmark = pytest.mark.integration
CASES = int(os.environ.get("AURUM_TEST_FUZZ_CASES", "12"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with aurum_server(tmp_path_factory.mktemp("fuzz")) as running:
        yield running


def fuzz(url: str, tmp_path: Path, cases: int, *extra: str) -> str:
    """Run every check over every operation of a document; return what was printed."""
    report = tmp_path / "report"
    command = (
        *(str(Path(sys.executable).with_name("schemathesis")), "run", url),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing", "-n", str(cases)),
        # rules between parameters (a cursor of another request, end before start) are not in JSON
        # Schema, so a request that fits the schema may still be refused: with 4xx, as documented
        *("--exclude-checks", "positive_data_acceptance"),
        *("-w", "2", "--seed", "1", "--continue-on-failure", "--no-color"),
        *("--report", "ndjson", "--report-dir", str(report)),
        *extra,
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    assert list(report.iterdir()), "the run left no report"
    return done.stdout


@pytest.mark.parametrize("surface", ["v1", "v2"])
def test_schemathesis_finds_nothing(server, tmp_path, surface):
    printed = fuzz(f"{server.url}/{surface}/openapi.json", tmp_path, CASES)
    assert "Test cases" in printed


@pytest.mark.slow
@pytest.mark.parametrize("surface", ["v1", "v2"])
def test_schemathesis_finds_nothing_in_the_long_run(server, tmp_path, surface):
    fuzz(f"{server.url}/{surface}/openapi.json", tmp_path, 200)


def test_the_server_is_well_after_it(server):
    import urllib.request

    with urllib.request.urlopen(f"{server.url}/readyz", timeout=5) as answer:
        assert json.load(answer)
