"""Release one package: `python -m tools.release aurum-core minor`.

Judges the step by semver, bumps the version, turns the fragments into a changelog section, commits
and tags. The first release of a package is `first`: it keeps the version that is written. What the
tool cannot know is printed: the dependents whose floor may have to rise. Publishing is another step
with other rights.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.workspace import ROOT, Package, dependents_of, load_packages

HEADING = re.compile(r"^## (?:\S+ )?\[?v?(\d+\.\d+\.\d+)\]?.*$", re.MULTILINE)


class ReleaseError(Exception):
    """A release cannot go on; the message says what to do first."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that users have, and the commit it was made of."""

    package: Package
    version: str
    commit: str


def run(*command: str, root: Path = ROOT) -> str:
    """Run a command in the workspace and return what it printed."""
    done = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def number_of(version: str) -> tuple[int, ...]:
    """`0.10.2` sorts after `0.9.0`."""
    return tuple(int(part) for part in version.split("."))


def released_versions(changelog: str) -> list[str]:
    """Versions that have a section in a changelog, newest first."""
    return sorted(HEADING.findall(changelog), key=number_of, reverse=True)


def section_of(changelog: str, version: str) -> str:
    """Return the section of one version, without its heading."""
    for match in HEADING.finditer(changelog):
        if match.group(1) == version:
            following = HEADING.search(changelog, match.end())
            return changelog[match.end() : following.start() if following else None].strip()
    raise ReleaseError(f"the changelog has no section for {version}")


def last_release(package: Package, root: Path = ROOT) -> Release | None:
    """Find the newest release: a version with a changelog section, at its tag or its commit."""
    folder = package.folder.relative_to(root)
    versions = released_versions((package.folder / "CHANGELOG.md").read_text())
    if not versions:
        return None
    version = versions[0]
    tag = f"{package.name}-v{version}"
    if run("git", "tag", "--list", tag, root=root):
        return Release(package, version, run("git", "rev-list", "-1", tag, root=root))
    # A clone without tags: the commit that released it wrote the heading.
    wrote = run(
        *("git", "log", "--format=%H", f"-S {version}", "--", f"{folder}/CHANGELOG.md"), root=root
    ).split()
    return Release(package, version, wrote[-1]) if wrote else None


def export_release(release: Release, place: Path, root: Path = ROOT) -> Path:
    """Unpack the released sources of a package below a folder, once."""
    folder = release.package.folder.relative_to(root)
    target = place / f"{release.package.name}-{release.version}"
    if not target.exists():
        target.mkdir(parents=True)
        archive = subprocess.Popen(
            ["git", "archive", release.commit, str(folder)], cwd=root, stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "x", "-C", str(target)], stdin=archive.stdout, check=True)
        if archive.wait():
            raise ReleaseError(f"{release.commit} holds no {folder}")
    return target / folder


def check_ready(package: Package) -> None:
    """Refuse a dirty tree and a package without anything to tell."""
    if run("git", "status", "--porcelain"):
        raise ReleaseError("commit first: the tree has changes")
    if not any((package.folder / "changes").glob("*.md")):
        raise ReleaseError(f"{package.folder.name}/changes is empty: there is nothing to release")


def next_version(package: Package, part: str) -> str:
    """Return the version that a step leads to; `first` releases the one that is written."""
    if part == "first":
        return package.version
    step = ("--package", package.name, "--bump", part, "--dry-run", "--short")
    return run("uv", "version", "--frozen", *step)


def write_release(package: Package, version: str) -> None:
    """Write the version and turn the fragments into its changelog section."""
    run("uv", "version", "-q", "--no-sync", "--package", package.name, version)
    place = ("--dir", str(package.folder.relative_to(ROOT)), "--name", package.name)
    config = ("--config", "tools/towncrier.toml")
    run("towncrier", "build", *config, *place, "--version", version, "--yes")


def report_dependents(package: Package, packages: Mapping[str, Package]) -> None:
    """Print the bounds that others declare on a package."""
    for one in dependents_of(package, packages):
        text = (one.folder / "pyproject.toml").read_text()
        bounds = sorted(set(re.findall(rf'"{package.name}(?:\[[^\]]*\])?([<>=!~][^"]*)"', text)))
        if bounds:
            print(f"{one.name} asks for {package.name} {' and '.join(bounds)}")


def release(package: Package, part: str) -> str:
    """Judge, then bump, tell, commit and tag; return the tag."""
    from tools import api_diff

    before = last_release(package)
    if (before is None) != (part == "first"):
        raise ReleaseError(f"last release: {before.version if before else 'none'}; not {part}")
    check_ready(package)
    version = next_version(package, part)
    if before and (faults := api_diff.judge(package, before, version)):
        raise ReleaseError("\n".join([f"{version} is too small a step:", *faults]))
    write_release(package, version)
    section = section_of((package.folder / "CHANGELOG.md").read_text(), version)
    title, tag = f"{package.name} {version}", f"{package.name}-v{version}"
    run("git", "commit", "-q", "-a", "-m", f"release: {title}")
    run("git", "tag", "-a", tag, "--cleanup=verbatim", "-m", f"{title}\n\n{section}")
    return tag


def main() -> int:
    """Release the package that was asked for."""
    packages = load_packages()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", choices=list(packages))
    parser.add_argument("part", choices=["first", "patch", "minor", "major"])
    chosen = parser.parse_args()
    package = packages[chosen.package]
    try:
        tag = release(package, chosen.part)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    report_dependents(package, packages)
    print(f"{tag} is made. Next: nox -s release_check compat lowest, and only then push it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
