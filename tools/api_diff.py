"""What a package took away from its users since its last release.

`python -m tools.api_diff aurum-core`
"""

import sys

import griffe

from tools.release import Release, last_release, number_of
from tools.workspace import ROOT, Package, load_packages


def may_break(old: str, new: str) -> bool:
    """A major version may break; before 1.0 a minor version may."""
    before, after = number_of(old), number_of(new)
    return after[: 1 if before[0] else 2] > before[: 1 if before[0] else 2]


def breakages(package: Package, release: Release) -> list[str]:
    """Every public name that went away or asks for more than it did at the release."""
    sources = str((package.folder / "src").relative_to(ROOT))
    old = griffe.load_git(package.module, ref=release.commit, repo=ROOT, search_paths=[sources])
    new = griffe.load(package.module, search_paths=[ROOT / sources])
    found = griffe.find_breaking_changes(old, new)
    return [one.explain(style=griffe.ExplanationStyle.MARKDOWN) for one in found]


def judge(package: Package, release: Release, version: str) -> list[str]:
    """Breakages that this version is not allowed to have."""
    return [] if may_break(release.version, version) else breakages(package, release)


def main(name: str) -> int:
    """Compare a package with its last release; fail when its version is too small a step."""
    package = load_packages()[name]
    release = last_release(package)
    if release is None:
        print(f"{name} was never released: nothing to compare with")
        return 0
    found = breakages(package, release)
    print("\n".join(found) or f"{name} takes nothing away since {release.version}")
    return 1 if judge(package, release, package.version) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
