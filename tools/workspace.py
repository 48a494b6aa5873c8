"""What the workspace consists of, read from the pyproject files and nowhere else."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "aurum-"


@dataclass(frozen=True, slots=True)
class Package:
    """One library of the workspace and the siblings it declares, extras included."""

    name: str
    folder: Path
    version: str
    extras: tuple[str, ...]
    siblings: frozenset[str]

    @property
    def module(self) -> str:
        """Import name."""
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        """Folder of the import package."""
        return self.folder / "src" / self.module

    @property
    def tests(self) -> Path:
        """Folder of the package's own tests."""
        return self.folder / "tests"

    @property
    def with_extras(self) -> str:
        """Extras as a requirement writes them, `[a,b]`, empty when there are none."""
        return f"[{','.join(self.extras)}]" if self.extras else ""

    def has_tests(self) -> bool:
        """Whether a test module exists at all."""
        return any(self.tests.rglob("test_*.py"))


def read_pyproject(folder: Path) -> dict[str, Any]:
    """Parse the `pyproject.toml` of a folder."""
    with (folder / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def requirement_name(requirement: str) -> str:
    """`aurum-core[settings]>=0.1` names `aurum-core`."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    if match is None:
        raise ValueError(f"not a requirement: {requirement!r}")
    return match.group().lower()


def load_package(folder: Path) -> Package:
    """Read one package from its folder."""
    project = read_pyproject(folder)["project"]
    extras: dict[str, list[str]] = project.get("optional-dependencies", {})
    required = [
        *project.get("dependencies", []),
        *(line for lines in extras.values() for line in lines),
    ]
    names = {requirement_name(line) for line in required}
    return Package(
        name=project["name"],
        folder=folder,
        version=project["version"],
        extras=tuple(sorted(extras)),
        siblings=frozenset(name for name in names if name.startswith(PREFIX)) - {project["name"]},
    )


def in_order(packages: Mapping[str, Package]) -> Iterator[Package]:
    """Yield each package after everything it depends on: releases and messages read bottom up."""
    waiting = dict(sorted(packages.items()))
    done: set[str] = set()
    while waiting:
        ready = next((name for name, one in waiting.items() if one.siblings <= done), None)
        if ready is None:
            raise ValueError(f"packages depend on each other in a ring: {', '.join(waiting)}")
        done.add(ready)
        yield waiting.pop(ready)


def load_packages(root: Path = ROOT) -> Mapping[str, Package]:
    """Read the published packages, dependencies first. The testkit is a member but no package."""
    folders = sorted(path.parent for path in (root / "packages").glob("*/pyproject.toml"))
    found = {one.name: one for one in map(load_package, folders)}
    return MappingProxyType({one.name: one for one in in_order(found)})


def closure_of(package: Package, packages: Mapping[str, Package]) -> tuple[Package, ...]:
    """Return the siblings that a package needs, directly or through others, dependencies first."""
    needed: set[str] = set()
    open_names = set(package.siblings)
    while open_names:
        name = open_names.pop()
        needed.add(name)
        open_names |= packages[name].siblings - needed
    return tuple(one for name, one in packages.items() if name in needed)


def dependents_of(package: Package, packages: Mapping[str, Package]) -> tuple[Package, ...]:
    """Return the siblings that need a package, directly or through others, dependencies first."""
    return tuple(one for one in packages.values() if package in closure_of(one, packages))
