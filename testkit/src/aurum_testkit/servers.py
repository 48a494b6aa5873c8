"""Start servers as processes of their own, wait until they are ready, end exactly those again."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aurum_testkit.wire import free_port

START_SECONDS = 30.0
STOP_SECONDS = 35.0
OWN_PREFIX = "AURUM_"
KEPT_PREFIX = "AURUM_TEST_"


class ServerStartError(AssertionError):
    """A server did not become ready; the message carries the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running process, where it answers and where it writes."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    output: Path

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def printed(self) -> str:
        """Everything the process wrote so far, both streams."""
        return self.output.read_text(errors="replace")

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Ask the process to end and return its exit code; kill it when it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End the process as a crash would."""
        self.process.kill()
        return self.process.wait()


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Our environment without settings of the product: the caller's shell decides nothing."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OWN_PREFIX) or name.startswith(KEPT_PREFIX)
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def answers(url: str, *, statuses: Sequence[int] = (200,)) -> bool:
    """Whether a GET of the address gives one of these statuses now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status) in statuses
    except urllib.error.HTTPError as error:
        with error:
            return error.code in statuses
    except OSError:
        return False


def wait_until(ready: Callable[[], bool], server: Server, seconds: float = START_SECONDS) -> None:
    """Wait until the condition holds; a process that ends first is an error at once."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        if server.process.poll() is not None:
            raise ServerStartError(
                f"ended with {server.process.returncode} before it was ready:\n"
                f"{server.printed()[-4000:]}"
            )
        time.sleep(0.02)
    raise ServerStartError(f"not ready after {seconds} s:\n{server.printed()[-4000:]}")


@contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    host: str = "127.0.0.1",
    ready: Callable[[Server], bool],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    start_seconds: float = START_SECONDS,
) -> Iterator[Server]:
    """Run a command, yield once it is ready, end it afterwards, whatever the test did."""
    with tempfile.TemporaryDirectory(prefix="aurum-server-") as place:
        output = Path(place) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=clean_environment(env or {}),
                cwd=cwd or place,
            )
        server = Server(process, host, port, output)
        try:
            wait_until(lambda: ready(server), server, start_seconds)
            yield server
        finally:
            server.stop()


@contextmanager
def aurum_server(
    data_dir: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    ready_path: str = "/readyz",
    start_seconds: float = START_SECONDS,
) -> Iterator[Server]:
    """Run `aurum serve` on a data directory and a free port; settings come from `env` alone."""
    chosen = free_port() if port is None else port
    program = str(Path(sys.executable).with_name("aurum"))
    command = (program, "serve", "--port", str(chosen), "--data-dir", str(data_dir), *arguments)
    with running(
        command,
        port=chosen,
        ready=lambda server: answers(f"{server.url}{ready_path}"),
        env=env,
        start_seconds=start_seconds,
    ) as server:
        yield server


@contextmanager
def uvicorn_server(
    application: str, *arguments: str, env: Mapping[str, str] | None = None, path: str = "/"
) -> Iterator[Server]:
    """Run a bare application, `module:name`, under stock uvicorn: the floor of a ratio."""
    port = free_port()
    command = (sys.executable, "-m", "uvicorn", application, "--port", str(port), *arguments)
    reached = (200, 404)
    with running(
        command,
        port=port,
        ready=lambda server: answers(f"{server.url}{path}", statuses=reached),
        env=env,
        cwd=Path.cwd(),
    ) as server:
        yield server
