"""Shapes of v1: the envelope and the rows of the old contract, field by field."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import Field

from aurum_core.dto.base import Dto
from aurum_core.dto.fields import Price

T = TypeVar("T")


class LegacyMeta(Dto):
    """What every answer of v1 says of itself; every member is always there."""

    request_id: str = Field(description="the request's id, as in X-Request-Id")
    query_time_ms: int = Field(description="milliseconds that the answer took")
    next_cursor: str | None = Field(description="cursor of the next page")
    prev_cursor: str | None = Field(description="cursor of the previous page")
    has_more: bool | None = Field(description="whether rows follow")
    count: int | None = Field(description="values in `data`")
    total: int | None = Field(description="values in all, where known")
    offset: int | None = Field(description="rows skipped; null behind a keyset cursor")
    limit: int | None = Field(description="most rows of a page, as it was applied")


class LegacySingle(Dto, Generic[T]):
    """One object in the envelope."""

    meta: LegacyMeta
    data: T


class LegacyPage(Dto, Generic[T]):
    """A list in the envelope."""

    meta: LegacyMeta
    data: list[T]


class LegacyCurvePoint(Dto):
    """One contract, or strip, of a curve on one as-of date."""

    curve_key: str
    tenor_label: str = Field(
        description="YYYY-MM, YYYY-Qn, Cal YYYY, Winter YYYY-YY or Summer YYYY"
    )
    tenor_type: str | None
    contract_month: date | None = Field(description="first day of a monthly contract")
    asof_date: date
    mid: Price | None = Field(description="the value of `price_type`: MID, else SETTLE, else LAST")
    bid: Price | None
    ask: Price | None
    price_type: str | None


class LegacyCurveDiff(Dto):
    """One contract on two as-of dates."""

    curve_key: str
    tenor_label: str
    tenor_type: str | None
    contract_month: date | None
    asof_a: date
    mid_a: Price | None
    asof_b: date
    mid_b: Price | None
    diff_abs: Price | None = Field(description="mid_b - mid_a")
    diff_pct: Price | None = Field(
        description="(mid_b - mid_a) / |mid_a|, a fraction: 0.05 is five percent"
    )


class LegacyLmp(Dto):
    """One interval of one price series."""

    iso_code: str
    market: str = Field(description="DAY_AHEAD, REAL_TIME or a named series")
    delivery_date: date = Field(description="the ISO's operating day")
    interval_start: datetime
    interval_end: datetime | None
    interval_minutes: int | None
    location_id: str
    location_name: str | None
    location_type: str | None
    price_total: Price
    price_energy: Price | None
    price_congestion: Price | None
    price_loss: Price | None
    currency: str
    uom: str
    settlement_point: str | None = Field(description="the location where the ISO settles at points")
    source_run_id: str | None = Field(description="file, report or run the price came from")
    ingest_ts: datetime | None
    record_hash: str = Field(description="SHA-256 of natural key and prices")
    metadata: dict[str, Any] | None = Field(description="price_ghg, where there is one")


class LegacyLmpAverage(Dto):
    """A time-weighted average of one hour or operating day."""

    iso_code: str
    market: str
    interval_start: datetime = Field(description="start of the hour or of the operating day, UTC")
    location_id: str
    currency: str
    uom: str
    price_avg: Price | None
    price_min: Price | None
    price_max: Price | None
    price_stddev: Price | None = Field(description="of the intervals, n - 1; null for one alone")
    sample_count: int = Field(description="intervals seen")


class LegacyLocation(Dto):
    """One location of an ISO."""

    iso: str
    location_id: str
    location_name: str | None
    location_type: str | None
    zone: str | None
    hub: str | None
    timezone: str | None


class LegacyUnits(Dto):
    """Currencies and units of measure."""

    currencies: list[str]
    units: list[str]


class LegacyUnitMapping(Dto):
    """One unit text as published, and what it means."""

    units_raw: str
    currency: str | None
    per_unit: str | None


class LegacyCalendar(Dto):
    """One market calendar."""

    name: str
    timezone: str


class LegacyDimensionCount(Dto):
    """One value of a dimension and its observations."""

    value: str
    count: int


class LegacyDimensions(Dto):
    """Distinct values of the curve dimensions."""

    asset_class: list[str]
    iso: list[str]
    location: list[str]
    market: list[str]
    product: list[str]
    block: list[str]
    tenor_type: list[str]


class LegacyDimensionCounts(Dto):
    """Distinct values of the curve dimensions with their observations."""

    asset_class: list[LegacyDimensionCount]
    iso: list[LegacyDimensionCount]
    location: list[LegacyDimensionCount]
    market: list[LegacyDimensionCount]
    product: list[LegacyDimensionCount]
    block: list[LegacyDimensionCount]
    tenor_type: list[LegacyDimensionCount]


class LegacyDimensionsPage(Dto):
    """Dimensions in the envelope; `counts` is null where it was not asked for."""

    meta: LegacyMeta
    data: LegacyDimensions
    counts: LegacyDimensionCounts | None
