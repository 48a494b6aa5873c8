"""Forward curves: query values and the reader's port."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from aurum_dao.ports.paging import AsOf, Page, Pin, Window

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")

DEFAULT_PRICE_TYPES = ("MID", "SETTLE", "LAST")
"""Where no price type is asked for: the first of these that a contract has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveFilter:
    """Dimensions of a curve; an empty tuple asks for all. Values are canonical (`market.keys`).

    `curve_keys` holds hashes or slugs. `prefix` narrows every text dimension of a dimension read.
    """

    curve_keys: tuple[str, ...] = ()
    asset_class: tuple[str, ...] = ()
    iso: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    market: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether no dimension narrows the read."""
        return not any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveQuery:
    """Observations: one as-of per curve, or a history of as-ofs.

    `price_type` empty: per contract MID, else SETTLE, else LAST. `start`/`end` filter
    `delivery_start`, half-open. `delivery` narrows to contracts that start on these dates.
    """

    pin: Pin
    asof: AsOf
    where: CurveFilter = field(default_factory=CurveFilter)
    tenor_type: tuple[str, ...] = ()
    price_type: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    delivery: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveDiffQuery:
    """Two exact as-of dates, a full outer join on the contract."""

    pin: Pin
    asof_a: date
    asof_b: date
    where: CurveFilter
    tenor_type: tuple[str, ...] = ()
    price_type: tuple[str, ...] = ()
    status: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueQuery:
    """Curves that have observations, searched by words in slug and dimensions."""

    pin: Pin
    today: date
    where: CurveFilter = field(default_factory=CurveFilter)
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionQuery:
    """Every version of a curve's facts, also withdrawn and superseded ones."""

    pin: Pin
    curve_key: str
    asof: date | None = None
    delivery_start: date | None = None
    price_type: tuple[str, ...] = ()
    tenor_type: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurveDetail:
    """One curve: identity, unit, how it is weighted and settled, what it holds."""

    curve_key: str
    slug: str
    asset_class: str
    iso: str | None
    region: str | None
    location: str | None
    market: str | None
    product: str | None
    block: str | None
    spark_location: str | None
    currency: str | None
    per_unit: str | None
    calendar: str | None
    trading_calendar: str | None
    root: str | None
    weighting: str
    settle_iso: str | None
    settle_location_id: str | None
    settle_market: str | None
    first_asof: date
    last_asof: date
    asof_count: int
    sources: tuple[str, ...]
    price_types: tuple[str, ...]
    tenor_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthPrice:
    """A monthly contract's price, as strips are built from it."""

    curve_key: str
    source: str
    asof_date: date
    price_type: str
    delivery_start: date
    delivery_end: date
    value: Decimal | None
    currency: str
    per_unit: str


@dataclass(frozen=True, slots=True)
class ContractExpiry:
    """One listed contract of a root: the roll is the day after `last_trade`."""

    root: str
    contract_month: date
    last_trade: date
    first_delivery: date | None
    last_delivery: date | None


class CurveReader(Protocol):
    """Reads of forward curves; every order is total and stable.

    Observations: curve_key, delivery_start NULLS LAST, tenor_type, price_type, asof_date, then
    delivery_end and source. Row types name columns of `market.curve_observation`, and `slug`.
    All calls honour the current deadline and raise UnavailableError or DeadlineError.
    """

    async def list_observations(
        self, query: CurveQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return a page of observations under the as-of rule."""
        ...

    def iter_observations(
        self, query: CurveQuery, row_type: type
    ) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every observation of the query as Arrow, in the list order."""
        ...

    async def list_months(self, query: CurveQuery) -> Sequence[MonthPrice]:
        """Return the MONTHLY prices of the curves of the query: what strips are built from."""
        ...

    async def list_diff(self, query: CurveDiffQuery, row_type: type[R], window: Window) -> Page[R]:
        """Return the outer join of two as-ofs.

        Columns beside the contract's own: asof_a, asof_b, value_a, value_b, diff_abs, status
        (changed, unchanged, added, removed, unpriced). Ordered by curve_key, delivery_start,
        tenor_type, price_type, delivery_end, source.
        """
        ...

    async def list_versions(
        self, query: VersionQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return versions by asof_date, delivery_start, tenor_type, price_type, newest first."""
        ...

    async def list_curves(
        self, query: CatalogueQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return the catalogue ordered by slug; columns are the fields of `CurveDetail`."""
        ...

    async def get_curve(self, name: str, *, pin: Pin, today: date) -> CurveDetail:
        """Return one curve by hash, old key or slug.

        Raises:
            NotFoundError: nothing has that name.
        """
        ...

    async def list_details(self, keys: Sequence[str], *, pin: Pin) -> dict[str, CurveDetail]:
        """Return the details of the curves by key; unknown keys are absent."""
        ...

    async def list_siblings(self, curve_key: str, *, pin: Pin) -> dict[str, str]:
        """Return block → curve_key of the curves that differ from this one by block alone."""
        ...

    async def list_expiries(self, root: str) -> Sequence[ContractExpiry]:
        """Return the listed contracts of a root by month."""
        ...
