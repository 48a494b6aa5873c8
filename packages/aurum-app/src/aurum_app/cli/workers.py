"""Several processes on one socket: started, watched, replaced when they die, ended together.

The parent binds and serves nothing. A worker that dies is replaced; one that fails before any has
answered ends the whole: it would fail again. Workers end when the parent does, however it ends:
the system sends them SIGTERM.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import Final

PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
TICK_SECONDS: Final = 0.1
PAUSE_SECONDS: Final = 0.5
"""How soon a worker may follow one that failed."""


class Workers:
    """The processes of one `aurum serve --workers N`."""

    def __init__(self, command: Sequence[str], sock: socket.socket, count: int) -> None:
        self._command = [*command, "--listen-fd", str(sock.fileno())]
        self._sock = sock
        self._count = count
        self._running: set[subprocess.Popen[bytes]] = set()
        self._answering = False
        self._leaving = False
        self._status = 0

    def run(self, on_started: Callable[[], None]) -> int:
        """Serve until a signal and return the exit status; `on_started` when the port answers."""
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, self._leave)
        while not self._leaving or self._running:
            self._collect()
            while not self._leaving and len(self._running) < self._count:
                self._start()
            if not (self._answering or self._leaving) and is_answering(self._sock):
                self._answering = True
                on_started()
            time.sleep(TICK_SECONDS)
        return self._status

    def _start(self) -> None:
        process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            pass_fds=(self._sock.fileno(),),
            start_new_session=True,  # Ctrl+C reaches the parent, which passes it on once
        )
        self._running.add(process)

    def _collect(self) -> None:
        for process in [one for one in self._running if one.poll() is not None]:
            self._running.remove(process)
            if process.returncode <= 0 or self._leaving:
                continue
            if not self._answering:
                self._status = process.returncode
                self._leave(signal.SIGTERM, None)
            time.sleep(PAUSE_SECONDS)

    def _leave(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's signature
        self._leaving = True
        for process in self._running:
            process.send_signal(signal.SIGTERM)


def is_answering(sock: socket.socket) -> bool:
    """Tell whether something behind the socket answers requests."""
    host, port = sock.getsockname()[:2]
    connection = HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def inherited_socket(descriptor: int) -> socket.socket:
    """Return the parent's socket in a worker, which from now on ends with its parent."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)
    return socket.socket(fileno=descriptor)
