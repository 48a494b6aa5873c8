"""A contract that never breaks is not a contract: one planted import per contract, and the clean tree.

The source trees are copied once; each violation is written, judged by `lint-imports` and taken back.
"""

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / ".importlinter"
COMMAND = (sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()")


class Seed(NamedTuple):
    contract: str
    file: str
    line: str


SEEDS = (
    Seed("packages", "aurum_api_v2/responses.py", "import aurum_api_v1.responses"),
    Seed("packages", "aurum_dao/ports/curves.py", "import aurum_services.paging"),
    Seed("packages", "aurum_core/etags.py", "def late():\n    import aurum_app"),
    Seed("routers-via-services", "aurum_api_v1/responses.py", "import aurum_dao.ports.curves"),
    Seed("routers-via-services", "aurum_api_v2/responses.py", "import aurum_dao.ports.curves"),
    Seed("services-see-ports", "aurum_services/curves.py", "import aurum_dao.warehouse.merge"),
    Seed("services-see-ports", "aurum_services/curves.py", "import aurum_dao.operational.tables"),
    Seed("adapters-one-door", "aurum_app/version.py", "import aurum_dao.adapters.duckdb"),
    Seed("implementations-two-doors", "aurum_app/version.py", "import aurum_dao.warehouse.merge"),
    Seed("implementations-two-doors", "aurum_app/version.py", "import aurum_dao.offload"),
    Seed("driver-sqlalchemy", "aurum_dao/warehouse/planted.py", "import sqlalchemy"),
    Seed("driver-psycopg", "aurum_dao/operational/planted.py", "import psycopg"),
    Seed("driver-psycopg", "aurum_dao/adapters/sqlite/planted.py", "import psycopg"),
    Seed("driver-calamine", "aurum_dao/warehouse/planted.py", "import python_calamine"),
    Seed("testing-apart", "aurum_dao/warehouse/planted.py", "import pytest"),
    Seed("light-dao", "aurum_dao/__init__.py", "import aurum_dao.warehouse.merge"),
    Seed("inside-the-dao", "aurum_dao/sql/planted.py", "import aurum_dao.migrations"),
    Seed("web-free", "aurum_services/paging.py", "import starlette.requests"),
    Seed(
        "web-free",
        "aurum_core/etags.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fastapi import Request",
    ),
    Seed("dto-pydantic-only", "aurum_core/dto/base.py", "import aurum_core.settings.limits"),
    Seed("env-one-reader", "aurum_core/settings/limits.py", "import pydantic_settings"),
    Seed("implementations-two-doors", "aurum_app/version.py", "import aurum_dao.policies.breaker"),
    Seed("driver-redis", "aurum_dao/policies/retry.py", "import redis.asyncio"),
    Seed("driver-duckdb", "aurum_dao/warehouse/merge.py", "import duckdb"),
    Seed(
        "adapters-independent",
        "aurum_dao/adapters/sqlite/planted.py",
        "import aurum_dao.adapters.duckdb",
    ),
    Seed("testing-apart", "aurum_app/version.py", "import aurum_dao.testing"),
    Seed("inside-the-app", "aurum_app/planted.py", "import json"),
    Seed("inside-the-app", "aurum_app/bodies.py", "import aurum_app.observability"),
    Seed("acyclic", "aurum_core/errors.py", "import aurum_core.problem"),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages side by side, as an installation has them."""
    place = tmp_path_factory.mktemp("tree")
    for source in (ROOT / "packages").glob("*/src/*"):
        if (source / "__init__.py").exists():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, place / source.name, ignore=ignored)
    return place


@contextmanager
def planted(tree: Path, seed: Seed) -> Iterator[None]:
    file = tree / seed.file
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{seed.line}\n")
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)


def broken_contracts(tree: Path) -> set[str]:
    """Ids of what `lint-imports` says is broken; every contract must have a verdict."""
    run = subprocess.run(
        [*COMMAND, "--no-cache", "--no-logo", str(CONTRACTS)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.*\))?$", run.stdout, re.MULTILINE))
    names = contract_names()
    if set(verdicts) != set(names.values()):
        pytest.fail(f"not every contract has a verdict:\n{run.stdout}{run.stderr}", pytrace=False)
    assert run.returncode == ("BROKEN" in verdicts.values())
    return {contract for contract, name in names.items() if verdicts[name] == "BROKEN"}


def contract_names() -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read(CONTRACTS)
    prefix = "importlinter:contract:"
    return {
        section.removeprefix(prefix): parser[section]["name"]
        for section in parser.sections()
        if section.startswith(prefix)
    }


@pytest.fixture(scope="module")
def broken_before(tree: Path) -> set[str]:
    return broken_contracts(tree)


def test_the_tree_keeps_every_contract(broken_before: set[str]):
    assert broken_before == set()


def test_every_contract_has_a_seed():
    assert {seed.contract for seed in SEEDS} == set(contract_names())


@pytest.mark.parametrize(
    "seed", SEEDS, ids=lambda seed: f"{seed.contract}:{seed.file}:{seed.line.split()[-1]}"
)
def test_a_violation_breaks_its_contract_alone(tree: Path, broken_before: set[str], seed: Seed):
    with planted(tree, seed):
        broken = broken_contracts(tree)
    assert broken - broken_before == {seed.contract}
