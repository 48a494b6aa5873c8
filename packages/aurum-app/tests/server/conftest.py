import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from aurum_testkit.servers import Server, answers, running
from aurum_testkit.wire import free_port

SMALL_APP = Path(__file__).with_name("small_app.py")
Start = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def start() -> Start:
    """Start the small application with a drain delay and a shutdown timeout."""

    @contextmanager
    def run(drain: float = 0, shutdown: float = 5) -> Iterator[Server]:
        port = free_port()
        command = (sys.executable, str(SMALL_APP), str(port), str(drain), str(shutdown))
        with running(command, port=port, ready=lambda s: answers(f"{s.url}/readyz")) as server:
            yield server

    return run


@pytest.fixture(scope="module")
def server(start: Start) -> Iterator[Server]:
    with start() as running_server:
        yield running_server
