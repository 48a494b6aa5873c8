"""A breaker per dependency: when calls keep failing, nobody waits for the next one to fail.

```
closed ──(≥ 10 calls and ≥ 50 % failed in 10 s, or 5 in a row unreachable)──> open
open ──(1 s, doubling to 30 s, ± 20 %)──> half-open ──(one probe answered)──> closed
                                          half-open ──(the probe failed)──> open, twice as long
```
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, StrEnum

from aurum_core.clock import Clock
from aurum_core.errors import OverloadedError, StorageFullError, UnavailableError
from aurum_core.telemetry import Meter, NullMeter

BUCKETS = 10
TRANSITIONS = "aurum_breaker_transitions_total"


class BreakerState(StrEnum):
    """What happens to the next call."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Verdict(Enum):
    """What the end of a call says about its dependency."""

    ANSWERED = "answered"
    """It works, whatever it said: a refused statement is our fault or the client's."""
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    """Failed, and nothing was ever heard."""
    UNKNOWN = "unknown"
    """The call was given up before anything could be known."""


Judge = Callable[[BaseException], Verdict]


class BreakerOpenError(UnavailableError):
    """The breaker is open: the dependency was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRules:
    """When a breaker opens and how long it stays so; durations in seconds."""

    window_seconds: float = 10.0
    min_calls: int = 10
    failure_ratio: float = 0.5
    connect_failures: int = 5
    open_seconds: float = 1.0
    max_open_seconds: float = 30.0
    jitter_ratio: float = 0.2


@dataclass(frozen=True, slots=True)
class BreakerView:
    """A breaker as readiness and metrics show it."""

    dependency: str
    state: BreakerState
    retry_after: float
    calls: int
    failures: int


def judge_core_error(error: BaseException) -> Verdict:
    """Judge by the core's tree: only an unavailable dependency failed."""
    if isinstance(error, OverloadedError | asyncio.CancelledError | GeneratorExit):
        return Verdict.UNKNOWN
    if isinstance(error, UnavailableError) and not isinstance(error, StorageFullError):
        return Verdict.FAILED
    return Verdict.ANSWERED


class Breaker:
    """Counts how calls end and refuses new ones while their dependency is down; for one loop."""

    __slots__ = (
        "_buckets",
        "_clock",
        "_dependency",
        "_epoch",
        "_meter",
        "_next_open",
        "_open_until",
        "_probing",
        "_random",
        "_row",
        "_rules",
    )

    def __init__(
        self,
        dependency: str,
        rules: BreakerRules,
        clock: Clock,
        *,
        meter: Meter | None = None,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self._dependency = dependency
        self._rules = rules
        self._clock = clock
        self._meter = meter or NullMeter()
        self._random = rand
        self._buckets: deque[list[int]] = deque(maxlen=BUCKETS)  # [index, calls, failures]
        self._row = 0  # unreachable, one after the other
        self._epoch = 0  # calls of an earlier one are of no interest any more
        self._open_until: float | None = None
        self._next_open = rules.open_seconds
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """Return what the next call would meet."""
        if self._open_until is None:
            return BreakerState.CLOSED
        if self._probing or self._clock.monotonic() >= self._open_until:
            return BreakerState.HALF_OPEN
        return BreakerState.OPEN

    @property
    def view(self) -> BreakerView:
        """Return the state with the counts of the window."""
        calls, failures = self._counts()
        return BreakerView(self._dependency, self.state, self._retry_after(), calls, failures)

    def check(self) -> None:
        """Refuse now what `call` would refuse now: before waiting for a slot, say.

        Raises:
            BreakerOpenError: the dependency is taken to be down.
        """
        until = self._open_until
        if until is not None and (self._probing or self._clock.monotonic() < until):
            raise BreakerOpenError(self._dependency, retry_after=max(1.0, self._retry_after()))

    @contextmanager
    def call(self, judge: Judge = judge_core_error) -> Iterator[None]:
        """Let one call through and note how it ends.

        Raises:
            BreakerOpenError: the dependency is taken to be down.
        """
        epoch, probe = self._admit()
        verdict = Verdict.UNKNOWN
        try:
            yield
            verdict = Verdict.ANSWERED
        except BaseException as error:
            verdict = judge(error)
            raise
        finally:
            self._note(epoch, verdict, probe=probe)

    def _admit(self) -> tuple[int, bool]:
        self.check()
        self._probing = self._open_until is not None
        return self._epoch, self._probing

    def _note(self, epoch: int, verdict: Verdict, *, probe: bool) -> None:
        if epoch != self._epoch:
            return
        if probe:
            self._probing = False
            if verdict is Verdict.ANSWERED:
                self._close()
            elif verdict is not Verdict.UNKNOWN:
                self._open()
        elif verdict is not Verdict.UNKNOWN:
            self._count(verdict)
            if verdict is not Verdict.ANSWERED and self._is_too_much():
                self._open()

    def _count(self, verdict: Verdict) -> None:
        index = int(self._clock.monotonic() * BUCKETS / self._rules.window_seconds)
        if not self._buckets or self._buckets[-1][0] != index:
            self._buckets.append([index, 0, 0])
        bucket = self._buckets[-1]
        bucket[1] += 1
        bucket[2] += verdict is not Verdict.ANSWERED
        self._row = self._row + 1 if verdict is Verdict.UNREACHABLE else 0

    def _counts(self) -> tuple[int, int]:
        oldest = int(self._clock.monotonic() * BUCKETS / self._rules.window_seconds) - BUCKETS
        inside = [bucket for bucket in self._buckets if bucket[0] > oldest]
        return sum(bucket[1] for bucket in inside), sum(bucket[2] for bucket in inside)

    def _is_too_much(self) -> bool:
        if self._row >= self._rules.connect_failures:
            return True
        calls, failures = self._counts()
        return calls >= self._rules.min_calls and failures >= self._rules.failure_ratio * calls

    def _open(self) -> None:
        spread = 1 + self._rules.jitter_ratio * (2 * self._random() - 1)
        self._open_until = self._clock.monotonic() + self._next_open * spread
        self._next_open = min(2 * self._next_open, self._rules.max_open_seconds)
        self._turn(BreakerState.OPEN)

    def _close(self) -> None:
        self._open_until = None
        self._next_open = self._rules.open_seconds
        self._turn(BreakerState.CLOSED)

    def _turn(self, state: BreakerState) -> None:
        self._epoch += 1
        self._row = 0
        self._buckets.clear()
        self._meter.count(TRANSITIONS, dependency=self._dependency, state=state.value)

    def _retry_after(self) -> float:
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._clock.monotonic())
