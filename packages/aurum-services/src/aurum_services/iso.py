"""ISO prices: ranges, the last day, negative prices, averages by hour, day and block."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeVar

from aurum_core.cursors import Pins
from aurum_core.market.calendars import (
    MarketCalendar,
    base_blocks_of,
    block_hours,
    holidays_of,
)
from aurum_core.market.keys import ISOS, lmp_market
from aurum_core.market.months import add_months, month_start
from aurum_core.market.time import minutes_between, minutes_in_day, zone_of
from aurum_dao.ports.iso import BlockRule, BlockSums, LmpQuery, LmpReader, LmpWindow, PriceSum
from aurum_dao.ports.paging import Page
from aurum_services.numbers import ratio, sample_deviation
from aurum_services.paging import Listing, Pager, PageRequest, page_with, pinned

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
Granularity = Literal["day", "month", "range"]
DAY = timedelta(hours=24)
NEGATIVE_SPAN = timedelta(days=7)
HOUR_MINUTES = 60
FIRST_HOLIDAY_YEAR, LAST_HOLIDAY_YEAR = 2000, 2050
Part = tuple[Decimal, int, Decimal | None, Decimal | None]  # Σ price·minutes, minutes, min, max


@dataclass(frozen=True, slots=True)
class PriceAverage:
    """A time-weighted average of one series over one bucket: Σ price·minutes / Σ minutes."""

    iso_code: str
    market: str
    location_id: str
    bucket: date | datetime
    currency: str
    uom: str
    price_avg: Decimal | None
    price_min: Decimal
    price_max: Decimal
    price_stddev: Decimal | None
    intervals: int
    minutes: int
    expected_minutes: int
    negative_intervals: int
    negative_minutes: int

    @property
    def interval_start(self) -> datetime | None:
        """Return the start of the hour; None on longer buckets."""
        return self.bucket if isinstance(self.bucket, datetime) else None

    @property
    def operating_date(self) -> date | None:
        """Return the first operating day; None on hours."""
        return None if isinstance(self.bucket, datetime) else self.bucket

    @property
    def coverage(self) -> Decimal | None:
        """Return minutes seen / minutes expected."""
        return ratio(Decimal(self.minutes), self.expected_minutes)

    @property
    def complete(self) -> bool:
        """Tell whether every expected minute was seen."""
        return self.minutes == self.expected_minutes


@dataclass(frozen=True, slots=True)
class BlockAverage:
    """An hour-weighted average of one series over one block and bucket of a calendar."""

    iso_code: str
    market: str
    location_id: str
    calendar: str
    block: str
    bucket: date
    currency: str
    uom: str
    price_avg: Decimal | None
    price_min: Decimal | None
    price_max: Decimal | None
    minutes: int
    expected_minutes: int

    @property
    def hours(self) -> Decimal:
        """Return the hours that the block has in the bucket."""
        return Decimal(self.expected_minutes) / HOUR_MINUTES

    @property
    def coverage(self) -> Decimal | None:
        """Return minutes seen / minutes expected."""
        return ratio(Decimal(self.minutes), self.expected_minutes)

    @property
    def complete(self) -> bool:
        """Tell whether every expected minute was seen."""
        return self.minutes == self.expected_minutes


def market_pairs(
    isos: Sequence[str], markets: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the canonical markets, and (iso, market) pairs where a word differs by ISO.

    RT and REAL_TIME mean each ISO's settlement series: with one of them the pairs say it all and
    the markets are empty. Raises UnknownMarketError.
    """
    words = {word.upper().replace("-", "_") for word in markets}
    if not words & {"RT", "RTM", "REAL_TIME"}:
        return tuple(dict.fromkeys(lmp_market(word) for word in markets)), ()
    return (), tuple(
        dict.fromkeys((iso, lmp_market(word, iso)) for iso in isos or _SETTLED for word in markets)
    )


_SETTLED = tuple(iso for iso in ISOS if iso != "WECC")


class LmpService:
    """Reads locational prices under a pin, page by page or whole."""

    __slots__ = ("_pager", "_reader")

    def __init__(self, reader: LmpReader, pager: Pager) -> None:
        self._reader = reader
        self._pager = pager

    async def list_prices(
        self, query: LmpQuery, row_type: type[R], request: PageRequest
    ) -> Listing[R]:
        """Return a page of intervals."""
        pins, window = self._pager.open(request, _pins(query))
        page = await self._reader.list_prices(_at(query, pins), row_type, window)
        return self._pager.close(request, pins, page)

    def iter_prices(self, query: LmpQuery, row_type: type) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every interval of the query as Arrow."""
        return self._reader.iter_prices(query, row_type)

    async def list_last_day(
        self, query: LmpQuery, row_type: type[R], request: PageRequest
    ) -> Listing[R]:
        """Return the 24 hours that end at the newest interval of each (iso, market)."""
        return await self._list_recent(query, row_type, request, DAY)

    async def list_negative(
        self, query: LmpQuery, row_type: type[R], request: PageRequest
    ) -> Listing[R]:
        """Return negative prices, newest first: of the range, else of the last 7 days there are."""
        query = replace(query, negative=True, newest_first=True)
        if query.start or query.end or query.first_day or query.end_day:
            return await self.list_prices(query, row_type, request)
        return await self._list_recent(query, row_type, request, NEGATIVE_SPAN)

    async def list_averages(
        self, query: LmpQuery, grain: Literal["hour", "day", "month", "range"], request: PageRequest
    ) -> Listing[PriceAverage]:
        """Return averages by UTC hour, operating day, month of days, or over the whole range."""
        pins, window = self._pager.open(request, _pins(query))
        query = _at(query, pins)
        page = await self._reader.list_sums(query, grain, window)
        rows = [_average(sums, _expected_minutes(sums, grain, query)) for sums in page.rows]
        return self._pager.close(request, pins, page_with(page, rows))

    async def list_blocks(
        self,
        query: LmpQuery,
        calendar: MarketCalendar,
        blocks: Sequence[str],
        granularity: Granularity,
        request: PageRequest,
    ) -> Listing[BlockAverage]:
        """Return hour-weighted averages of the blocks; the limit counts rows, whole buckets each.

        The query gives operating days, which are read as days of the calendar.
        """
        pins, window = self._pager.open(request, _pins(query))
        query = _at(query, pins)
        window = replace(window, limit=max(1, window.limit // len(blocks)))
        page = await self._reader.list_block_sums(
            query, _rule(calendar, query), granularity, window
        )
        rows = [
            _block_average(sums, calendar, block, _bucket_days(sums.bucket, granularity, query))
            for sums in page.rows
            for block in blocks
        ]
        return self._pager.close(request, pins, page_with(page, rows))

    async def _list_recent(
        self, query: LmpQuery, row_type: type[R], request: PageRequest, span: timedelta
    ) -> Listing[R]:
        pins, window = self._pager.open(request, _pins(query))
        query = _at(query, pins)
        newest = await self._reader.list_newest(replace(query, negative=False))
        if not newest:
            return self._pager.close(request, pins, Page([]))
        windows = tuple(
            LmpWindow(n.iso_code, n.market, n.interval_end - span, n.interval_end) for n in newest
        )
        page = await self._reader.list_prices(replace(query, windows=windows), row_type, window)
        return self._pager.close(request, pins, page)


def _pins(query: LmpQuery) -> Pins:
    return pinned(query.pin)


def _at(query: LmpQuery, pins: Pins) -> LmpQuery:
    pin = replace(query.pin, data_version=pins.data_version, known_at=pins.known_at)
    return replace(query, pin=pin)


def _average(sums: PriceSum, expected: int) -> PriceAverage:
    return PriceAverage(
        sums.iso_code,
        sums.market,
        sums.location_id,
        sums.bucket,
        sums.currency,
        sums.uom,
        ratio(sums.price_minutes, sums.minutes),
        sums.price_min,
        sums.price_max,
        sample_deviation(sums.price_sum, sums.price_square_sum, sums.intervals),
        sums.intervals,
        sums.minutes,
        expected,
        sums.negative_intervals,
        sums.negative_minutes,
    )


def _expected_minutes(sums: PriceSum, grain: str, query: LmpQuery) -> int:
    if grain == "hour" or isinstance(sums.bucket, datetime):
        return HOUR_MINUTES
    zone = zone_of(sums.iso_code)
    if grain == "day":
        return minutes_in_day(sums.bucket, zone)
    return minutes_between(*_bucket_days(sums.bucket, grain, query), zone)


def _bucket_days(bucket: date, granularity: str, query: LmpQuery) -> tuple[date, date]:
    """Return the half-open days of a bucket, cut to the range that was asked for."""
    if granularity == "day":
        return bucket, bucket + timedelta(days=1)
    first, end = month_start(bucket), add_months(bucket, 1)
    if granularity == "range":
        first, end = bucket, query.end_day or end
    return max(first, query.first_day or first), min(end, query.end_day or end)


def _rule(calendar: MarketCalendar, query: LmpQuery) -> BlockRule:
    return BlockRule(
        calendar.zone_name,
        calendar.first_he,
        calendar.last_he,
        tuple(sorted(calendar.peak_weekdays)),
        _holidays(calendar, query),
    )


def _holidays(calendar: MarketCalendar, query: LmpQuery) -> tuple[date, ...]:
    first = query.first_day.year if query.first_day else FIRST_HOLIDAY_YEAR
    last = query.end_day.year if query.end_day else LAST_HOLIDAY_YEAR
    years = range(first, last + 1)
    return tuple(sorted(day for year in years for day in holidays_of(calendar.holiday_set, year)))


def _block_average(
    sums: BlockSums, calendar: MarketCalendar, block: str, days: tuple[date, date]
) -> BlockAverage:
    parts = [_part(sums, calendar, base) for base in base_blocks_of(calendar, block)]
    minutes = sum(part[1] for part in parts)
    return BlockAverage(
        sums.iso_code,
        sums.market,
        sums.location_id,
        calendar.name,
        block,
        sums.bucket,
        sums.currency,
        sums.uom,
        ratio(sum((part[0] for part in parts), Decimal(0)), minutes),
        min(_known(part[2] for part in parts), default=None),
        max(_known(part[3] for part in parts), default=None),
        minutes,
        block_hours(calendar, block, *days) * HOUR_MINUTES,
    )


def _known(values: Iterable[Decimal | None]) -> list[Decimal]:
    return [value for value in values if value is not None]


def _part(sums: BlockSums, calendar: MarketCalendar, base: str) -> Part:
    if base == calendar.peak_block:
        return sums.peak_price_minutes, sums.peak_minutes, sums.peak_min, sums.peak_max
    if base == calendar.weekend_block:
        return sums.day_price_minutes, sums.day_minutes, sums.day_min, sums.day_max
    return sums.night_price_minutes, sums.night_minutes, sums.night_min, sums.night_max
