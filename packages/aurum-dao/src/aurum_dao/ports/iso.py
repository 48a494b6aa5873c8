"""ISO prices: query values and the reader's port."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from aurum_dao.ports.paging import Page, Pin, Window

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
Grain = Literal["hour", "day", "month", "range"]


@dataclass(frozen=True, slots=True)
class LmpWindow:
    """One (iso, market) with its own half-open range of interval_start."""

    iso_code: str
    market: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LmpQuery:
    """Prices of series in a half-open range.

    The range is either of instants (`start`, `end`, on interval_start) or of operating days
    (`first_day`, `end_day`); values are canonical. `pairs` narrows to (iso, market) pairs where
    an alias such as RT means another series per ISO; it beats `iso` and `market`. `windows`
    give every (iso, market) a range of its own (last 24 hours, negative prices); they beat pairs,
    iso, market and the range. Empty windows and pairs ask for nothing special.
    """

    pin: Pin
    iso: tuple[str, ...] = ()
    market: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    location: tuple[str, ...] = ()
    location_type: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    first_day: date | None = None
    end_day: date | None = None
    windows: tuple[LmpWindow, ...] = ()
    negative: bool = False
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class PriceSum:
    """Sums over one bucket of one series: the division is ours, so that engines agree to the byte.

    `bucket` is the operating date (day), the UTC start of the hour (hour), the first day of the
    month of the operating date (month), or the query's first_day, else the oldest operating date
    read (range). Rows of two units are two sums: (currency, uom) is part of the key. Within an hour
    only one interval length of a unit counts, the one with most minutes: coverage never passes 1.
    """

    iso_code: str
    market: str
    location_id: str
    bucket: date | datetime
    currency: str
    uom: str
    price_minutes: Decimal  # Σ price·minutes
    minutes: int
    intervals: int
    price_min: Decimal
    price_max: Decimal
    price_sum: Decimal  # Σ price, for the sample deviation of v1
    price_square_sum: Decimal
    negative_intervals: int
    negative_minutes: int


@dataclass(frozen=True, slots=True)
class BlockRule:
    """How hours fall into the three base blocks of a market calendar.

    An hour whose local hour ending is outside [first_he, last_he] is night; inside, it is peak on a
    peak weekday (Monday = 0) that is no holiday, else off-peak daytime. Days are the zone's own.
    """

    zone: str
    first_he: int
    last_he: int
    peak_weekdays: tuple[int, ...]
    holidays: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class BlockSums:
    """Sums over one bucket of one series, by base block; an empty block has 0 minutes, null prices.

    `bucket` is the local date of the rule's zone (day), the first of its month (month) or the first
    day of the query's range (range).
    """

    iso_code: str
    market: str
    location_id: str
    bucket: date
    currency: str
    uom: str
    peak_price_minutes: Decimal
    peak_minutes: int
    peak_min: Decimal | None
    peak_max: Decimal | None
    day_price_minutes: Decimal
    day_minutes: int
    day_min: Decimal | None
    day_max: Decimal | None
    night_price_minutes: Decimal
    night_minutes: int
    night_min: Decimal | None
    night_max: Decimal | None


@dataclass(frozen=True, slots=True)
class NewestInterval:
    """The newest interval_end of one (iso, market) after the filters."""

    iso_code: str
    market: str
    interval_end: datetime


class LmpReader(Protocol):
    """Reads of locational prices: final before preliminary, newest known version.

    Order: iso_code, market, location_id, interval_start, interval_minutes; with `newest_first`
    interval_start descending, then the rest. Row types name columns of `market.lmp`.
    """

    async def list_prices(self, query: LmpQuery, row_type: type[R], window: Window) -> Page[R]:
        """Return a page of intervals."""
        ...

    def iter_prices(self, query: LmpQuery, row_type: type) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every interval of the query as Arrow, in the list order."""
        ...

    async def list_sums(self, query: LmpQuery, grain: Grain, window: Window) -> Page[PriceSum]:
        """Return a page of bucket sums by iso_code, market, location_id, bucket, currency, uom."""
        ...

    async def list_block_sums(
        self, query: LmpQuery, rule: BlockRule, grain: Grain, window: Window
    ) -> Page[BlockSums]:
        """Return a page of block sums (day, month or range), ordered as sums are.

        The query's operating days are read as days of the rule's zone.
        """
        ...

    async def list_newest(self, query: LmpQuery) -> Sequence[NewestInterval]:
        """Return the newest interval_end per (iso, market) under the filters, range ignored."""
        ...
