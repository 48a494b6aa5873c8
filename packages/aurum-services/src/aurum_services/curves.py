"""Forward curves: observations under the as-of rule, diffs, strips, the catalogue."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from aurum_core.cursors import Pins
from aurum_core.errors import RuleError, Violation
from aurum_core.market.tenors import contract_of_relative, parse_relative
from aurum_core.rows import Price
from aurum_dao.ports.curves import (
    CatalogueQuery,
    CurveDetail,
    CurveDiffQuery,
    CurveQuery,
    CurveReader,
    VersionQuery,
)
from aurum_dao.ports.paging import Pin, Window
from aurum_services.numbers import exact, ratio
from aurum_services.paging import Listing, Pager, PageRequest, page_with, pinned, window_of
from aurum_services.strips import StripPrice, StripRequest, build_strips, strip_key

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
LONGEST_DIFF_DAYS = 365


@dataclass(slots=True)
class DiffRead:
    """What a diff selects: the contract, both values, and what became of it."""

    curve_key: str
    slug: str
    source: str
    tenor_type: str
    tenor_label: str
    contract_month: date | None
    delivery_start: date
    delivery_end: date
    price_type: str
    value_a: Price | None
    value_b: Price | None
    diff_abs: Price | None
    status: str
    currency: str
    per_unit: str


@dataclass(slots=True)
class AsOfRead:
    """What tells the as-of date of a read."""

    asof_date: date


@dataclass(frozen=True, slots=True)
class CurveDiff:
    """One contract on two as-of dates; `diff_pct` is percent of |a|, None where a is null or 0."""

    read: DiffRead
    asof_a: date
    asof_b: date

    @property
    def diff_pct(self) -> Decimal | None:
        """Return 100·(b - a)/|a|, half-even to six decimals."""
        a, change = exact(self.read.value_a), exact(self.read.diff_abs)
        return None if not a or change is None else ratio(100 * change, abs(a))

    @property
    def diff_fraction(self) -> Decimal | None:
        """Return (b - a)/|a|: what v1 calls `diff_pct`."""
        a, change = exact(self.read.value_a), exact(self.read.diff_abs)
        return None if not a or change is None else ratio(change, abs(a))


class CurveService:
    """Reads forward curves under a pin, page by page or whole."""

    __slots__ = ("_pager", "_reader")

    def __init__(self, reader: CurveReader, pager: Pager) -> None:
        self._reader = reader
        self._pager = pager

    async def list_observations(
        self, query: CurveQuery, row_type: type[R], request: PageRequest
    ) -> Listing[R]:
        """Return a page of observations; the page names the as-of date that all rows share."""
        pins, window = self._pager.open(request, _pins(query.pin, query.asof.today))
        page = await self._reader.list_observations(_at(query, pins), row_type, window)
        return self._pager.close(request, pins, page)

    def iter_observations(
        self, query: CurveQuery, row_type: type
    ) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every observation of the query as Arrow."""
        return self._reader.iter_observations(query, row_type)

    async def list_diff(self, query: CurveDiffQuery, request: PageRequest) -> Listing[CurveDiff]:
        """Return a page of differences between two as-of dates.

        Raises:
            RuleError: no dimension narrows it, the dates are equal or more than 365 days apart.
        """
        _check_diff(query)
        pins, window = self._pager.open(request, pinned(query.pin))
        pin = _pin_at(query.pin, pins)
        page = await self._reader.list_diff(replace(query, pin=pin), DiffRead, window)
        rows = [CurveDiff(read, query.asof_a, query.asof_b) for read in page.rows]
        return self._pager.close(request, pins, page_with(page, rows))

    async def list_strips(
        self, request: StripRequest, page_request: PageRequest
    ) -> Listing[StripPrice]:
        """Return a page of strips, by curve, block, delivery and code."""
        query = request.query
        pins, window = self._pager.open(page_request, _pins(query.pin, query.asof.today))
        found = await build_strips(self._reader, replace(request, query=_at(query, pins)))
        return self._pager.close(page_request, pins, window_of(found, strip_key, window))

    async def list_versions(
        self, query: VersionQuery, row_type: type[R], request: PageRequest
    ) -> Listing[R]:
        """Return a page of every version of a curve's facts."""
        pins, window = self._pager.open(request, pinned(query.pin))
        query = replace(query, pin=_pin_at(query.pin, pins))
        page = await self._reader.list_versions(query, row_type, window)
        return self._pager.close(request, pins, page)

    async def list_curves(
        self, query: CatalogueQuery, row_type: type[R], request: PageRequest
    ) -> Listing[R]:
        """Return a page of the catalogue."""
        pins, window = self._pager.open(request, _pins(query.pin, query.today))
        query = replace(query, pin=_pin_at(query.pin, pins), today=pins.today or query.today)
        page = await self._reader.list_curves(query, row_type, window)
        return self._pager.close(request, pins, page)

    async def get_curve(self, name: str, *, pin: Pin, today: date) -> CurveDetail:
        """Return one curve by hash, old key or slug. Raises NotFoundError."""
        return await self._reader.get_curve(name, pin=pin, today=today)

    async def list_family(self, curve_key: str, *, pin: Pin) -> tuple[str, ...]:
        """Return the curve and its siblings: the curves that differ from it by block alone."""
        siblings = await self._reader.list_siblings(curve_key, pin=pin)
        return (curve_key, *siblings.values())

    async def find_asof(self, query: CurveQuery) -> date | None:
        """Return the as-of date that the query's one curve resolves to, None without rows."""
        page = await self._reader.list_observations(query, AsOfRead, Window(limit=1))
        return page.rows[0].asof_date if page.rows else None

    async def delivery_of_tenors(
        self, tenors: tuple[str, ...], curve: CurveDetail | None, asof: date
    ) -> tuple[date, ...]:
        """Return the contract months that M1 … Mn mean on a date for a curve.

        The curve's root decides by its expiries; without a root M1 is the next calendar month.
        Raises TenorError.
        """
        expiries = None
        if curve is not None and curve.root is not None:
            listed = await self._reader.list_expiries(curve.root)
            expiries = {row.contract_month: row.last_trade for row in listed} or None
        return tuple(contract_of_relative(parse_relative(t), asof, expiries) for t in tenors)


def _pins(pin: Pin, today: date) -> Pins:
    return replace(pinned(pin), today=today)


def _pin_at(pin: Pin, pins: Pins) -> Pin:
    return replace(pin, data_version=pins.data_version, known_at=pins.known_at)


def _at(query: CurveQuery, pins: Pins) -> CurveQuery:
    asof = replace(query.asof, today=pins.today or query.asof.today)
    return replace(query, pin=_pin_at(query.pin, pins), asof=asof)


def _check_diff(query: CurveDiffQuery) -> None:
    broken = []
    if query.where.is_empty:
        broken.append(
            Violation(
                "query", "curve_key", "filter_required", "name a curve or at least one dimension"
            )
        )
    apart = abs((query.asof_b - query.asof_a).days)
    if not apart:
        broken.append(Violation("query", "asof_b", "differs", "must differ from asof_a"))
    if apart > LONGEST_DIFF_DAYS:
        message = f"may be at most {LONGEST_DIFF_DAYS} days from asof_a"
        broken.append(Violation("query", "asof_b", "span", message))
    if broken:
        raise RuleError(broken)
