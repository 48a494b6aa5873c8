"""Every change of a package's sources tells its users: `python -m tools.fragments origin/main`."""

import re
import sys
from pathlib import PurePosixPath

from tools.release import run
from tools.workspace import ROOT, Package, load_packages

NAME = re.compile(r"(\d+|\+[a-z0-9-]+)(\.\d+)?\.(added|changed|fixed|removed|deprecated)\.md")


def check_package(package: Package, base: str) -> list[str]:
    """Faults of one package since a base commit; a release, which eats its fragments, has none."""
    folder = package.folder.relative_to(ROOT).as_posix()
    changed = run("git", "diff", "--name-only", base, "--", f"{folder}/src").split()
    added = run("git", "diff", "--name-only", "--diff-filter=A", base, "--", f"{folder}/changes")
    names = [PurePosixPath(path).name for path in added.split() if not path.endswith(".gitkeep")]
    faults = [
        f"{folder}/changes/{name}: not a fragment's name"
        for name in names
        if not NAME.fullmatch(name)
    ]
    released = run("git", "diff", "--name-only", base, "--", f"{folder}/CHANGELOG.md")
    if changed and not names and not released:
        faults.append(f"{folder}/src changed: add {folder}/changes/<id>.<kind>.md")
    return faults


def main(base: str) -> int:
    """Print what is missing."""
    faults = [one for package in load_packages().values() for one in check_package(package, base)]
    print("\n".join(faults) or "every changed package tells what changed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
