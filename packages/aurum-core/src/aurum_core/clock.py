"""Time as a dependency: wall clock for what people see, monotonic for what must not jump."""

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


class Clock(Protocol):
    """What the house knows of time."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...


class SystemClock:
    """The machine's clock."""

    __slots__ = ()

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


class FixedClock:
    """A clock that stands until it is moved: for tests and repeatable documents."""

    __slots__ = ("instant", "seconds")

    def __init__(self, instant: datetime, seconds: float = 0.0) -> None:
        self.instant = instant
        self.seconds = seconds

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self.instant

    def monotonic(self) -> float:
        """Return the seconds it stands at."""
        return self.seconds


def business_date(clock: Clock) -> date:
    """Return today in New York: the day that as-of dates are judged by."""
    return clock.now().astimezone(NEW_YORK).date()
