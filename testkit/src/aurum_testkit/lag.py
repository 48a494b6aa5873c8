"""See what keeps an asyncio loop from turning, with the line that did it.

Blocking-call detectors know a list of Python functions; they miss C code (a driver's fetch, a
parser) and pure computing. This watch times every callback of every asyncio loop in the process,
whatever it calls, and a thread looks at the stack of one that takes too long. Loops that are not
asyncio's own (uvloop) are out of its sight: a server in its own process is measured from outside.

A busy machine is not a stall: time in which the watching thread itself was not scheduled is taken
off, unless the callback was computing all the while. Nor is a collection of garbage: what a test
process piles up says nothing about a server.
"""

import asyncio
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Self

LIMIT_VARIABLE = "AURUM_TEST_LAG_MS"
TICK = 0.01
HANDLE: Any = asyncio.Handle  # what a loop calls; its one method is replaced while we watch


def lag_limit() -> float:
    """Seconds that a callback may take: AURUM_TEST_LAG_MS, else 100 ms, in CI 500 ms."""
    usual = "500" if os.environ.get("CI") else "100"
    return float(os.environ.get(LIMIT_VARIABLE) or usual) / 1000


@dataclass(frozen=True, slots=True)
class Stall:
    """One callback that held the loop too long, and where it was when seen."""

    seconds: float
    callback: str
    stack: str

    def __str__(self) -> str:
        where = self.stack or "(never seen inside: C code that kept the interpreter lock)\n"
        return f"the loop stood still for {self.seconds * 1000:.0f} ms in {self.callback}\n{where}"


@dataclass(slots=True)
class _Turn:
    """A callback that runs now, in one thread."""

    started: float
    waited: float
    collected: float
    stack: str = ""


class LagWatch:
    """Watch every asyncio loop of the process between enter and exit."""

    def __init__(self, limit: float | None = None) -> None:
        self.limit = lag_limit() if limit is None else limit
        self._turns: dict[int, _Turn] = {}
        self._stalls: list[Stall] = []
        self._waited = 0.0
        self._collected = 0.0
        self._collecting = 0.0
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, name="lag-watch", daemon=True)

    def __enter__(self) -> Self:
        self._run: Callable[[asyncio.Handle], None] = HANDLE._run  # noqa: SLF001
        HANDLE._run = self._timed()  # noqa: SLF001
        gc.callbacks.append(self._note_collection)
        self._sampler.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        HANDLE._run = self._run  # noqa: SLF001
        gc.callbacks.remove(self._note_collection)
        self._ended.set()
        self._sampler.join()

    def take(self) -> list[Stall]:
        """Return the stalls since the last call and forget them."""
        stalls, self._stalls = self._stalls, []
        return stalls

    def _timed(self) -> Callable[[asyncio.Handle], None]:
        run, turns = self._run, self._turns

        def timed(handle: asyncio.Handle) -> None:
            thread = threading.get_ident()
            computing = time.thread_time()
            turn = turns[thread] = _Turn(time.perf_counter(), self._waited, self._collected)
            try:
                run(handle)
            finally:
                turns.pop(thread, None)
                self._judge(turn, handle, time.thread_time() - computing)

        return timed

    def _judge(self, turn: _Turn, handle: asyncio.Handle, computing: float) -> None:
        elapsed = time.perf_counter() - turn.started
        if elapsed <= self.limit:
            return
        collected = self._collected - turn.collected
        waited = self._waited - turn.waited
        seconds = max(computing, elapsed - waited) - collected
        if seconds > self.limit:
            self._stalls.append(Stall(seconds, repr(handle), turn.stack))

    def _note_collection(self, phase: str, info: dict[str, int]) -> None:  # noqa: ARG002
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self._collected += time.perf_counter() - self._collecting

    def _sample(self) -> None:
        frames: Callable[[], dict[int, FrameType]] = sys._current_frames  # noqa: SLF001
        before = time.perf_counter()
        while not self._ended.wait(TICK):
            now = time.perf_counter()
            self._waited += max(0.0, now - before - 2 * TICK)
            before = now
            for thread, turn in list(self._turns.items()):
                if not turn.stack and now - turn.started > self.limit / 2:
                    frame = frames().get(thread)
                    turn.stack = "".join(traceback.format_stack(frame)[-8:]) if frame else ""
