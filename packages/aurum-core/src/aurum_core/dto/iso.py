"""Locational prices as v2 serves them."""

from datetime import date, datetime

from pydantic import Field

from aurum_core.dto.base import Dto
from aurum_core.dto.fields import Price


class LmpPrice(Dto):
    """One interval of one series. Prices in `currency` per `uom`."""

    iso: str = Field(description="the ISO", examples=["ERCOT"])
    market: str = Field(description="one published series on one grid")
    location: str = Field(description="node, zone or hub as the ISO names it")
    location_name: str | None = Field(description="readable name")
    location_type: str | None = Field(description="NODE, ZONE, HUB or INTERFACE")
    interval_start: datetime = Field(description="start of the interval")
    interval_end: datetime = Field(description="end of the interval, exclusive")
    interval_minutes: int = Field(description="length of the interval, minutes")
    operating_date: date = Field(description="the ISO's operating day")
    hour_ending: int = Field(description="local clock hour + 1")
    hour_label: str = Field(description="01 … 24, 02X the repeated hour of the long day")
    price_total: Price = Field(description="energy + congestion + loss + ghg")
    price_energy: Price | None = Field(description="system energy component")
    price_congestion: Price | None = Field(description="congestion component")
    price_loss: Price | None = Field(description="marginal loss component")
    price_ghg: Price | None = Field(description="greenhouse gas component")
    currency: str
    uom: str = Field(description="unit of measure")
    finality: str = Field(description="preliminary or final")
    source: str = Field(description="who published it")


class LmpPriceVersion(LmpPrice):
    """An interval with its clocks: asked for by `fields=`."""

    version: int
    data_version: int
    published_at: datetime | None
    ingested_at: datetime
    source_ref: str | None


class LmpAverage(Dto):
    """A time-weighted average: Σ price·minutes / Σ minutes."""

    iso: str
    market: str
    location: str
    interval_start: datetime | None = Field(
        description="start of the hour; null on days and longer"
    )
    operating_date: date | None = Field(description="first operating day; null on hours")
    currency: str
    uom: str
    price_avg: Price | None
    price_min: Price
    price_max: Price
    intervals: int = Field(description="intervals seen")
    minutes: int = Field(description="minutes seen")
    expected_minutes: int = Field(description="minutes there are: 1380, 1440 or 1500 a day")
    coverage: Price | None = Field(description="minutes / expected_minutes")
    complete: bool
    negative_intervals: int
    negative_minutes: int


class LmpBlockAverage(Dto):
    """An hour-weighted average of one block of a calendar over a day, month or range."""

    iso: str
    market: str
    location: str
    calendar: str
    block: str
    period_start: date = Field(description="first day of the bucket, in the calendar's zone")
    currency: str
    uom: str
    price_avg: Price | None
    price_min: Price | None
    price_max: Price | None
    minutes: int
    expected_minutes: int
    hours: Price = Field(description="expected hours of the block in the bucket")
    coverage: Price | None
    complete: bool
