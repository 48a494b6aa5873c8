"""The watch sees blocking calls, computing and C code, and nothing in a loop that turns."""

import asyncio
import gc
import re
import time
from collections.abc import Awaitable, Callable

import pytest

from aurum_testkit.lag import LagWatch, Stall, lag_limit


def stalls_of(work: Callable[[], Awaitable[object]], limit: float = 0.05) -> list[Stall]:
    async def run() -> None:
        await work()

    with LagWatch(limit) as watch:
        asyncio.run(run())
        return watch.take()


async def sleep_blocking() -> None:
    time.sleep(0.15)  # noqa: ASYNC251 - the fault to be seen


async def compute() -> None:
    end = time.thread_time() + 0.15
    while time.thread_time() < end:
        sum(range(1000))


async def match_for_long() -> None:
    re.match(r"(a+)+$", "a" * 22 + "!")


async def collect_garbage() -> None:
    for _ in range(3):
        gc.collect()


async def sleep_well() -> None:
    for _ in range(30):
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("work", [sleep_blocking, compute])
@pytest.mark.lag(5, reason="the stalls are the subject")
def test_a_stall_is_seen_with_its_place(work: Callable[[], Awaitable[object]]):
    (stall,) = stalls_of(work)
    assert stall.seconds > 0.05
    assert work.__name__ in str(stall)


@pytest.mark.lag(5, reason="the stall is the subject")
def test_code_that_keeps_the_interpreter_lock_is_seen_from_outside():
    (stall,) = stalls_of(match_for_long)
    assert stall.seconds > 0.05


def test_collecting_garbage_is_not_a_stall():
    pile = [[object()] for _ in range(300_000)]
    with LagWatch(0.02) as watch:
        asyncio.run(collect_garbage())
        assert watch._collected > 0.02
        assert watch.take() == []
    assert pile


def test_a_loop_that_turns_has_none():
    assert stalls_of(sleep_well) == []


def test_the_limit_is_wider_where_machines_are_shared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AURUM_TEST_LAG_MS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert lag_limit() == 0.1
    monkeypatch.setenv("CI", "true")
    assert lag_limit() == 0.5
    monkeypatch.setenv("AURUM_TEST_LAG_MS", "250")
    assert lag_limit() == 0.25


def test_a_test_that_stalls_fails(pytester: pytest.Pytester):
    pytester.makepyfile(
        """
        import asyncio, time, pytest

        async def stall():
            time.sleep(0.7)

        def test_stalls():
            asyncio.run(stall())

        @pytest.mark.lag(2, reason="known")
        def test_may_stall():
            asyncio.run(stall())
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the loop stood still for*"])
