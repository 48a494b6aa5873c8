"""Reference data: dimensions, locations, sources, what datasets hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from aurum_dao.ports.curves import CurveFilter
from aurum_dao.ports.paging import AsOf, Page, Pin, Window

R = TypeVar("R")
DIMENSIONS = ("asset_class", "iso", "location", "market", "product", "block", "tenor_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionQuery:
    """Distinct values of the curve dimensions under filters, with the number of observations."""

    pin: Pin
    asof: AsOf
    where: CurveFilter
    tenor_type: tuple[str, ...] = ()
    prefix: str | None = None
    per_dimension: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationQuery:
    """Locations, the newest entry of each, or the one valid on `day`.

    `prefix` matches id or name, case-insensitively; `location_id` is exact.
    """

    iso: tuple[str, ...] = ()
    location_id: str | None = None
    location_type: tuple[str, ...] = ()
    prefix: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class DatasetSpan:
    """What one dataset holds: rows, the span of its business time, when it was last fed."""

    name: str
    row_count: int
    earliest: date | datetime | None
    latest: date | datetime | None
    last_load: datetime | None
    data_version: int | None


class MetadataReader(Protocol):
    """Reads of reference data."""

    async def list_dimensions(
        self, query: DimensionQuery
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Return dimension → (value, count) pairs by value, at most `per_dimension` of each."""
        ...

    async def list_locations(
        self, query: LocationQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return locations by iso_code, location_id; row types name `ref.location` columns."""
        ...

    async def list_datasets(self, *, pin: Pin) -> Sequence[DatasetSpan]:
        """Return what every dataset holds, in the order of the catalogue."""
        ...
