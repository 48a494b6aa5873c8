"""One deadline per request, carried in a context variable, counted on a monotonic clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from aurum_core.errors import DeadlineError

TOO_LITTLE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Deadline:
    """A monotonic instant after which nobody waits any more."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return the seconds left, negative when passed."""
        return self.at - time.monotonic()


_current: ContextVar[Deadline | None] = ContextVar("aurum_deadline", default=None)


def current_deadline() -> Deadline | None:
    """Return the deadline of the running request, if it has one."""
    return _current.get()


@contextmanager
def deadline_scope(deadline: Deadline) -> Iterator[Deadline]:
    """Make the deadline current for the block and everything it awaits."""
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)


def seconds_left(own_seconds: float) -> float:
    """Return `min(own, what the request has left)`.

    Raises:
        DeadlineError: less than 20 ms are left: not worth starting.
    """
    deadline = _current.get()
    left = own_seconds if deadline is None else min(own_seconds, deadline.remaining())
    if left < TOO_LITTLE_SECONDS:
        raise DeadlineError
    return left
