"""Pages, windows and pins: what every list read shares."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from aurum_core.auth import DEFAULT_TENANT, TenantId
from aurum_core.cursors import KeyValue

R = TypeVar("R")
Key = tuple[KeyValue, ...]
AsOfPolicy = Literal["exact", "on_or_before"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What a read is pinned to: the newest load it may see, and what was known when.

    `tenant` decides which sources' rows exist for the reader at all.
    """

    data_version: int
    known_at: datetime | None = None
    tenant: TenantId = DEFAULT_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """Which business date of a curve: one, the newest up to one, or each of a half-open range.

    All None: per curve the newest date not after `today` (New York).
    """

    today: date
    day: date | None = None
    policy: AsOfPolicy = "exact"
    start: date | None = None
    end: date | None = None

    @property
    def is_history(self) -> bool:
        """Tell whether a range of dates is asked for."""
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `limit` rows, after a key or before one, in the read's own order.

    A page before a key holds the rows nearest to it, still in ascending order. `offset` skips rows
    from the start where neither key is given: v1's old tokens, at most 100,000.
    """

    limit: int
    offset: int = 0
    after: Key | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in order, the keys of the first and last, and whether rows follow or precede.

    `asof` is the business date of every row, None when they differ or have none.
    """

    rows: list[R]
    first_key: Key | None = None
    last_key: Key | None = None
    has_next: bool = False
    has_previous: bool = False
    asof: date | None = None
