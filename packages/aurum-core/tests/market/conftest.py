"""Goldens travel with the tests; the larger real data lies in a `shared` folder beside the clone."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture(scope="session")
def golden() -> Any:
    """Read a golden file by name: parsed JSON, or the rows of a CSV."""

    def read(name: str) -> Any:
        text = (GOLDEN / name).read_text()
        return (
            json.loads(text) if name.endswith(".json") else list(csv.DictReader(text.splitlines()))
        )

    return read


@pytest.fixture(scope="session")
def shared() -> Path:
    """The design folder with the real data sets, or a skip that says where it was looked for."""
    named = os.environ.get("AURUM_TEST_SHARED")
    places = [Path(named)] if named else [up / "shared" for up in Path(__file__).resolve().parents]
    for place in places:
        if (place / "golden").is_dir() and (place / "data").is_dir():
            return place
    pytest.skip(
        "no `shared` folder (AURUM_TEST_SHARED, or beside the clone): real data not at hand"
    )


@pytest.fixture(scope="session")
def checks(shared: Path) -> dict[str, dict[str, str]]:
    """CHECKS.csv by id."""
    with (shared / "data" / "CHECKS.csv").open(newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reads the design folder, so that `-m "not shared"` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "shared" in getattr(item, "fixturenames", ()):
            item.add_marker("shared")
