"""Rows of v1: what is read, and the row that is served from it under the contract's names."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from aurum_core.demo import SYNTHETIC, is_demo
from aurum_core.market.keys import legacy_market_of
from aurum_core.market.time import operating_day_bounds, zone_of
from aurum_core.rows import Column, Kind, Price, served_number
from aurum_services.curves import CurveDiff
from aurum_services.iso import PriceAverage
from aurum_services.strips import StripPrice

SETTLEMENT_POINT_ISOS: Final = frozenset({"ERCOT"})
"""ISOs whose prices settle at points of that name."""


class CurveRow(msgspec.Struct, gc=False):
    """One contract of a curve on one as-of date; `mid` is the value of its price type."""

    curve_key: str
    tenor_label: str
    tenor_type: str | None
    contract_month: date | None
    asof_date: date
    mid: Annotated[Price | None, Column("value")]
    bid: Price | None
    ask: Price | None
    price_type: str | None


class CurveRead(CurveRow, gc=False):
    """What is read of a contract: its row, and where it comes from."""

    source: str


class StripRead(CurveRead, gc=False):
    """What is read of a quoted strip: where it stands among the computed ones."""

    delivery_start: date
    delivery_end: date


class CurveDiffRow(msgspec.Struct, gc=False):
    """One contract on two as-of dates; `diff_pct` is a fraction of |mid_a|."""

    curve_key: str
    tenor_label: str
    tenor_type: str | None
    contract_month: date | None
    asof_a: date
    mid_a: Price | None
    asof_b: date
    mid_b: Price | None
    diff_abs: Price | None
    diff_pct: Price | None


class LmpRead(msgspec.Struct, gc=False):
    """What is read of an interval."""

    iso_code: str
    market: str
    operating_date: date
    interval_start: datetime
    interval_end: datetime
    interval_minutes: int
    location_id: str
    location_name: str | None
    location_type: str | None
    price_total: Price
    price_energy: Price | None
    price_congestion: Price | None
    price_loss: Price | None
    price_ghg: Price | None
    currency: str
    uom: str
    source_ref: str | None
    ingested_at: datetime


class LmpRow(msgspec.Struct, gc=False):
    """One interval of one series."""

    iso_code: str
    market: str
    delivery_date: date
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
    settlement_point: str | None
    source_run_id: str | None
    ingest_ts: datetime | None
    record_hash: str
    metadata: Annotated[dict[str, Any] | None, Kind.JSON]


class LmpAverageRow(msgspec.Struct, gc=False):
    """A time-weighted average of one hour or operating day, named by its start in UTC."""

    iso_code: str
    market: str
    interval_start: datetime
    location_id: str
    currency: str
    uom: str
    price_avg: Price | None
    price_min: Price | None
    price_max: Price | None
    price_stddev: Price | None
    sample_count: int


class LocationRow(msgspec.Struct, gc=False):
    """One location of an ISO."""

    iso: Annotated[str, Column("iso_code")]
    location_id: str
    location_name: str | None
    location_type: str | None
    zone: str | None
    hub: str | None
    timezone: str | None


def curve_row(read: CurveRead) -> CurveRow:
    """Return the served row of a contract."""
    return CurveRow(*msgspec.structs.astuple(read)[: len(CurveRow.__struct_fields__)])


def strip_row(strip: StripPrice) -> CurveRow:
    """Return the served row of a computed strip: it has no contract month and no quotes."""
    return CurveRow(
        strip.curve.curve_key,
        strip.strip.label,
        strip.strip.definition.tenor_type,
        None,
        strip.asof_date,
        _number(strip.value),
        None,
        None,
        strip.price_type,
    )


def diff_row(diff: CurveDiff) -> CurveDiffRow:
    """Return the served row of a difference."""
    read = diff.read
    return CurveDiffRow(
        read.curve_key,
        read.tenor_label,
        read.tenor_type,
        read.contract_month,
        diff.asof_a,
        read.value_a,
        diff.asof_b,
        read.value_b,
        read.diff_abs,
        _number(diff.diff_fraction),
    )


def lmp_row(read: LmpRead) -> LmpRow:
    """Return the served row of an interval.

    `metadata` carries the greenhouse gas component where there is one: without it the components
    of v1 do not sum to the total.
    """
    return LmpRow(
        read.iso_code,
        legacy_market_of(read.market, read.iso_code),
        read.operating_date,
        read.interval_start,
        read.interval_end,
        read.interval_minutes,
        read.location_id,
        read.location_name,
        read.location_type,
        read.price_total,
        read.price_energy,
        read.price_congestion,
        read.price_loss,
        read.currency,
        read.uom,
        read.location_id if read.iso_code in SETTLEMENT_POINT_ISOS else None,
        read.source_ref,
        read.ingested_at,
        record_hash(read),
        None if read.price_ghg is None else {"price_ghg": read.price_ghg},
    )


def record_hash(read: LmpRead) -> str:
    """Return the SHA-256 of the natural key and the prices: the same row, the same hash."""
    parts = (
        read.iso_code,
        read.market,
        read.location_id,
        read.interval_start.isoformat(),
        read.interval_minutes,
        read.price_total,
        read.price_energy,
        read.price_congestion,
        read.price_loss,
        read.price_ghg,
        read.currency,
        read.uom,
    )
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def average_row(average: PriceAverage) -> LmpAverageRow:
    """Return the served row of an average."""
    return LmpAverageRow(
        average.iso_code,
        legacy_market_of(average.market, average.iso_code),
        _bucket_start(average),
        average.location_id,
        average.currency,
        average.uom,
        _number(average.price_avg),
        _number(average.price_min),
        _number(average.price_max),
        _number(average.price_stddev),
        average.intervals,
    )


def _bucket_start(average: PriceAverage) -> datetime:
    """Return the start in UTC of the hour, or of the operating day in the ISO's zone."""
    if isinstance(average.bucket, datetime):
        return average.bucket
    return operating_day_bounds(average.bucket, zone_of(average.iso_code))[0]


def _number(value: Decimal | None) -> float | None:
    """Return a computed value as it is written: a whole number, a double, a tiny one a decimal."""
    return served_number(value)  # type: ignore[return-value]  # msgspec writes each as a number


def has_demo_source(sources: Iterable[str]) -> bool:
    """Tell whether a row is of the demo set, by its source."""
    return any(source == SYNTHETIC for source in sources)


def has_demo_location(rows: Sequence[Any]) -> bool:
    """Tell whether a row is of the demo set, by its location."""
    return any(is_demo(row.location_id) for row in rows)
