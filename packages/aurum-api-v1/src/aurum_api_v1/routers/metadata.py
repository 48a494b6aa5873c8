"""Reference data: dimensions, locations, units, calendars."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.requests import Request

from aurum_api_v1.deps import note_unknown, pin_of, services_of, today_of
from aurum_api_v1.envelopes import PageMeta, documented, json_answer, whole_meta
from aurum_api_v1.params import (
    DimensionParams,
    ExpandParams,
    HoursParams,
    LocationParams,
    NoParams,
    PrefixParams,
)
from aurum_api_v1.responses import AnswerResponse
from aurum_api_v1.rows import LocationRow, has_demo_location
from aurum_core.auth import CacheFamily, RouteClass, guard, market_data
from aurum_core.demo import is_demo
from aurum_core.dto import legacy as dto
from aurum_core.market.keys import canonical_iso
from aurum_core.market.units import CURRENCIES, KNOWN_UNITS, UNIT_ALIASES
from aurum_services.encoding import json_of
from aurum_services.queries import DIMENSIONS, AsOf, DimensionQuery, LocationQuery

router = APIRouter(prefix="/v1/metadata", tags=["metadata"])
REFERENCE = market_data(CacheFamily.METADATA, RouteClass.METADATA)
SCANNED = market_data(CacheFamily.METADATA)
MOST_LOCATIONS: Final = 100_000
CalendarName = Annotated[str, Path(description="PJM, ERCOT …")]


@router.get("/dimensions", responses=documented(dto.LegacyDimensionsPage))
@guard(SCANNED)
async def list_dimensions(
    request: Request, params: Annotated[DimensionParams, Query()]
) -> AnswerResponse:
    """List the distinct values of the curve dimensions, with `include_counts` how often each is.

    `counts` is null where it was not asked for.
    """
    note_unknown(request, DimensionParams)
    query = DimensionQuery(
        pin=pin_of(request),
        asof=AsOf(today=today_of(request), day=params.asof),
        where=params.where(),
        tenor_type=() if params.tenor_type is None else (params.tenor_type,),
        prefix=params.prefix or None,
        per_dimension=params.per_dim_limit,
    )
    found = await services_of(request).metadata.list_dimensions(query)
    data = {name: [value for value, _ in found.get(name, ())] for name in DIMENSIONS}
    counts = None
    if params.include_counts:
        counts = {
            name: [{"value": value, "count": count} for value, count in found.get(name, ())]
            for name in DIMENSIONS
        }
    return json_answer(
        data,
        PageMeta(count=sum(map(len, data.values())), limit=params.per_dim_limit),
        extra=b',"counts":' + json_of(counts),
        synthetic=any(is_demo(value) for value in data["location"]),
    )


@router.get("/locations", responses=documented(dto.LegacyPage[dto.LegacyLocation]))
@guard(SCANNED)
async def list_locations(
    request: Request, params: Annotated[LocationParams, Query()]
) -> AnswerResponse:
    """List locations by ISO and id."""
    note_unknown(request, LocationParams)
    query = LocationQuery(iso=params.isos(), prefix=params.prefix or None)
    page = await services_of(request).metadata.all_locations(query, LocationRow, MOST_LOCATIONS)
    meta = whole_meta(len(page.rows))
    if page.has_next:
        meta.has_more, meta.total = True, None
    return json_answer(page.rows, meta, synthetic=has_demo_location(page.rows))


@router.get(
    "/locations/{iso}/{location_id}",
    responses=documented(dto.LegacySingle[dto.LegacyLocation]),
)
@guard(SCANNED)
async def get_location(
    request: Request, iso: str, location_id: str, _params: Annotated[NoParams, Query()]
) -> AnswerResponse:
    """Get one location."""
    note_unknown(request, NoParams)
    metadata = services_of(request).metadata
    found = await metadata.get_location(canonical_iso(iso), location_id, LocationRow)
    return json_answer(found, whole_meta(1), synthetic=has_demo_location([found]))


@router.get("/units", responses=documented(dto.LegacySingle[dto.LegacyUnits]))
@guard(REFERENCE)
async def list_units(request: Request, params: Annotated[PrefixParams, Query()]) -> AnswerResponse:
    """List the currencies and the units of measure."""
    note_unknown(request, PrefixParams)
    prefix = params.folded()
    currencies = [code for code in CURRENCIES if code.casefold().startswith(prefix)]
    units = [unit.code for unit in KNOWN_UNITS if unit.code.casefold().startswith(prefix)]
    data = {"currencies": currencies, "units": units}
    return json_answer(data, whole_meta(len(currencies) + len(units)))


@router.get("/units/mapping", responses=documented(dto.LegacyPage[dto.LegacyUnitMapping]))
@guard(REFERENCE)
async def list_unit_mappings(
    request: Request, params: Annotated[PrefixParams, Query()]
) -> AnswerResponse:
    """List the unit texts that publishers use, with the currency and unit that each means."""
    note_unknown(request, PrefixParams)
    prefix = params.folded()
    data = [
        {"units_raw": alias.units_raw, "currency": alias.currency, "per_unit": alias.per_unit}
        for alias in sorted(UNIT_ALIASES, key=lambda alias: alias.units_raw)
        if alias.units_raw.casefold().startswith(prefix)
    ]
    return json_answer(data, whole_meta(len(data)))


@router.get("/calendars", responses=documented(dto.LegacyPage[dto.LegacyCalendar]))
@guard(REFERENCE)
async def list_calendars(request: Request, _params: Annotated[NoParams, Query()]) -> AnswerResponse:
    """List the market calendars with their time zones."""
    note_unknown(request, NoParams)
    data = [
        {"name": calendar.name, "timezone": calendar.zone_name}
        for calendar in services_of(request).metadata.list_calendars()
    ]
    return json_answer(data, whole_meta(len(data)))


@router.get("/calendars/{name}/blocks", responses=documented(dto.LegacyPage[str]))
@guard(REFERENCE)
async def list_blocks(
    request: Request, name: CalendarName, _params: Annotated[NoParams, Query()]
) -> AnswerResponse:
    """List the blocks of a calendar."""
    note_unknown(request, NoParams)
    blocks = services_of(request).metadata.get_calendar(name).blocks
    return json_answer(blocks, whole_meta(len(blocks)))


@router.get("/calendars/{name}/hours", responses=documented(dto.LegacyPage[str]))
@guard(REFERENCE)
async def list_hours(
    request: Request, name: CalendarName, params: Annotated[HoursParams, Query()]
) -> AnswerResponse:
    """List the hour endings of a block on a day: 01 … 24, 02X where an hour comes twice."""
    note_unknown(request, HoursParams)
    hours = services_of(request).metadata.list_hours(name, params.block, params.date)
    return json_answer(hours, whole_meta(len(hours)))


@router.get("/calendars/{name}/expand", responses=documented(dto.LegacyPage[str]))
@guard(REFERENCE)
async def expand_block(
    request: Request, name: CalendarName, params: Annotated[ExpandParams, Query()]
) -> AnswerResponse:
    """List the starts, in UTC, of a block's hours from `start` up to, not including, `end`."""
    note_unknown(request, ExpandParams)
    metadata = services_of(request).metadata
    hours = metadata.expand(name, params.block, params.start, params.end)
    return json_answer([start for start, _ in hours], whole_meta(len(hours)))
