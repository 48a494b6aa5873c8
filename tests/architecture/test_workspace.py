"""The packages are what the house says they are, and the tools read them right."""

from pathlib import Path

import pytest

from tools.workspace import (
    closure_of,
    dependents_of,
    load_packages,
    read_pyproject,
    requirement_name,
)

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = load_packages(ROOT)
ORDER = [
    "aurum-core",
    "aurum-dao",
    "aurum-services",
    "aurum-api-v1",
    "aurum-api-v2",
    "aurum-app",
]


def test_packages_come_dependencies_first():
    assert list(PACKAGES) == ORDER


def test_the_surfaces_do_not_know_each_other():
    needed = {one.name for one in closure_of(PACKAGES["aurum-api-v2"], PACKAGES)}
    assert needed == {"aurum-core", "aurum-dao", "aurum-services"}


def test_dependents_are_what_a_release_may_disturb():
    found = [one.name for one in dependents_of(PACKAGES["aurum-services"], PACKAGES)]
    assert found == ["aurum-api-v1", "aurum-api-v2", "aurum-app"]


@pytest.mark.parametrize("name", ORDER)
def test_sibling_bounds_have_a_floor_and_a_cap(name: str):
    project = read_pyproject(PACKAGES[name].folder)["project"]
    extras = project.get("optional-dependencies", {}).values()
    required = [*project["dependencies"], *(line for lines in extras for line in lines)]
    for line in required:
        if requirement_name(line).startswith("aurum-"):
            assert ">=" in line, line
            assert ",<" in line, line


@pytest.mark.parametrize("name", ORDER)
def test_licence_and_marker_travel_with_every_package(name: str):
    folder = PACKAGES[name].folder
    assert (folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert (PACKAGES[name].source / "py.typed").is_file()


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("aurum-core[settings]>=0.1,<0.2", "aurum-core"), ('uvloop>=0.22; a != "b"', "uvloop")],
)
def test_requirement_names(requirement: str, name: str):
    assert requirement_name(requirement) == name
