"""Reference data: dimensions, locations, units, calendars, what datasets hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from aurum_core.errors import NotFoundError, RuleError, Violation
from aurum_core.market.calendars import (
    CALENDARS,
    MarketCalendar,
    calendar_named,
    canonical_block,
    hours_of_day,
    intervals_of,
)
from aurum_core.market.errors import UnknownBlockError, UnknownCalendarError
from aurum_dao.ports.metadata import (
    DatasetSpan,
    DimensionQuery,
    LocationQuery,
    MetadataReader,
)
from aurum_dao.ports.paging import Page, Pin, Window
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.dataset import Dataset
from aurum_services.paging import Listing, Pager, PageRequest, pinned

R = TypeVar("R")
LONGEST_EXPANSION_DAYS = 366


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset as the catalogue shows it: its shape and what it holds."""

    dataset: Dataset
    span: DatasetSpan = field()


class MetadataService:
    """Reads reference data. Calendars are computed, the rest is read."""

    __slots__ = ("_pager", "_reader")

    def __init__(self, reader: MetadataReader, pager: Pager) -> None:
        self._reader = reader
        self._pager = pager

    async def list_dimensions(
        self, query: DimensionQuery
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Return dimension → (value, count) pairs."""
        return await self._reader.list_dimensions(query)

    async def list_locations(
        self, query: LocationQuery, row_type: type[R], request: PageRequest, *, pin: Pin
    ) -> Listing[R]:
        """Return a page of locations."""
        pins, window = self._pager.open(request, pinned(pin))
        page = await self._reader.list_locations(query, row_type, window)
        return self._pager.close(request, pins, page)

    async def all_locations(self, query: LocationQuery, row_type: type[R], limit: int) -> Page[R]:
        """Return the first `limit` locations in one piece: v1 does not page them."""
        return await self._reader.list_locations(query, row_type, Window(limit=limit))

    async def get_location(self, iso: str, location_id: str, row_type: type[R]) -> R:
        """Return one location.

        Raises:
            NotFoundError: the ISO has none of that id.
        """
        query = LocationQuery(iso=(iso,), location_id=location_id)
        page = await self._reader.list_locations(query, row_type, Window(limit=1))
        if not page.rows:
            raise NotFoundError("Location not found")
        return page.rows[0]

    async def list_datasets(self, *, pin: Pin) -> list[DatasetInfo]:
        """Return the catalogue of datasets with what each holds."""
        spans = {span.name: span for span in await self._reader.list_datasets(pin=pin)}
        return [DatasetInfo(DATASETS[name], spans[name]) for name in DATASETS if name in spans]

    async def get_dataset(self, name: str, *, pin: Pin) -> DatasetInfo:
        """Return one dataset.

        Raises:
            NotFoundError: there is none of that name.
        """
        for info in await self.list_datasets(pin=pin):
            if info.dataset.name == name:
                return info
        raise NotFoundError("There is no such dataset.")

    def list_calendars(self) -> list[MarketCalendar]:
        """Return the market calendars by name."""
        return sorted(CALENDARS.values(), key=lambda calendar: calendar.name)

    def get_calendar(self, name: str) -> MarketCalendar:
        """Return a calendar.

        Raises:
            NotFoundError: there is none of that name.
        """
        try:
            return calendar_named(name)
        except UnknownCalendarError as error:
            raise NotFoundError("Calendar not found") from error

    def list_hours(self, name: str, block: str, day: date) -> tuple[str, ...]:
        """Return the hour endings of a block on a day: `01` … `24`, `02X`.

        Raises:
            NotFoundError: no such calendar.
            RuleError: the calendar has no such block.
        """
        calendar = self.get_calendar(name)
        return hours_of_day(calendar, block_in(calendar, block), day)

    def expand(
        self, name: str, block: str, start: date, end: date
    ) -> list[tuple[datetime, datetime]]:
        """Return the UTC hours [start, end) of a block over half-open days, at most 366 of them.

        Raises:
            NotFoundError: no such calendar.
            RuleError: no such block, an empty range, or a longer one.
        """
        calendar = self.get_calendar(name)
        code = block_in(calendar, block)
        if not timedelta(0) < end - start <= timedelta(days=LONGEST_EXPANSION_DAYS):
            message = f"must be after start, by at most {LONGEST_EXPANSION_DAYS} days"
            raise RuleError([Violation("query", "end", "range", message)])
        return list(intervals_of(calendar, code, start, end))


def block_in(calendar: MarketCalendar, text: str, parameter: str = "block") -> str:
    """Return the canonical code of a calendar's block.

    Raises:
        RuleError: the calendar has no such block; the message lists those it has.
    """
    try:
        return canonical_block(text, calendar)
    except UnknownBlockError as error:
        message = f"must be one of {', '.join(calendar.blocks)}"
        raise RuleError([Violation("query", parameter, "unknown_block", message)]) from error
