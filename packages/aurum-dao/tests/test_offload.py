"""The bounded executor answers in time, sheds what it cannot take, and frees what nobody awaits."""

import asyncio
import sys
import threading
import time

import pytest

from aurum_core.deadline import Deadline, deadline_scope
from aurum_core.errors import DeadlineError, OverloadedError, UnavailableError
from aurum_dao.offload import Offload


class Stubborn:
    """Work that ends when it was interrupted often enough, or when told to."""

    def __init__(self, interrupts=1):
        self.started = threading.Event()
        self.ended = threading.Event()
        self._left = interrupts

    def work(self):
        self.started.set()
        self.ended.wait(5)
        return "late"

    def interrupt(self):
        self._left -= 1
        if self._left <= 0:
            self.ended.set()


def run(scenario, *, workers=1, queue_seconds=0.05):
    async def main():
        offload = Offload(workers, name="engine", queue_seconds=queue_seconds)
        try:
            return await scenario(offload)
        finally:
            await offload.aclose()

    return asyncio.run(main())


async def started(work):
    await asyncio.to_thread(work.started.wait)


def test_the_answer_and_the_error_are_the_works_own():
    def fail():
        raise TimeoutError("the engine's")

    async def scenario(offload):
        assert await offload.run(lambda: 42) == 42
        with pytest.raises(TimeoutError, match="engine's"):
            await offload.run(fail)
        assert offload.busy == 0

    run(scenario)


def test_the_deadline_answers_before_the_thread_does():
    stubborn = Stubborn(interrupts=4)

    async def scenario(offload):
        begun = time.monotonic()
        with pytest.raises(DeadlineError):
            await offload.run(stubborn.work, stubborn.interrupt, seconds=0.05)
        assert time.monotonic() - begun < 0.15
        assert offload.busy == 1  # its slot is not free before the thread is
        with pytest.raises(OverloadedError):
            await offload.run(lambda: 1)
        assert stubborn.ended.wait(0) or await asyncio.sleep(0.3, result=True)
        assert await offload.run(lambda: 2) == 2

    run(scenario)


def test_the_requests_deadline_counts():
    async def scenario(offload):
        with deadline_scope(Deadline.after(0.06)):
            stubborn = Stubborn()
            with pytest.raises(DeadlineError):
                await offload.run(stubborn.work, stubborn.interrupt)
        with deadline_scope(Deadline.after(0.01)), pytest.raises(DeadlineError):
            await offload.run(lambda: pytest.fail("not worth starting"))

    run(scenario)


def test_cancelling_interrupts_and_frees():
    stubborn = Stubborn(interrupts=2)

    async def scenario(offload):
        task = asyncio.create_task(offload.run(stubborn.work, stubborn.interrupt))
        await started(stubborn)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.2)
        assert offload.busy == 0
        assert await offload.run(lambda: 1) == 1

    run(scenario)


def test_a_full_queue_sheds_within_the_queue_wait():
    stubborn = Stubborn()

    async def scenario(offload):
        task = asyncio.create_task(offload.run(stubborn.work, stubborn.interrupt))
        await started(stubborn)
        begun = time.monotonic()
        results = await asyncio.gather(
            *(offload.run(lambda: 1) for _ in range(20)), return_exceptions=True
        )
        assert {type(r) for r in results} == {OverloadedError}
        assert 0.04 < time.monotonic() - begun < 0.25
        stubborn.ended.set()
        assert await task == "late"

    run(scenario)


def test_who_waits_gets_the_slot_that_comes_free():
    async def scenario(offload):
        results = await asyncio.gather(*(offload.run(lambda n=n: n) for n in range(50)))
        assert results == list(range(50))

    run(scenario, workers=2, queue_seconds=1)


def test_closing_interrupts_what_runs_and_takes_no_more():
    stubborn = Stubborn()

    async def scenario(offload):
        task = asyncio.create_task(offload.run(stubborn.work, stubborn.interrupt))
        await started(stubborn)
        await offload.aclose()
        assert await task == "late"
        with pytest.raises(UnavailableError):
            await offload.run(lambda: 1)

    run(scenario)


def test_what_ends_the_works_thread_does_not_end_the_offload():
    def leave():
        raise SystemExit("the work's")

    async def scenario(offload):
        with pytest.raises(SystemExit, match="work's"):
            await offload.run(leave)
        assert await offload.run(lambda: 1) == 1

    run(scenario)


def test_its_threads_end_with_it():
    seen = []

    async def scenario(offload):
        await offload.run(lambda: seen.append(threading.get_ident()))

    run(scenario)
    until = time.monotonic() + 2
    while seen[0] in sys._current_frames() and time.monotonic() < until:
        time.sleep(0.01)
    assert seen[0] not in sys._current_frames()
