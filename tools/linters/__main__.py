"""Check every module of the packages and of the testkit."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.linters.rules import Fault, check_source
from tools.workspace import ROOT


def check_tree(root: Path) -> Iterator[tuple[Path, Fault]]:
    """Check every source module below a workspace root, in path order."""
    folders = [*sorted((root / "packages").glob("*/src")), root / "testkit" / "src"]
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            module = ".".join(path.relative_to(folder).with_suffix("").parts)
            for fault in check_source(path.read_text(encoding="utf-8"), module):
                yield path.relative_to(root), fault


def main() -> int:
    """Print each fault as `path:line: rule: what to do`."""
    found = list(check_tree(ROOT))
    for path, fault in found:
        sys.stdout.write(f"{path}:{fault.line}: {fault.rule}: {fault.message}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
