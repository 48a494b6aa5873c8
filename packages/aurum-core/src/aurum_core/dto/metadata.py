"""Reference data as v2 serves it."""

from datetime import date, datetime

from pydantic import Field

from aurum_core.dto.base import Dto
from aurum_core.dto.fields import Price


class DimensionValue(Dto):
    """One value of a dimension and how many observations have it."""

    value: str
    count: int


class Location(Dto):
    """A node, zone, hub or interface; the time zone is the ISO's market zone."""

    iso: str
    location: str
    location_name: str | None
    location_type: str | None
    zone: str | None
    hub: str | None
    timezone: str
    valid_from: date
    valid_to: date | None


class UnitOfMeasure(Dto):
    """A unit and its dimension."""

    unit: str
    dimension: str
    name: str
    aliases: list[str]


class UnitConversion(Dto):
    """A converted value, half-even to six decimals, and how it came about."""

    value: Price
    from_unit: str
    to_unit: str
    result: Price
    factor: str = Field(description="result / value, exact")
    steps: list[str]


class Calendar(Dto):
    """A market calendar: a zone, a 16-hour window, the weekdays on which it is peak."""

    name: str
    timezone: str
    first_hour_ending: int
    last_hour_ending: int
    peak_weekdays: list[str]
    blocks: list[str]
    holiday_set: str
    description: str


class CalendarBlock(Dto):
    """A block of a calendar with its hours in a year."""

    block: str
    base_blocks: list[str] = Field(description="the base blocks it is made of")
    year: int
    hours: int


class CalendarHour(Dto):
    """One hour of a block."""

    interval_start: datetime
    interval_end: datetime
    operating_date: date
    hour_ending: str


class DatasetColumn(Dto):
    """A column of a dataset."""

    name: str
    kind: str
    nullable: bool
    unit: str | None
    description: str


class DatasetSummary(Dto):
    """A dataset and what it holds."""

    name: str
    description: str
    frequency: str
    row_count: int
    earliest: str | None
    latest: str | None
    last_load: datetime | None
    data_version: int | None


class DatasetDetail(DatasetSummary):
    """A dataset with its columns and natural key."""

    key: list[str]
    columns: list[DatasetColumn]
