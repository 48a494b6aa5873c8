"""Open a built wheel and refuse what a user must not get or would miss.

`python -m tools.check_wheel aurum-core`
"""

import re
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from tools.release import released_versions
from tools.workspace import ROOT, Package, load_packages

TEST_PARTS = frozenset({"tests", "test", "conftest.py", "benchmarks"})


def is_test_file(name: str) -> bool:
    """Whether a path looks like a test; `aurum_dao.testing` is a promise, not a test."""
    path = PurePosixPath(name)
    return bool(TEST_PARTS & set(path.parts)) or re.fullmatch(r"test_.*\.py", path.name) is not None


def sources_of(package: Package) -> set[str]:
    """Files that the wheel must hold, as it names them."""
    found = (path for path in package.source.rglob("*") if path.is_file())
    return {
        path.relative_to(package.source.parent).as_posix()
        for path in found
        if "__pycache__" not in path.parts
    }


def check_content(package: Package, names: set[str]) -> list[str]:
    """Compare the files of a wheel with the source tree."""
    info = f"{package.module}-{package.version}.dist-info/"
    inside = {name for name in names if not name.startswith(info)}
    wanted = sources_of(package)
    faults = [f"misses {name}" for name in sorted(wanted - inside)]
    faults += [f"holds {name}, which is not in src" for name in sorted(inside - wanted)]
    faults += [f"holds a test: {name}" for name in sorted(inside) if is_test_file(name)]
    needed = (f"{package.module}/py.typed", f"{info}licenses/LICENSE")
    return faults + [f"misses {name}" for name in needed if name not in names]


def check_metadata(package: Package, text: str) -> list[str]:
    """Compare what the index will show with the promises of the house."""
    metadata = HeaderParser().parsestr(text)
    wanted = {
        "Name": package.name,
        "Version": package.version,
        "License-Expression": "Apache-2.0",
        "Requires-Python": ">=3.11",
    }
    return [
        f"{field} is {metadata[field]!r}, not {value!r}"
        for field, value in wanted.items()
        if metadata[field] != value
    ]


def check_changelog(package: Package) -> list[str]:
    """A version is told in the changelog, or its fragments wait to be."""
    told = package.version in released_versions((package.folder / "CHANGELOG.md").read_text())
    waiting = any((package.folder / "changes").glob("*.md"))
    return [] if told or waiting else [f"nothing tells what {package.version} is about"]


def check_wheel(package: Package, wheel: Path) -> list[str]:
    """Every fault of one wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        info = f"{package.module}-{package.version}.dist-info/METADATA"
        metadata = archive.read(info).decode()
    return [
        *check_content(package, names),
        *check_metadata(package, metadata),
        *check_changelog(package),
    ]


def main(name: str) -> int:
    """Print the faults of the one wheel in `dist`."""
    package = load_packages()[name]
    (wheel,) = (ROOT / "dist").glob(f"{package.module}-*.whl")
    faults = check_wheel(package, wheel)
    print("\n".join(f"{wheel.name}: {fault}" for fault in faults) or f"{wheel.name} is whole")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
