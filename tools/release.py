"""Release one package: `python -m tools.release aurum-core minor`.

Bumps the version, turns the fragments into a changelog section, judges the change by semver,
commits and tags. What it cannot know is printed: the dependents whose floor may have to rise.
Publishing is another step with other rights.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.workspace import ROOT, Package, dependents_of, load_packages, read_pyproject

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


def bump(package: Package, part: str) -> str:
    """Raise the version, write the changelog section and return the new version."""
    run("uv", "version", "--no-sync", "--package", package.name, "--bump", part)
    version: str = read_pyproject(package.folder)["project"]["version"]
    folder = str(package.folder.relative_to(ROOT))
    run("towncrier", "build", "--dir", folder, "--version", version, "--yes")
    return version


def report_dependents(package: Package, packages: Mapping[str, Package]) -> None:
    """Print the bounds that others declare on a package."""
    for one in dependents_of(package, packages):
        text = (one.folder / "pyproject.toml").read_text()
        bounds = sorted(set(re.findall(rf'"{package.name}(?:\[[^\]]*\])?([<>=!~][^"]*)"', text)))
        if bounds:
            print(f"{one.name} asks for {package.name} {' and '.join(bounds)}")


def release(package: Package, part: str, packages: Mapping[str, Package]) -> str:
    """Bump, tell, judge, commit and tag; return the tag."""
    from tools import api_diff

    before = last_release(package)
    check_ready(package)
    version = bump(package, part)
    if before and (faults := api_diff.judge(package, before, version)):
        raise ReleaseError("\n".join([f"{version} is too small a step:", *faults]))
    section = section_of((package.folder / "CHANGELOG.md").read_text(), version)
    title, tag = f"{package.name} {version}", f"{package.name}-v{version}"
    run("git", "commit", "-a", "-m", f"release: {title}")
    run("git", "tag", "-a", tag, "--cleanup=verbatim", "-m", f"{title}\n\n{section}")
    report_dependents(package, packages)
    return tag


def main() -> int:
    """Release the package that was asked for."""
    packages = load_packages()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", choices=list(packages))
    parser.add_argument("part", choices=["patch", "minor", "major"])
    chosen = parser.parse_args()
    try:
        tag = release(packages[chosen.package], chosen.part, packages)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{tag} is made. Next: nox -s release_check compat lowest, and only then push it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
