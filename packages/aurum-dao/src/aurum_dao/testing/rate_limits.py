"""What every rate limiter promises: subclass and give it limiters."""

# ruff: noqa: S101 - a suite asserts

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from aurum_dao.ports.rate_limits import RateLimiter

Scenario = Callable[[RateLimiter], Awaitable[None]]
SLOW = 0.01
"""Requests a second that do not come back while a test runs."""


class RateLimiterBehaviour:
    """The suite; it runs on the real clock, with limits that hold still or refill at once."""

    def open_limiter(self) -> AbstractAsyncContextManager[RateLimiter]:
        """Return a limiter that knows no key; every subclass gives its own."""
        raise NotImplementedError

    def check(self, scenario: Scenario) -> None:
        """Run a scenario in a loop of its own."""

        async def run() -> None:
            async with self.open_limiter() as limiter:
                await scenario(limiter)

        asyncio.run(run())

    def test_a_burst_passes_and_no_more(self) -> None:
        """What remains counts down to zero, then the wait is named."""

        async def scenario(limiter: RateLimiter) -> None:
            seen = [await limiter.decide("k", rate=SLOW, burst=5) for _ in range(7)]
            assert [one.allowed for one in seen] == [True] * 5 + [False] * 2
            assert [one.remaining for one in seen] == [4, 3, 2, 1, 0, 0, 0]
            assert {one.limit for one in seen} == {5}
            assert all(one.retry_after == 0 for one in seen[:5])
            assert all(90 < one.retry_after <= 100 for one in seen[5:])
            assert seen[0].reset <= 100 < seen[1].reset <= 200
            assert 490 < seen[6].reset <= 500

        self.check(scenario)

    def test_the_rate_refills_it(self) -> None:
        """After the wait that was named, one more passes."""

        async def scenario(limiter: RateLimiter) -> None:
            for _ in range(3):
                assert (await limiter.decide("k", rate=5, burst=3)).allowed
            refused = await limiter.decide("k", rate=5, burst=3)
            assert not refused.allowed
            await asyncio.sleep(refused.retry_after + 0.01)
            assert (await limiter.decide("k", rate=5, burst=3)).allowed

        self.check(scenario)

    def test_keys_do_not_meet(self) -> None:
        """Also strange ones."""

        async def scenario(limiter: RateLimiter) -> None:
            for key in ("a", "b", "", "a:b", "\n\0", "ä" * 5_000, "*"):
                assert (await limiter.decide(key, rate=SLOW, burst=1)).allowed
                assert not (await limiter.decide(key, rate=SLOW, burst=1)).allowed

        self.check(scenario)

    def test_cost_is_taken_at_once_or_not_at_all(self) -> None:
        """A refused export leaves what it could not have to smaller requests."""

        async def scenario(limiter: RateLimiter) -> None:
            assert (await limiter.decide("k", rate=SLOW, burst=20, cost=15)).remaining == 5
            assert not (await limiter.decide("k", rate=SLOW, burst=20, cost=10)).allowed
            assert (await limiter.decide("k", rate=SLOW, burst=20, cost=5)).remaining == 0

        self.check(scenario)

    def test_a_cost_above_the_burst_takes_the_whole_burst(self) -> None:
        """A limit that is lowered below the cost of an export must not forbid exports for ever."""

        async def scenario(limiter: RateLimiter) -> None:
            assert (await limiter.decide("k", rate=SLOW, burst=3, cost=10)).allowed
            assert not (await limiter.decide("k", rate=SLOW, burst=3)).allowed

        self.check(scenario)

    def test_a_lowered_limit_holds_for_its_own_span_only(self) -> None:
        """The debt of a larger burst is not carried into a smaller one."""

        async def scenario(limiter: RateLimiter) -> None:
            for _ in range(100):
                await limiter.decide("k", rate=1, burst=100)
            assert (await limiter.decide("k", rate=1, burst=2)).retry_after <= 1

        self.check(scenario)

    @pytest.mark.parametrize(("rate", "burst", "cost"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
    def test_limits_that_mean_nothing_are_refused(self, rate: float, burst: int, cost: int) -> None:
        """A limit of zero is a mistake of ours, not an answer."""

        async def scenario(limiter: RateLimiter) -> None:
            with pytest.raises(ValueError, match="positive"):
                await limiter.decide("k", rate=rate, burst=burst, cost=cost)

        self.check(scenario)

    def test_a_thousand_at_once_are_counted_exactly(self) -> None:
        """Allowed is the burst and what the rate gave in the time that passed, give or take one."""

        async def scenario(limiter: RateLimiter) -> None:
            rate, burst = 100, 50
            started = time.monotonic()
            first = await limiter.decide("k", rate=rate, burst=burst)
            rest = await asyncio.gather(
                *(limiter.decide("k", rate=rate, burst=burst) for _ in range(999))
            )
            elapsed = time.monotonic() - started
            allowed = sum(one.allowed for one in (first, *rest))
            assert burst <= allowed <= burst + rate * elapsed + 1

        self.check(scenario)
