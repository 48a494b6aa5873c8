"""Locational prices from memory."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from aurum_dao.adapters.memory.batches import batch_in_memory
from aurum_dao.adapters.memory.pages import Order, ascending, builder_of, in_order, page_in_memory
from aurum_dao.adapters.memory.tables import MemoryWarehouse, Row, current, visible
from aurum_dao.ports.iso import BlockRule, BlockSums, Grain, LmpQuery, NewestInterval, PriceSum
from aurum_dao.ports.paging import Page, Window
from aurum_dao.schemas.catalogue import LMP

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
SERIES = ("iso_code", "market", "location_id")
UNIT = ("currency", "uom")
SUMS = ascending(*SERIES, "bucket", *UNIT)
Days = tuple[date | None, date | None]


class MemoryLmpReader:
    """Implements `LmpReader` over rows in memory."""

    def __init__(self, warehouse: MemoryWarehouse) -> None:
        self._warehouse = warehouse

    async def list_prices(self, query: LmpQuery, row_type: type[R], window: Window) -> Page[R]:
        """Return a page of intervals."""
        return page_in_memory(self._rows(query), _order(query), window, builder_of(row_type))

    async def iter_prices(self, query: LmpQuery, row_type: type) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every interval of the query as one Arrow batch."""
        rows = in_order(self._rows(query), _order(query))
        if rows:
            yield batch_in_memory(rows, row_type)

    async def list_sums(self, query: LmpQuery, grain: Grain, window: Window) -> Page[PriceSum]:
        """Return a page of bucket sums."""
        buckets: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in _one_grid(self._rows(query)):
            hour, day = _hour(row), row["operating_date"]
            by = {"hour": hour, "day": day, "month": day.replace(day=1), "range": None}[grain]
            buckets[(*_summed(row), by)].append(row)
        sums = [
            {**_price_sum(rows), "bucket": key[-1] or query.first_day or _first_day(rows)}
            for key, rows in buckets.items()
        ]
        return page_in_memory(sums, SUMS, window, _builder(PriceSum))

    async def list_block_sums(
        self, query: LmpQuery, rule: BlockRule, grain: Grain, window: Window
    ) -> Page[BlockSums]:
        """Return a page of block sums."""
        zone = ZoneInfo(rule.zone)
        buckets: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in _one_grid(self._rows(query, zone=zone)):
            day = row["interval_start"].astimezone(zone).date()
            by = {"day": day, "month": day.replace(day=1), "range": None}[grain]
            buckets[(*_summed(row), by)].append({**row, "local_date": day})
        sums = [
            {
                **_block_sums(rows, rule, zone),
                "bucket": key[-1] or query.first_day or min(r["local_date"] for r in rows),
            }
            for key, rows in buckets.items()
        ]
        return page_in_memory(sums, SUMS, window, _builder(BlockSums))

    async def list_newest(self, query: LmpQuery) -> Sequence[NewestInterval]:
        """Return the newest interval_end per (iso, market)."""
        newest: dict[tuple[str, str], datetime] = {}
        for row in self._rows(query, ranged=False):
            pair = (row["iso_code"], row["market"])
            newest[pair] = max(newest.get(pair, row["interval_end"]), row["interval_end"])
        return [NewestInterval(*pair, newest[pair]) for pair in sorted(newest)]

    def _rows(
        self, query: LmpQuery, *, ranged: bool = True, zone: ZoneInfo | None = None
    ) -> list[Row]:
        sources = self._warehouse.sources_of(query.pin, query.source)
        seen = visible(self._warehouse.rows(LMP.table), query.pin, sources)
        wanted = (row for row in seen if _is_wanted(row, query, ranged=ranged, zone=zone))
        rows = current(wanted, LMP)
        return [row for row in rows if not query.negative or row["price_total"] < 0]


def _is_wanted(row: Row, query: LmpQuery, *, ranged: bool, zone: ZoneInfo | None) -> bool:
    if query.location and row["location_id"] not in query.location:
        return False
    if query.location_type and row["location_type"] not in query.location_type:
        return False
    pair, start = (row["iso_code"], row["market"]), row["interval_start"]
    if query.windows and ranged:
        return any(
            pair == (w.iso_code, w.market) and w.start <= start < w.end for w in query.windows
        )
    if query.windows or query.pairs:
        pairs = {(w.iso_code, w.market) for w in query.windows} or set(query.pairs)
        named = pair in pairs
    else:
        named = _in(pair[0], query.iso) and _in(pair[1], query.market)
    if not named or not ranged:
        return named
    day = row["operating_date"] if zone is None else start.astimezone(zone).date()
    return _between(start, query.start, query.end) and _between(day, query.first_day, query.end_day)


def _in(value: str, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted


def _between(value: Any, start: Any, end: Any) -> bool:  # noqa: ANN401 - days or instants
    return (start is None or value >= start) and (end is None or value < end)


def _order(query: LmpQuery) -> Order:
    if query.newest_first:
        return (("interval_start", True), *ascending(*SERIES, "interval_minutes"))
    return ascending(*SERIES, "interval_start", "interval_minutes")


def _summed(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in (*SERIES, *UNIT))


def _hour(row: Row) -> datetime:
    start: datetime = row["interval_start"].astimezone(UTC)
    return start.replace(minute=0, second=0, microsecond=0)


def _first_day(rows: Iterable[Row]) -> date:
    days: list[date] = [row["operating_date"] for row in rows]
    return min(days)


def _one_grid(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of one interval length per hour: most minutes, then the shorter."""
    hours: dict[tuple[Any, ...], dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        hours[(*_summed(row), _hour(row))][row["interval_minutes"]].append(row)
    kept: list[Row] = []
    for lengths in hours.values():
        length = max(lengths, key=lambda minutes: (minutes * len(lengths[minutes]), -minutes))
        kept += lengths[length]
    return kept


def _price_sum(rows: Sequence[Row]) -> dict[str, Any]:
    prices = [row["price_total"] for row in rows]
    minutes = [row["interval_minutes"] for row in rows]
    below = [m for m, p in zip(minutes, prices, strict=True) if p < 0]
    return {
        **_heading(rows),
        "price_minutes": sum((p * m for p, m in zip(prices, minutes, strict=True)), Decimal(0)),
        "minutes": sum(minutes),
        "intervals": len(rows),
        "price_min": min(prices),
        "price_max": max(prices),
        "price_sum": sum(prices, Decimal(0)),
        "price_square_sum": sum((p * p for p in prices), Decimal(0)),
        "negative_intervals": len(below),
        "negative_minutes": sum(below),
    }


def _block_sums(rows: Sequence[Row], rule: BlockRule, zone: ZoneInfo) -> dict[str, Any]:
    sums = dict(_heading(rows))
    for block in ("peak", "day", "night"):
        members = [row for row in rows if _block(row, rule, zone) == block]
        prices = [row["price_total"] for row in members]
        weighted = (row["price_total"] * row["interval_minutes"] for row in members)
        sums[f"{block}_price_minutes"] = sum(weighted, Decimal(0))
        sums[f"{block}_minutes"] = sum(row["interval_minutes"] for row in members)
        sums[f"{block}_min"] = min(prices, default=None)
        sums[f"{block}_max"] = max(prices, default=None)
    return sums


def _block(row: Row, rule: BlockRule, zone: ZoneInfo) -> str:
    local = row["interval_start"].astimezone(zone)
    if not rule.first_he <= local.hour + 1 <= rule.last_he:
        return "night"
    working = local.weekday() in rule.peak_weekdays and local.date() not in rule.holidays
    return "peak" if working else "day"


def _heading(rows: Sequence[Row]) -> dict[str, Any]:
    first = rows[0]
    return {name: first[name] for name in (*SERIES, *UNIT)}


def _builder(row_type: type[R]) -> Any:  # noqa: ANN401 - builds that type
    names = [f.name for f in fields(row_type)]  # type: ignore[arg-type]  # a dataclass

    def build(row: Mapping[str, Any]) -> R:
        return row_type(*(row[name] for name in names))

    return build
