"""Forward curves as v2 serves them."""

from datetime import date, datetime

from pydantic import Field

from aurum_core.dto.base import Dto
from aurum_core.dto.fields import Price


class CurvePoint(Dto):
    """One contract of a curve on one as-of date. `value` is the price of `price_type`."""

    curve_key: str = Field(description="SHA-256 of the curve's identity")
    slug: str = Field(description="readable unique name of the curve")
    source: str = Field(description="who published it")
    asof_date: date = Field(description="business date of the curve")
    tenor_type: str
    tenor_label: str = Field(description="label for people")
    delivery_start: date = Field(description="first delivery day, inclusive")
    delivery_end: date = Field(description="last delivery day, inclusive")
    contract_month: date | None = Field(description="first day of a monthly contract")
    price_type: str = Field(description="MID, BID, ASK, LAST, SETTLE, INDEX, STRIP or CUSTOM")
    value: Price | None
    bid: Price | None
    ask: Price | None
    currency: str
    per_unit: str
    asset_class: str
    iso: str | None
    region: str | None
    location: str | None
    market: str | None
    product: str | None
    block: str | None
    spark_location: str | None


class CurvePointVersion(CurvePoint):
    """A contract with its clocks: asked for by `fields=`, and every row of `/versions`."""

    version: int = Field(description="counts the versions of one natural key from 1")
    data_version: int = Field(description="the load it came with")
    published_at: datetime | None
    published_at_estimated: bool
    ingested_at: datetime
    source_ref: str | None
    withdrawn: bool
    units_raw: str | None


class CurveDifference(Dto):
    """One contract on two as-of dates. `diff_pct` is percent of |value_a|."""

    curve_key: str
    slug: str
    source: str
    tenor_type: str
    tenor_label: str
    contract_month: date | None
    delivery_start: date
    delivery_end: date
    price_type: str
    asof_a: date
    asof_b: date
    value_a: Price | None
    value_b: Price | None
    status: str = Field(description="changed, unchanged, added, removed or unpriced")
    diff_abs: Price | None = Field(description="b - a")
    diff_pct: Price | None = Field(description="100 (b - a) / |a|; null when a is null or 0")
    currency: str
    per_unit: str


class CurveStrip(Dto):
    """A strip: the weighted sum of its months, null when one is missing or delivering."""

    curve_key: str
    slug: str
    block: str | None
    source: str
    asof_date: date
    price_type: str | None
    strip: str = Field(description="code: Q1 … Q4, CAL, JF, JA, SUMMER, GAS_SUMMER, GAS_WINTER")
    strip_definition: str = Field(description="the months it means")
    tenor_type: str
    tenor_label: str
    delivery_start: date
    delivery_end: date
    value: Price | None
    currency: str | None
    per_unit: str | None
    weighting: str = Field(description="block_hours, days or none")
    weight: Price = Field(description="total weight: hours, days or months")
    missing_months: list[date]
    delivered_months: list[date]
    built_from: list[str] = Field(description="curves it was built from, where it has none itself")
    reason: str | None = Field(
        description="why there is no value: missing_months, delivered_months, mixed_units, "
        "no_block_hours"
    )


class Curve(Dto):
    """One curve of the catalogue."""

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
    calendar: str | None = Field(description="block calendar")
    trading_calendar: str | None
    root: str | None = Field(description="root of the listed contracts")
    weighting: str
    settle_iso: str | None
    settle_location_id: str | None
    settle_market: str | None
    first_asof: date
    last_asof: date
    asof_count: int
    sources: list[str]
    price_types: list[str]
    tenor_types: list[str]
