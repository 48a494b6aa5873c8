"""Print one closing line for a whole nox run: `N passed, N failed, N skipped`.

Reads a folder that holds `nox.json` (nox --report) and `<session>+<part>.xml` (pytest --junitxml)
for each pytest run. A session without such a report counts as one check; one that failed although
its tests passed (an install, a crash) is one failure: the line never looks better than nox's own.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Counts:
    """How many checks ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def report_name(session: str) -> str:
    """Turn a session's name into a file name: `unit(aurum-core)` into `unit-aurum-core`."""
    return re.sub(r"[^\w.]+", "-", re.sub(r"\w+=", "", session)).strip("-")


def counts_of(report: Path) -> Counts:
    """Read the counts of one junit file. Errors in fixtures are failures."""
    total = Counts()
    for suite in ET.parse(report).getroot().iter("testsuite"):
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        total += Counts(max(tests - failed - skipped, 0), failed, skipped)
    return total


def count_session(folder: Path, session: str, result: str) -> Counts:
    """Count one session by its pytest reports, else as one check."""
    reports = sorted(folder.glob(f"{report_name(session)}+*.xml"))
    counts = sum((counts_of(report) for report in reports), Counts())
    if result not in {"success", "skipped"} and not counts.failed:
        return counts + Counts(failed=1)
    if reports:
        return counts
    return Counts(skipped=1) if result == "skipped" else Counts(passed=1)


def sum_run(folder: Path) -> Counts:
    """Sum every session of a run; a run that left no report is a failure."""
    try:
        sessions = json.loads((folder / "nox.json").read_text())["sessions"]
    except (OSError, ValueError, KeyError):
        return Counts(failed=1)
    named = ((*one["signatures"], one["name"])[0] for one in sessions)  # `name` has no parameters
    results = (one["result"] for one in sessions)
    return sum((count_session(folder, *one) for one in zip(named, results, strict=True)), Counts())


def main(folder: str) -> int:
    """Print the closing line."""
    counts = sum_run(Path(folder))
    sys.stdout.write(f"{counts}\n")
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
