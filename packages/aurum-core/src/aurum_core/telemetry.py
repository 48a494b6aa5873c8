"""What the lower floors may say about themselves, without knowing who listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Meter(Protocol):
    """Counts and durations with closed label sets."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter."""
        ...

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Record a duration."""
        ...


class Tracer(Protocol):
    """Spans around high-value calls."""

    def span(self, name: str, **attributes: str | float) -> "SpanScope":
        """Open a span as a context manager."""
        ...


class SpanScope(Protocol):
    """A running span."""

    def __enter__(self) -> None: ...
    def __exit__(self, *exc: object) -> None: ...


class NullMeter:
    """Nobody listens."""

    __slots__ = ()

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Do nothing."""

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Do nothing."""


class NullTracer:
    """Nobody traces."""

    __slots__ = ()

    @contextmanager
    def span(self, name: str, **attributes: str | float) -> Iterator[None]:  # noqa: ARG002 - the port's shape
        """Do nothing around the block."""
        yield
