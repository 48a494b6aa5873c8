"""Breaker, retry and bulkhead do what their rules say, whatever the order of events."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aurum_core.clock import FixedClock
from aurum_core.deadline import Deadline, deadline_scope
from aurum_core.errors import (
    DeadlineError,
    NotFoundError,
    OverloadedError,
    RuleError,
    StorageFullError,
    UnavailableError,
)
from aurum_dao.policies.breaker import (
    Breaker,
    BreakerOpenError,
    BreakerRules,
    BreakerState,
    Verdict,
    judge_core_error,
)
from aurum_dao.policies.bulkhead import Bulkhead
from aurum_dao.policies.retry import LONGEST_PAUSE, SHORTEST_PAUSE, Retry, RetryBudget

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


class Heard:
    """A meter that remembers."""

    def __init__(self):
        self.counts = {}

    def count(self, name, amount=1, **labels):
        key = (name, *labels.values())
        self.counts[key] = self.counts.get(key, 0) + amount

    def observe(self, name, seconds, **labels):
        pass


class EndedError(Exception):
    """A call that ends with a verdict."""

    def __init__(self, verdict):
        self.verdict = verdict


def breaker(clock, rand=lambda: 0.5, **rules):
    return Breaker("engine", BreakerRules(**rules), clock, rand=rand)


def end(one, verdict):
    """Make one call that ends so."""
    call = one.call(lambda error: error.verdict)
    call.__enter__()
    if verdict is Verdict.ANSWERED:
        call.__exit__(None, None, None)
    else:
        assert not call.__exit__(EndedError, EndedError(verdict), None)


class BreakerModel(RuleBasedStateMachine):
    """The breaker beside a list of what happened; time goes in whole seconds, as its buckets do."""

    def __init__(self):
        super().__init__()
        self.clock = FixedClock(NOW, 1_000.0)
        self.breaker = breaker(self.clock)
        self.events = []  # (second, failed) since the last turn
        self.row = 0
        self.opened = None  # (since, for)
        self.next_open = 1.0
        self.running = []  # (open call, epoch, probe)
        self.probing = False
        self.epoch = 0

    def expected(self):
        if self.opened is None:
            return BreakerState.CLOSED
        over = self.clock.seconds >= sum(self.opened)
        return BreakerState.HALF_OPEN if self.probing or over else BreakerState.OPEN

    def turn(self):
        self.epoch += 1
        self.events, self.row, self.probing = [], 0, False

    def trip(self):
        self.opened = (self.clock.seconds, self.next_open)
        self.next_open = min(30.0, self.next_open * 2)
        self.turn()

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds):
        self.clock.seconds += seconds

    @rule()
    @precondition(lambda self: len(self.running) < 20)
    def begin(self):
        refused = self.expected() is BreakerState.OPEN or self.probing
        call = self.breaker.call(lambda error: error.verdict)
        if refused:
            with pytest.raises(BreakerOpenError) as caught:
                call.__enter__()
            assert 1 <= caught.value.retry_after <= 31
            return
        call.__enter__()
        probe = self.opened is not None
        self.probing = probe
        self.running.append((call, self.epoch, probe))

    @rule(verdict=st.sampled_from(Verdict), data=st.data())
    @precondition(lambda self: self.running)
    def finish(self, verdict, data):
        index = data.draw(st.integers(0, len(self.running) - 1))
        call, epoch, probe = self.running.pop(index)
        if verdict is Verdict.ANSWERED:
            call.__exit__(None, None, None)
        else:
            error = EndedError(verdict)
            assert not call.__exit__(EndedError, error, None)
        if epoch != self.epoch:
            return
        failed = verdict in {Verdict.FAILED, Verdict.UNREACHABLE}
        if probe:
            self.probing = False
            if verdict is Verdict.ANSWERED:
                self.opened, self.next_open = None, 1.0
                self.turn()
            elif failed:
                self.trip()
        elif verdict is not Verdict.UNKNOWN:
            self.events.append((self.clock.seconds, failed))
            self.row = self.row + 1 if verdict is Verdict.UNREACHABLE else 0
            recent = [bad for at, bad in self.events if at > self.clock.seconds - 10]
            if failed and (self.row >= 5 or (len(recent) >= 10 and sum(recent) * 2 >= len(recent))):
                self.trip()

    def teardown(self):
        for call, *_ in self.running:
            call.__exit__(None, None, None)

    @invariant()
    def agrees(self):
        assert self.breaker.state is self.expected()
        assert sum(probe and epoch == self.epoch for _, epoch, probe in self.running) <= 1


BreakerModel.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestBreakerModel = BreakerModel.TestCase


def test_ten_calls_half_failed_open_it_and_nine_do_not():
    one = breaker(FixedClock(NOW))
    for n in range(9):
        end(one, Verdict.FAILED if n % 2 else Verdict.ANSWERED)
    assert one.state is BreakerState.CLOSED
    end(one, Verdict.FAILED)
    assert one.state is BreakerState.OPEN


def test_old_failures_do_not_count():
    clock = FixedClock(NOW)
    one = breaker(clock)
    for _ in range(9):
        end(one, Verdict.FAILED)
    clock.seconds += 11
    end(one, Verdict.FAILED)
    assert (one.state, one.view.calls) == (BreakerState.CLOSED, 1)


def test_it_stays_open_one_second_doubling_to_thirty_give_or_take_a_fifth():
    for rand, factor in ((lambda: 0.0, 0.8), (lambda: 0.5, 1.0), (lambda: 1.0, 1.2)):
        clock = FixedClock(NOW)
        one = breaker(clock, rand)
        for _ in range(5):
            end(one, Verdict.UNREACHABLE)
        for usual in (1, 2, 4, 8, 16, 30, 30):
            assert one.view.retry_after == pytest.approx(usual * factor)
            clock.seconds += usual * factor
            assert one.state is BreakerState.HALF_OPEN
            end(one, Verdict.FAILED)
        clock.seconds += 100
        end(one, Verdict.ANSWERED)
        assert one.state is BreakerState.CLOSED


def test_one_probe_at_a_time_and_a_cancelled_one_says_nothing():
    clock = FixedClock(NOW)
    one = breaker(clock)
    for _ in range(5):
        end(one, Verdict.UNREACHABLE)
    clock.seconds += 1
    for _ in range(3):
        probe = one.call(lambda error: error.verdict)
        probe.__enter__()
        with pytest.raises(BreakerOpenError):
            one.check()
        assert not probe.__exit__(EndedError, EndedError(Verdict.UNKNOWN), None)
        assert one.state is BreakerState.HALF_OPEN
    end(one, Verdict.ANSWERED)
    one.check()


def test_calls_of_before_say_nothing_of_now():
    clock = FixedClock(NOW)
    one = breaker(clock)
    late = [one.call(lambda error: error.verdict) for _ in range(20)]
    for call in late:
        call.__enter__()
    for _ in range(5):
        end(one, Verdict.UNREACHABLE)
    clock.seconds += 1
    end(one, Verdict.ANSWERED)
    for call in late:
        call.__exit__(EndedError, EndedError(Verdict.UNREACHABLE), None)
    assert (one.state, one.view.calls) == (BreakerState.CLOSED, 0)


def test_a_thousand_user_errors_leave_it_closed():
    one = breaker(FixedClock(NOW))
    for error in (NotFoundError(), RuleError(()), OverloadedError("engine")) * 334:
        with pytest.raises(type(error)), one.call():
            raise error
    assert (one.state, one.view.failures) == (BreakerState.CLOSED, 0)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (UnavailableError("engine"), Verdict.FAILED),
        (StorageFullError("engine"), Verdict.ANSWERED),
        (OverloadedError("engine"), Verdict.UNKNOWN),
        (asyncio.CancelledError(), Verdict.UNKNOWN),
        (NotFoundError(), Verdict.ANSWERED),
        (ZeroDivisionError(), Verdict.ANSWERED),
    ],
)
def test_only_infrastructure_counts(error, verdict):
    assert judge_core_error(error) is verdict


def test_turns_are_counted_and_seen():
    heard, clock = Heard(), FixedClock(NOW)
    one = Breaker("engine", BreakerRules(), clock, meter=heard)
    for _ in range(5):
        end(one, Verdict.UNREACHABLE)
    assert (one.view.dependency, one.view.state) == ("engine", BreakerState.OPEN)
    clock.seconds += 2
    end(one, Verdict.ANSWERED)
    name = "aurum_breaker_transitions_total"
    assert heard.counts == {(name, "engine", "open"): 1, (name, "engine", "closed"): 1}


# Retry


class Attempts:
    """Reads that fail so many times with an error."""

    def __init__(self, failures, error=None):
        self.made = 0
        self.failures = failures
        self.error = error or UnavailableError("engine")

    async def __call__(self):
        self.made += 1
        if self.made <= self.failures:
            raise self.error
        return "read"


def retry(clock, *, saved=1.0, pauses=None, **budget):
    clock.seconds -= saved
    one = RetryBudget(clock, **budget)
    clock.seconds += saved

    async def sleep(seconds):
        if pauses is not None:
            pauses.append(seconds)
        clock.seconds += seconds

    return Retry("engine", one, clock, sleep=sleep)


def test_a_read_is_repeated_once_after_a_moment():
    pauses = []
    once = Attempts(1)
    assert asyncio.run(retry(FixedClock(NOW), pauses=pauses).read(once)) == "read"
    assert (once.made, len(pauses)) == (2, 1)
    assert SHORTEST_PAUSE <= pauses[0] <= LONGEST_PAUSE


def test_never_twice():
    always = Attempts(9)
    with pytest.raises(UnavailableError):
        asyncio.run(retry(FixedClock(NOW)).read(always))
    assert always.made == 2


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError(),
        DeadlineError(),
        OverloadedError("engine"),
        StorageFullError("engine"),
        BreakerOpenError("engine"),
        ValueError(),
    ],
)
def test_what_would_fail_again_is_not_repeated(error):
    attempts = Attempts(1, error)
    with pytest.raises(type(error)):
        asyncio.run(retry(FixedClock(NOW)).read(attempts))
    assert attempts.made == 1


def test_a_cancelled_read_is_not_repeated():
    async def run():
        attempts = Attempts(1, asyncio.CancelledError())
        with pytest.raises(asyncio.CancelledError):
            await retry(FixedClock(NOW)).read(attempts)
        assert attempts.made == 1

    asyncio.run(run())


@settings(deadline=None)
@given(left=st.floats(-1, 0.5), pause=st.floats(SHORTEST_PAUSE, LONGEST_PAUSE))
def test_no_attempt_begins_past_the_deadline(left, pause):
    clock = FixedClock(NOW, 1_000.0)
    one = retry(clock)
    one._pause = lambda low, high: pause
    begun = []

    async def attempt():
        begun.append(clock.seconds)
        raise UnavailableError("engine")

    with pytest.raises(UnavailableError), deadline_scope(Deadline(1_000.0 + left)):
        asyncio.run(one.read(attempt))
    assert all(at <= 1_000.0 + left - 0.02 + 1e-9 for at in begun[1:])
    assert len(begun) == (2 if left - pause >= 0.02 + 1e-9 else len(begun))


@settings(deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(0, 2), st.integers(0, 30)), max_size=60),
    ratio=st.floats(0, 0.5),
    per_second=st.floats(0, 5),
)
def test_the_budget_is_never_exceeded(steps, ratio, per_second):
    """From the start strictly; in any later span by less than what one second saves."""
    clock = FixedClock(NOW, 50.0)
    budget = RetryBudget(clock, ratio=ratio, per_second=per_second)
    history = [(50.0, 0, 0)]
    calls = retries = 0
    for wait, count in steps:
        clock.seconds += wait
        for _ in range(count):
            budget.note_call()
            calls += 1
            retries += budget.take()
        history.append((clock.seconds, calls, retries))
        assert retries <= ratio * calls + per_second * (clock.seconds - 50.0) + 1e-6
    for start, (at, before, taken) in enumerate(history):
        for later, total, done in history[start:]:
            bound = ratio * (total - before) + per_second * (later - at) + max(1.0, per_second)
            assert done - taken <= bound + 1e-6


def test_an_outage_of_a_minute_under_twenty_clients_is_not_multiplied():
    clock = FixedClock(NOW)
    one = retry(clock, saved=0.0)

    async def run():
        made = asked = 0
        while clock.seconds < 60:
            attempts = Attempts(9)
            with pytest.raises(UnavailableError):
                await one.read(attempts)
            made, asked = made + attempts.made, asked + 1
            clock.seconds += 0.05
        return made, asked

    made, asked = asyncio.run(run())
    assert asked < made <= 1.1 * asked + 3 * clock.seconds


# Bulkhead


def test_slots_are_bounded_and_given_in_order():
    async def run():
        bulkhead, order, most = Bulkhead("engine", 2, waiting=10), [], []

        async def use(number):
            async with bulkhead.slot():
                order.append(number)
                most.append(bulkhead.taken)
                await asyncio.sleep(0.005)

        await asyncio.gather(*map(use, range(8)))
        assert order == list(range(8))
        assert max(most) == 2
        assert (bulkhead.taken, bulkhead.waiting) == (0, 0)

    asyncio.run(run())


def test_nobody_waits_longer_than_the_queue_allows():
    async def run():
        bulkhead = Bulkhead("engine", 1, waiting=10, queue_seconds=0.05)
        loop = asyncio.get_running_loop()
        async with bulkhead.slot():
            started = loop.time()
            with pytest.raises(OverloadedError) as caught:
                async with bulkhead.slot():
                    pytest.fail("there was none")
            assert 0.04 <= loop.time() - started < 1
            assert caught.value.dependency == "engine"
        async with bulkhead.slot():
            assert bulkhead.taken == 1

    asyncio.run(run())


def test_too_many_waiting_are_refused_at_once():
    async def run():
        bulkhead = Bulkhead("engine", 1, waiting=2, queue_seconds=5)
        async with bulkhead.slot():
            waiters = [asyncio.create_task(hold(bulkhead)) for _ in range(2)]
            await asyncio.sleep(0.01)
            assert bulkhead.waiting == 2
            with pytest.raises(OverloadedError):
                await asyncio.wait_for(hold(bulkhead), 1)
        await asyncio.gather(*waiters)
        assert (bulkhead.taken, bulkhead.waiting) == (0, 0)

    asyncio.run(run())


async def hold(bulkhead, seconds=0.0):
    async with bulkhead.slot():
        await asyncio.sleep(seconds)


def test_a_request_without_time_does_not_queue():
    async def run():
        bulkhead = Bulkhead("engine", 1, waiting=2)
        with deadline_scope(Deadline.after(0.01)), pytest.raises(DeadlineError):
            await hold(bulkhead)

    asyncio.run(run())


def test_a_queue_shorter_than_a_start_is_worth_is_no_deadline():
    async def run():
        bulkhead = Bulkhead("engine", 1, waiting=2, queue_seconds=0.0)
        async with bulkhead.slot():
            with pytest.raises(OverloadedError):
                await hold(bulkhead)

    asyncio.run(run())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40))
def test_no_slot_is_lost_whoever_is_cancelled_when(uses):
    async def run():
        bulkhead = Bulkhead("engine", 3, waiting=100, queue_seconds=0.004)
        tasks = [asyncio.create_task(hold(bulkhead, held / 1_000)) for held, _ in uses]
        for task, (_, until) in zip(tasks, uses, strict=True):
            asyncio.get_running_loop().call_later(until / 1_000, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (bulkhead.taken, bulkhead.waiting) == (0, 0)
        await asyncio.gather(*(hold(bulkhead) for _ in range(3)))

    asyncio.run(run())
