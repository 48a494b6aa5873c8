"""Every check of the workspace, one session each. `nox` runs the gate; `nox -l` lists the rest.

Sessions that test packages install built wheels, never the source tree, so that a file missing
from a wheel or an undeclared dependency fails here and not at a user's. `lint`, `typecheck` and
`docs` look at sources and use a synced workspace instead.
"""

import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from tools import workspace  # noqa: E402
from tools.release import Release, export_release, last_release  # noqa: E402
from tools.sum_sessions import report_name  # noqa: E402

PACKAGES = workspace.load_packages()
PYPROJECT = ROOT / "pyproject.toml"
DIST = ROOT / "dist"
CACHE = ROOT / ".cache"
REPORTS = CACHE / "reports"
LOCK = ROOT / "requirements.lock"
EXPORT = (
    *("uv", "export", "-q", "--format", "requirements.txt", "--no-emit-workspace"),
    *("--all-packages", "--no-default-groups", "--no-header"),
)
ORACLES = {"aurum-core": ("quant",), "aurum-dao": ("grammar",), "aurum-app": ("contract",)}
QUICK = "not integration and not slow"
PARALLEL = ("-n", "2", "--dist", "loadfile")
"""Two processes for the two cores of the gate; a file's tests stay together, as its fixtures do."""

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"  # safe: every install below is exact, leftovers are removed
nox.options.sessions = [
    *("build", "lint", "typecheck", "unit", "dto_only", "integration", "contract", "docs")
]

each_package = nox.parametrize("package", list(PACKAGES), ids=list(PACKAGES))


# Wheels


def sources_digest() -> str:
    """Digest of everything that enters a wheel or sdist."""
    digest = hashlib.sha256()
    members = [*(one.folder for one in PACKAGES.values()), ROOT / "testkit"]
    for folder in members:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = str(path.relative_to(ROOT))
            if not re.search(r"/(__pycache__|\.\w+)/", name):  # what tools leave behind
                digest.update(name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold a lock between processes: two runs in one clone must not build into one folder."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build_wheels(session: nox.Session) -> None:
    """Build every wheel and sdist, unless those in `dist` are of these very sources."""
    stamp = DIST / ".sources"
    with alone("build"):
        digest = sources_digest()
        if stamp.exists() and stamp.read_text() == digest:
            session.log("dist/ is up to date")
            return
        shutil.rmtree(DIST, ignore_errors=True)
        epoch = session.run("git", "log", "-1", "--format=%ct", external=True, silent=True)
        session.run(
            *("uv", "build", "-q", "--all-packages", "--no-sources", "--out-dir", str(DIST)),
            env={"SOURCE_DATE_EPOCH": str(epoch).strip()},
            external=True,
        )
        stamp.write_text(digest)


def wheel_in(folder: Path, module: str) -> str:
    """Path of the one wheel of a package in a folder."""
    (wheel,) = folder.glob(f"{module}-*.whl")
    return str(wheel)


def wheel_of(module: str) -> str:
    """Path of the wheel that these sources built."""
    return wheel_in(DIST, module)


def install(session: nox.Session, *requirements: str, groups: Sequence[str] = ()) -> None:
    """Install exactly these, before any `chdir`: uv reads `exclude-newer` from the root."""
    chosen = [part for group in groups for part in ("--group", f"{PYPROJECT}:{group}")]
    session.run_install(
        *("uv", "pip", "install", "-q", "--exact", "--no-sources", *chosen, *requirements),
        external=True,
    )
    session.run_install("uv", "pip", "check", "-q", external=True)


def install_wheels(
    session: nox.Session, *packages: workspace.Package, groups: Sequence[str] = ("test",)
) -> None:
    """Install packages with all extras, their siblings as declared, and the testkit: wheels."""
    build_wheels(session)
    siblings = {one for package in packages for one in workspace.closure_of(package, PACKAGES)}
    install(
        session,
        *sorted(wheel_of(one.module) for one in siblings - set(packages)),
        *(wheel_of(one.module) + one.with_extras for one in packages),
        wheel_of("aurum_testkit"),
        groups=groups,
    )


def sync_workspace(session: nox.Session) -> None:
    """Make the session's environment the whole workspace, editable, with every extra and group."""
    session.run_install(
        *("uv", "sync", "-q", "--all-packages", "--all-extras", "--all-groups"),
        env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location},
        external=True,
    )


# Tests


def environment() -> dict[str, str]:
    """What test runs get beyond the caller's environment."""
    wanted = {"AURUM_TEST_LAG_MS": "500"}
    beside = (up / "shared" for up in ROOT.parents)
    if shared := next((one for one in beside if (one / "golden").is_dir()), None):
        wanted["AURUM_TEST_SHARED"] = str(shared)  # tests run outside the tree and cannot look
    return {name: value for name, value in wanted.items() if name not in os.environ}


def run_pytest(session: nox.Session, *arguments: str, part: str = "") -> None:
    """Run pytest with the root's options and leave the counts for the closing line."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{report_name(session.name)}+{part}.xml"
    session.run(
        *("pytest", "-c", str(PYPROJECT), "-q", *PARALLEL, f"--junitxml={report}"),
        *arguments,
        *session.posargs,
        env=environment(),
    )


@contextmanager
def copied_tests(package: workspace.Package) -> Iterator[Path]:
    """Copy a package's tests out of the tree, so that nothing there can be imported by accident."""
    with tempfile.TemporaryDirectory(prefix=f"{package.name}-") as place:
        shutil.copytree(
            package.tests, f"{place}/tests", ignore=shutil.ignore_patterns("__pycache__")
        )
        yield Path(place)


def run_package_tests(
    session: nox.Session, package: workspace.Package, options: Sequence[str] = ()
) -> bool:
    """Run the quick tests of one package against what is installed; False when it has none."""
    session.run("python", "-I", "-c", f"import {package.module}")
    if not package.has_tests():
        session.warn(f"{package.name} has no tests yet; it installs and imports")
        return False
    with copied_tests(package) as place, session.chdir(place):
        here = (f"--rootdir={place}", f"--confcutdir={place}", "-o", "pythonpath=", "tests")
        run_pytest(session, "-m", QUICK, *options, *here, part=package.name)
    return True


def run_root_tests(session: nox.Session, *folders: str, marks: str = "not slow") -> None:
    """Run folders of the root's `tests` against the wheels of the whole house."""
    present = [one for one in folders if any((ROOT / one).rglob("test_*.py"))]
    for missing in sorted(set(folders) - set(present)):
        session.log(f"{missing} holds no tests yet")
    if not present:
        session.skip("no tests yet")
    install_wheels(session, *PACKAGES.values(), groups=("test", "contract", "lint"))
    run_pytest(session, "-m", marks, *present)


# The gate


@nox.session(venv_backend="none")
def build(session: nox.Session) -> None:
    """Wheels and sdists of every member, without workspace sources."""
    build_wheels(session)


@nox.session
def lint(session: nox.Session) -> None:
    """Lock drift, bounds between members, format, rules, contracts, dependencies, spelling."""
    sync_workspace(session)
    checks = (
        ("uv", "pip", "check", "-q"),
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("lint-imports", "--no-logo", "--cache-dir", str(CACHE / "imports")),
        ("python", "-m", "tools.linters"),
        ("codespell",),
    )
    # All of them before the verdict: whoever mends wants to see everything once.
    failed = [" ".join(check) for check in checks if not passes(session, *check)]
    for package in PACKAGES.values():
        with session.chdir(package.folder):
            if not passes(session, "deptry", "src"):
                failed.append(f"deptry in {package.name}")
    if not lock_is_fresh(session):
        failed.append("requirements.lock is not what the pyproject files resolve to: nox -s relock")
    if failed:
        session.error("; ".join(failed))


def passes(session: nox.Session, *command: str) -> bool:
    """Run one check and say whether it passed."""
    try:
        session.run(*command, external=command[0] == "uv")
    except CommandFailed:
        return False
    return True


def lock_is_fresh(session: nox.Session) -> bool:
    """Export the lock again and compare: a dependency added without `nox -s relock` shows here."""
    fresh = session.run(*EXPORT, external=True, silent=True)
    return LOCK.exists() and LOCK.read_text() == fresh


@nox.session
def typecheck(session: nox.Session) -> None:
    """Mypy strict over every source tree and the tools."""
    sync_workspace(session)
    sources = [str(one.source.relative_to(ROOT)) for one in PACKAGES.values()]
    cache = ("--cache-dir", str(mypy_cache()))
    session.run("mypy", *cache, *sources, "testkit/src", "tools", "noxfile.py")


def mypy_cache() -> Path:
    """Folder of mypy's cache for what is locked now: cached answers outlive an installation."""
    place = CACHE / "mypy"
    name = hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()[:12]
    for old in place.glob("*"):
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)
    return place / name


@nox.session
@each_package
def unit(session: nox.Session, package: str) -> None:
    """One package's quick tests, on built wheels, in an environment of its own."""
    chosen = PACKAGES[package]
    install_wheels(session, chosen, groups=("test", *ORACLES.get(package, ())))
    if not run_package_tests(session, chosen):
        session.skip("no tests yet")


@nox.session
def dto_only(session: nox.Session) -> None:
    """DTOs with pydantic alone, as a client author has them; data access without the web."""
    build_wheels(session)
    install(session, wheel_of("aurum_core"))
    session.run("python", "-I", "tools/import_budget.py", "core")
    install(session, wheel_of("aurum_core"), wheel_of("aurum_dao") + "[duckdb,sqlite]")
    session.run("python", "-I", "tools/import_budget.py", "dao")


@nox.session
def integration(session: nox.Session) -> None:
    """The composed app, both surfaces, and the architecture, on the wheels of the whole house."""
    folders = ("testkit/tests", "tests/architecture", "tests/api", "tests/integration")
    run_root_tests(session, *folders)


@nox.session
def contract(session: nox.Session) -> None:
    """OpenAPI snapshots, schemathesis, parity of the surfaces."""
    run_root_tests(session, "tests/contract")


@nox.session
def docs(session: nox.Session) -> None:
    """Links and trees of every Markdown file are true, and its Python examples run."""
    sync_workspace(session)
    session.run("python", "-m", "tools.check_docs")


# Outside the gate


@nox.session
@each_package
def lowest(session: nox.Session, package: str) -> None:
    """One package's tests on the lowest versions it declares."""
    chosen = PACKAGES[package]
    members = [*workspace.closure_of(chosen, PACKAGES), chosen]
    install(
        session,
        *("--resolution", "lowest-direct"),
        # Folders, not wheels: a wheel's requirements are transitive and would not be lowered.
        *(f"{one.folder}{one.with_extras}" for one in members),
        str(ROOT / "testkit"),
        groups=("test", *ORACLES.get(package, ())),
    )
    # An old library under a new one of its own choice may warn of what it does there; ours may not.
    old_among_new = (
        "-W",
        "default::DeprecationWarning",
        "-W",
        "default::PendingDeprecationWarning",
    )
    if not run_package_tests(session, chosen, old_among_new):
        session.skip("no tests yet")


@nox.session
@each_package
def compat(session: nox.Session, package: str) -> None:
    """One package upgraded alone among the released others, judged by its and their tests."""
    chosen = PACKAGES[package]
    releases = {one: last_release(one) for one in PACKAGES.values()}
    above = [one for one in workspace.dependents_of(chosen, PACKAGES) if releases[one]]
    around = {below for one in (chosen, *above) for below in workspace.closure_of(one, PACKAGES)}
    others = [one for one in PACKAGES.values() if one in {*above, *around} - {chosen}]
    if missing := [one.name for one in others if not releases[one]] or not others:
        session.skip(f"never released: {missing}; there is nothing to be compatible with")
    build_wheels(session)
    found = [release for one in others if (release := releases[one])]
    released = [released_package(session, release) for release in found]
    groups = {group for one in (chosen, *above) for group in ORACLES.get(one.name, ())}
    try:
        install(
            *(session, wheel_of(chosen.module) + chosen.with_extras, wheel_of("aurum_testkit")),
            *(f"{wheel_in(one.folder / 'dist', one.module)}{one.with_extras}" for one in released),
            groups=("test", *sorted(groups)),
        )
    except CommandFailed:
        session.skip(f"declared incompatible: the bounds exclude this {package}; say so in notes")
    judges = {one.name for one in above}
    for judge in (chosen, *(one for one in released if one.name in judges)):
        run_package_tests(session, judge)


def released_package(session: nox.Session, release: Release) -> workspace.Package:
    """Sources of a release with its wheel below `dist`, made once and kept."""
    folder = export_release(release, CACHE / "released")
    if not any((folder / "dist").glob("*.whl")):
        out = str(folder / "dist")
        command = ("uv", "build", "-q", "--wheel", "--no-sources", "--out-dir", out, str(folder))
        session.run(*command, external=True)
    return workspace.load_package(folder)


@nox.session
@each_package
def release_check(session: nox.Session, package: str) -> None:
    """One package's wheel and sdist: metadata, content, changelog, and the step of its version."""
    build_wheels(session)
    install(session, groups=("release",))
    built = [str(path) for path in DIST.glob(f"{PACKAGES[package].module}-*")]
    session.run("twine", "check", "--strict", *built)
    session.run("python", "-m", "tools.check_wheel", package)
    session.run("python", "-m", "tools.api_diff", package)


@nox.session
def slow(session: nox.Session) -> None:
    """Soak, storms and long property runs."""
    run_root_tests(session, "tests", marks="slow")


@nox.session
def bench(session: nox.Session) -> None:
    """Ratios against floors and peers in one run; scripts exit with 1 below a floor."""
    install_wheels(session, *PACKAGES.values(), groups=("test", "bench"))
    if any((ROOT / "benchmarks").rglob("test_*.py")):
        run_pytest(session, "benchmarks")
    for script in sorted((ROOT / "benchmarks").glob("[!_t]*.py")):
        session.run("python", str(script))


@nox.session(venv_backend="none")
def relock(session: nox.Session) -> None:
    """Resolve anew and write requirements.lock; `-- 2026-11-22T00:00:00Z` moves the date first."""
    if session.posargs:
        (instant,) = session.posargs
        text = re.sub(
            r'^exclude-newer = "[^"]*"',
            f'exclude-newer = "{instant}"',
            PYPROJECT.read_text(),
            flags=re.MULTILINE,
        )
        PYPROJECT.write_text(text)
    session.run("uv", "lock", "-q", "--upgrade", external=True)
    session.run(*EXPORT, "-o", str(LOCK), external=True, silent=True)
