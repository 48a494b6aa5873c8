"""The reads behind `aurum query`: services opened in this process, one page each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from aurum_core.dto.fields import InstantOrDate, IsoDate
from aurum_core.errors import RuleError, Violation
from aurum_core.market.blocks import block_code
from aurum_core.market.errors import MarketError
from aurum_core.market.keys import canonical_iso
from aurum_core.rows import Column, Price
from aurum_core.settings import AurumSettings
from aurum_services.container import Services
from aurum_services.iso import market_pairs
from aurum_services.paging import PageRequest
from aurum_services.queries import AsOf, CurveFilter, CurveQuery, LmpQuery, Pin

Table = tuple[type, Sequence[Any]]
Read = Callable[[Services], Awaitable[Table]]
Texts = tuple[str, ...]


class CurveRow(msgspec.Struct):
    """One contract of a curve."""

    slug: str
    asof_date: date
    tenor_label: str
    delivery_start: date
    price_type: str
    value: Price | None
    currency: str
    per_unit: str
    source: str


class LmpRow(msgspec.Struct):
    """One interval of a series."""

    iso: Annotated[str, Column("iso_code")]
    market: str
    location: Annotated[str, Column("location_id")]
    interval_start: datetime
    operating_date: date
    hour_label: str
    price_total: Price
    source: str


class DatasetRow(msgspec.Struct):
    """What one dataset holds."""

    dataset: str
    rows: int
    earliest: str | None
    latest: str | None
    last_load: datetime | None
    data_version: int | None


def look_at(settings: AurumSettings, read: Read) -> Table:
    """Open the services of the settings, read, close."""
    from aurum_app.resources import open_services

    async def run() -> Table:
        async with open_services(settings) as services:
            return await read(services)

    return asyncio.run(run())


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLook:
    """Which curves to show."""

    iso: Texts = ()
    location: Texts = ()
    asset_class: Texts = ()
    product: Texts = ()
    block: Texts = ()
    source: Texts = ()
    curve_keys: Texts = ()
    asof: str | None = None
    limit: int = 20

    async def read(self, services: Services) -> Table:
        """Read one page of observations."""
        pins = services.pins()
        if pins.today is None:
            raise AssertionError("services pin today")
        where = CurveFilter(
            curve_keys=self.curve_keys,
            asset_class=tuple(text.lower() for text in self.asset_class),
            iso=tuple(canonical_iso(text) for text in self.iso),
            location=self.location,
            product=self.product,
            block=_coded("--block", block_code, self.block),
            source=self.source,
        )
        asof = AsOf(today=pins.today, day=_parsed("--asof", IsoDate, self.asof))
        query = CurveQuery(pin=Pin(data_version=pins.data_version), asof=asof, where=where)
        listing = await services.curves.list_observations(query, CurveRow, _page(self.limit))
        return CurveRow, listing.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class LmpLook:
    """Which prices to show."""

    iso: Texts = ()
    market: Texts = ()
    location: Texts = ()
    start: str | None = None
    end: str | None = None
    negative: bool = False
    limit: int = 24

    async def read(self, services: Services) -> Table:
        """Read one page of intervals: of the range, else of the newest day."""
        query = self._query(services)
        page = _page(self.limit)
        if self.negative:
            listing = await services.iso.list_negative(query, LmpRow, page)
        elif self.start or self.end:
            listing = await services.iso.list_prices(query, LmpRow, page)
        else:
            listing = await services.iso.list_last_day(query, LmpRow, page)
        return LmpRow, listing.rows

    def _query(self, services: Services) -> LmpQuery:
        isos = tuple(canonical_iso(text) for text in self.iso)
        try:
            markets, pairs = market_pairs(isos, self.market)
        except MarketError as error:
            raise _refused("--market", str(error)) from error
        start = _parsed("--start", InstantOrDate, self.start)
        end = _parsed("--end", InstantOrDate, self.end)
        return LmpQuery(
            pin=Pin(data_version=services.pins().data_version),
            iso=isos,
            market=markets,
            pairs=pairs,
            location=self.location,
            start=start if isinstance(start, datetime) else None,
            end=end if isinstance(end, datetime) else None,
            first_day=None if isinstance(start, datetime) else start,
            end_day=None if isinstance(end, datetime) else end,
        )


async def read_datasets(services: Services) -> Table:
    """Read what every dataset holds."""
    infos = await services.metadata.list_datasets(
        pin=Pin(data_version=services.pins().data_version)
    )
    rows = [
        DatasetRow(
            info.dataset.name,
            info.span.row_count,
            _shown(info.span.earliest),
            _shown(info.span.latest),
            info.span.last_load,
            info.span.data_version,
        )
        for info in infos
    ]
    return DatasetRow, rows


def _shown(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _page(limit: int) -> PageRequest:
    return PageRequest(limit=limit, scope="aurum query")


def _parsed(option: str, kind: Any, text: str | None) -> Any:  # noqa: ANN401 - what the field type gives
    if text is None:
        return None
    try:
        return TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise _refused(option, reason) from error


def _coded(option: str, code_of: Callable[[str], str], texts: Texts) -> Texts:
    try:
        return tuple(code_of(text) for text in texts)
    except MarketError as error:
        raise _refused(option, str(error)) from error


def _refused(option: str, message: str) -> RuleError:
    return RuleError([Violation("query", option, "option", message)])
