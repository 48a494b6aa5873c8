"""A bounded executor for blocking engines: nobody waits past a deadline, nothing runs for nobody.

A call takes a slot (waiting at most `queue_seconds`), runs on a worker thread, and is answered at
its deadline even when the thread has not come back. What nobody waits for any more is interrupted,
again and again until it ends; its slot is free only then, so abandoned work is shed, not hoarded.
"""

import asyncio
from _thread import start_new_thread
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from aurum_core.deadline import seconds_left
from aurum_core.errors import DeadlineError, OverloadedError, UnavailableError

T = TypeVar("T")
Interrupt = Callable[[], None]
QUEUE_SECONDS = 0.25
OWN_SECONDS = 30.0
NAG_SECONDS = 0.05
CLOSE_SECONDS = 5.0


def no_interrupt() -> None:
    """Let the work end by itself: for what is short."""


class Offload:
    """Runs blocking work on its own threads; one per engine and class of work, in one event loop.

    `name` is the dependency that errors name. Close it with `aclose`.
    """

    __slots__ = (
        "_closed",
        "_idle",
        "_loop",
        "_running",
        "_slots",
        "_threads",
        "name",
        "queue_seconds",
    )

    def __init__(self, workers: int, *, name: str, queue_seconds: float = QUEUE_SECONDS) -> None:
        self.name = name
        self.queue_seconds = queue_seconds
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(workers)
        self._threads = _Threads(workers)
        self._running: dict[Future[Any], Interrupt] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def busy(self) -> int:
        """Return how many slots are taken, by work that is awaited or abandoned."""
        return len(self._running)

    async def run(
        self,
        work: Callable[[], T],
        interrupt: Interrupt = no_interrupt,
        *,
        seconds: float | None = None,
    ) -> T:
        """Return what the work returns; `interrupt` is called from the loop and must not block.

        `seconds` replaces what the request has left, at most 30 s.

        Raises:
            OverloadedError: no slot came free in time.
            DeadlineError: the time passed; the work was interrupted.
            UnavailableError: the executor is closing.
        """
        until = self._loop.time() + (seconds_left(OWN_SECONDS) if seconds is None else seconds)
        await self._take_slot(min(self.queue_seconds, until - self._loop.time()))
        answer: asyncio.Future[T] = self._loop.create_future()
        job = self._submit(work, interrupt, answer)
        try:
            async with asyncio.timeout_at(until):
                return await answer
        except TimeoutError:
            if not answer.cancelled():  # the work's own
                raise
            self._nag(job)
            raise DeadlineError from None
        except asyncio.CancelledError:
            self._nag(job)
            raise

    async def aclose(self) -> None:
        """Take no more work, interrupt what runs, wait up to 5 s for it."""
        self._closed = True
        for job in list(self._running):
            self._nag(job)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._idle.wait()
        self._threads.end()

    async def _take_slot(self, seconds: float) -> None:
        if self._closed:
            raise UnavailableError(self.name)
        if not self._slots.locked():
            await self._slots.acquire()  # at once
            return
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            detail = f"The {self.name} is too busy: no free slot in time."
            raise OverloadedError(self.name, detail, retry_after=1.0) from None

    def _submit(
        self, work: Callable[[], T], interrupt: Interrupt, answer: "asyncio.Future[T]"
    ) -> "Future[T]":
        if self._closed:
            self._slots.release()
            raise UnavailableError(self.name)
        job = self._threads.submit(work)
        self._running[job] = interrupt
        self._idle.clear()
        job.add_done_callback(lambda done: self._call_soon(self._settle, done, answer))
        return job

    def _call_soon(self, call: Callable[..., None], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def _settle(self, job: "Future[T]", answer: "asyncio.Future[T]") -> None:
        self._running.pop(job, None)
        if not self._running:
            self._idle.set()
        self._slots.release()
        if answer.done():
            return  # nobody waits
        if job.cancelled():
            answer.set_exception(UnavailableError(self.name))
        elif (error := job.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(job.result())

    def _nag(self, job: "Future[Any]") -> None:
        interrupt = self._running.get(job)
        if interrupt is None or job.cancel():
            return
        interrupt()
        self._loop.call_later(NAG_SECONDS, self._nag, job)


class _Threads:
    """Threads that take work from one queue; they end when told to, or with the process.

    `threading.Thread.start` waits until the thread runs, which on a busy machine holds the loop up.
    """

    __slots__ = ("_count", "_jobs")

    def __init__(self, count: int) -> None:
        self._count = count
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        for _ in range(count):
            start_new_thread(self._run, ())

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        job: Future[T] = Future()
        self._jobs.put((job, work))
        return job

    def end(self) -> None:
        for _ in range(self._count):
            self._jobs.put(None)

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            _complete(*item)
            del item  # an idle thread keeps nothing alive


def _complete(job: "Future[T]", work: Callable[[], T]) -> None:
    if not job.set_running_or_notify_cancel():
        return
    try:
        job.set_result(work())
    except BaseException as error:  # noqa: BLE001 - whoever awaits the job gets it
        job.set_exception(error)
