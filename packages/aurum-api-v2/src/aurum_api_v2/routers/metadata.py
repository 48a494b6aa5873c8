"""Reference data: dimensions, locations, units, calendars, datasets."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.requests import Request

from aurum_api_v2 import rows
from aurum_api_v2.deps import Ask
from aurum_api_v2.params import (
    LOCATION_TYPES,
    AsOfParams,
    ContractParams,
    CurveFilterParams,
    IsoParam,
    PageParams,
    Params,
    PinParams,
    known_iso,
    one_of,
    refused,
)
from aurum_api_v2.responses import AnswerResponse
from aurum_core.auth import CacheFamily, RouteClass, guard, market_data
from aurum_core.dto import metadata as dto
from aurum_core.dto.fields import CommaList, IsoDate, IsoMonth, PlainDecimal, PlainInt, Text
from aurum_core.dto.paging import Page, Single
from aurum_core.market.calendars import MarketCalendar, base_blocks_of, block_hours
from aurum_core.market.errors import (
    MissingParameterError,
    ParameterError,
    UnitError,
    UnknownUnitError,
)
from aurum_core.market.time import hour_label_of, operating_date_of
from aurum_core.market.units import (
    KNOWN_UNITS,
    UNIT_ALIASES,
    Conversion,
    convert,
    parse_units,
)
from aurum_core.rows import served_number
from aurum_services.metadata import DatasetInfo
from aurum_services.queries import DIMENSIONS, DimensionQuery, LocationQuery

router = APIRouter(prefix="/v2/metadata", tags=["metadata"])
REFERENCE = market_data(CacheFamily.METADATA, RouteClass.METADATA)
SCANNED = market_data(CacheFamily.METADATA)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CalendarName = Annotated[str, Path(min_length=1, max_length=32, description="PJM, ERCOT …")]


class DimensionParams(PinParams, AsOfParams, CurveFilterParams, ContractParams):
    """Values of the curve dimensions."""

    dimension: CommaList = Field((), description="only these dimensions")
    prefix: Text | None = Field(None, description="values that begin with this")
    per_dimension: PlainInt = Field(500, ge=1, le=5000, description="values of each at most")


class LocationParams(PageParams, IsoParam):
    """A page of locations."""

    location_type: CommaList = Field((), description="NODE, ZONE, HUB or INTERFACE")
    prefix: Text | None = Field(None, description="id or name begins with this")
    date: IsoDate | None = Field(None, description="valid on that day; unset: the newest entry")


class NoParams(Params):
    """Nothing to choose."""


class PrefixParams(Params):
    """A prefix."""

    prefix: Text | None = Field(None, description="begins with this")


class ConvertParams(Params):
    """A value with its unit, and what the pair may need."""

    value: PlainDecimal = Field(description="the number to convert", examples=["3.50"])
    unit_from: Text = Field(alias="from", description="its unit", examples=["USD/MMBtu"])
    unit_to: Text = Field(alias="to", description="the unit wanted", examples=["USD/MWh"])
    heat_content: PlainDecimal | None = Field(None, description="MMBtu per Mcf or bbl")
    month: IsoMonth | None = Field(None, description="the month of a kW-month, YYYY-MM")
    date: IsoDate | None = Field(None, description="the day of a MW-day")
    load_factor: PlainDecimal | None = Field(None, description="above 0, at most 1")
    heat_rate: PlainDecimal | None = Field(None, description="MMBtu per MWh")
    emission_factor: PlainDecimal | None = Field(None, description="tonnes per MWh")


class BlocksParams(Params):
    """The year that hours are counted for."""

    year: PlainInt | None = Field(None, ge=2000, le=2050, description="unset: this year")


class HoursParams(Params):
    """One block on one day."""

    block: Text = Field(description="a block of the calendar, or an alias", examples=["5x16"])
    date: IsoDate = Field(description="operating day in the calendar's zone")


class ExpandParams(Params):
    """One block over days."""

    block: Text = Field(description="a block of the calendar, or an alias", examples=["5x16"])
    start: IsoDate = Field(description="first day")
    end: IsoDate = Field(description="end, exclusive; at most 366 days on")


@router.get("/dimensions", responses={200: {"model": Single[dict[str, list[dto.DimensionValue]]]}})
@guard(SCANNED)
async def list_dimensions(
    request: Request, params: Annotated[DimensionParams, Query()]
) -> AnswerResponse:
    """List the distinct values of the curve dimensions with their number of observations."""
    ask = Ask(request, params)
    if not set(params.dimension) <= set(DIMENSIONS):
        raise refused("dimension", "enum", f"must be one of {', '.join(DIMENSIONS)}")
    query = DimensionQuery(
        pin=ask.pin(),
        asof=ask.asof(),
        where=params.where(),
        tenor_type=params.tenor_types(),
        prefix=params.prefix,
        per_dimension=params.per_dimension,
    )
    found = await ask.services.metadata.list_dimensions(query)
    wanted = params.dimension or DIMENSIONS
    data = {
        name: [{"value": value, "count": count} for value, count in found.get(name, ())]
        for name in DIMENSIONS
        if name in wanted
    }
    return ask.single(data)


@router.get("/locations", responses={200: {"model": Page[dto.Location]}})
@guard(SCANNED)
async def list_locations(
    request: Request, params: Annotated[LocationParams, Query()]
) -> AnswerResponse:
    """List locations by ISO and id."""
    ask = Ask(request, params)
    query = LocationQuery(
        iso=params.isos(),
        location_type=one_of("location_type", LOCATION_TYPES, params.location_type, str.upper),
        prefix=params.prefix,
        day=params.date,
    )
    row_type = ask.row_type(rows.LOCATION)
    listing = await ask.services.metadata.list_locations(query, row_type, ask.page(), pin=ask.pin())
    return ask.answer(listing, row_type, "locations")


@router.get("/locations/{iso}/{location_id}", responses={200: {"model": Single[dto.Location]}})
@guard(SCANNED)
async def get_location(
    request: Request,
    iso: Annotated[str, Path(min_length=1, max_length=32)],
    location_id: Annotated[str, Path(min_length=1, max_length=200)],
    params: Annotated[NoParams, Query()],
) -> AnswerResponse:
    """Get one location."""
    ask = Ask(request, params)
    code = known_iso(iso)
    found = await ask.services.metadata.get_location(code, location_id, rows.LOCATION)
    return ask.single(found)


@router.get("/units", responses={200: {"model": Page[dto.UnitOfMeasure]}})
@guard(REFERENCE)
async def list_units(request: Request, params: Annotated[PrefixParams, Query()]) -> AnswerResponse:
    """List the units that convert, with their dimension and accepted spellings."""
    aliases: dict[str, list[str]] = {}
    for alias in UNIT_ALIASES:
        if alias.per_unit and alias.currency is None:
            aliases.setdefault(alias.per_unit, []).append(alias.units_raw)
    prefix = (params.prefix or "").lower()
    data = [
        {
            "unit": unit.code,
            "dimension": unit.dimension,
            "name": unit.name,
            "aliases": sorted(aliases.get(unit.code, ())),
        }
        for unit in KNOWN_UNITS
        if unit.code.lower().startswith(prefix)
    ]
    return Ask(request, params).single(data)


@router.get("/units/convert", responses={200: {"model": Single[dto.UnitConversion]}})
@guard(REFERENCE)
async def convert_units(
    request: Request, params: Annotated[ConvertParams, Query()]
) -> AnswerResponse:
    """Convert a price or a quantity; a pair across dimensions names the parameter it needs."""
    try:
        done = convert(
            params.value,
            params.unit_from,
            params.unit_to,
            heat_content=params.heat_content,
            month=params.month,
            day=params.date,
            load_factor=params.load_factor,
            heat_rate=params.heat_rate,
            emission_factor=params.emission_factor,
        )
    except MissingParameterError as error:
        name = "date" if error.parameter == "day" else error.parameter
        raise refused(name, error.rule, "is needed to convert between these units") from error
    except ParameterError as error:
        raise refused(error.parameter, error.rule, "is out of range") from error
    except UnknownUnitError as error:
        name = "from" if _is_unknown(params.unit_from) else "to"
        raise refused(name, error.rule, "is not a known unit") from error
    except UnitError as error:
        raise refused("to", error.rule, "cannot be reached from this unit") from error
    return Ask(request, params).single(_conversion(params.value, done))


@router.get("/calendars", responses={200: {"model": Page[dto.Calendar]}})
@guard(REFERENCE)
async def list_calendars(request: Request, params: Annotated[NoParams, Query()]) -> AnswerResponse:
    """List the market calendars."""
    ask = Ask(request, params)
    return ask.single([_calendar(c) for c in ask.services.metadata.list_calendars()])


@router.get("/calendars/{name}/blocks", responses={200: {"model": Page[dto.CalendarBlock]}})
@guard(REFERENCE)
async def list_calendar_blocks(
    request: Request, name: CalendarName, params: Annotated[BlocksParams, Query()]
) -> AnswerResponse:
    """List a calendar's blocks with their hours in a year."""
    ask = Ask(request, params)
    calendar = ask.services.metadata.get_calendar(name)
    year = params.year or ask.today.year
    span = date(year, 1, 1), date(year + 1, 1, 1)
    return ask.single(
        [
            {
                "block": block,
                "base_blocks": list(base_blocks_of(calendar, block)),
                "year": year,
                "hours": block_hours(calendar, block, *span),
            }
            for block in calendar.blocks
        ]
    )


@router.get("/calendars/{name}/hours", responses={200: {"model": Page[str]}})
@guard(REFERENCE)
async def list_calendar_hours(
    request: Request, name: CalendarName, params: Annotated[HoursParams, Query()]
) -> AnswerResponse:
    """List the hour endings of a block on a day: 01 … 24, 02X the repeated hour."""
    ask = Ask(request, params)
    return ask.single(list(ask.services.metadata.list_hours(name, params.block, params.date)))


@router.get("/calendars/{name}/expand", responses={200: {"model": Page[dto.CalendarHour]}})
@guard(REFERENCE)
async def expand_calendar(
    request: Request, name: CalendarName, params: Annotated[ExpandParams, Query()]
) -> AnswerResponse:
    """List every hour of a block over half-open days, as UTC intervals."""
    ask = Ask(request, params)
    zone = ask.services.metadata.get_calendar(name).zone
    hours = ask.services.metadata.expand(name, params.block, params.start, params.end)
    return ask.single(
        [
            {
                "interval_start": start,
                "interval_end": end,
                "operating_date": operating_date_of(start, zone),
                "hour_ending": hour_label_of(start, zone),
            }
            for start, end in hours
        ]
    )


@router.get("/datasets", responses={200: {"model": Page[dto.DatasetSummary]}})
@guard(SCANNED)
async def list_datasets(request: Request, params: Annotated[PinParams, Query()]) -> AnswerResponse:
    """List the datasets with what each holds and when it was last fed."""
    ask = Ask(request, params)
    found = await ask.services.metadata.list_datasets(pin=ask.pin())
    return ask.single([_summary(info) for info in found])


@router.get("/datasets/{name}", responses={200: {"model": Single[dto.DatasetDetail]}})
@guard(SCANNED)
async def get_dataset(
    request: Request,
    name: Annotated[str, Path(min_length=1, max_length=64)],
    params: Annotated[PinParams, Query()],
) -> AnswerResponse:
    """Get one dataset: columns, kinds, units, natural key, span."""
    ask = Ask(request, params)
    info = await ask.services.metadata.get_dataset(name, pin=ask.pin())
    columns = [{**asdict(column), "kind": column.kind.value} for column in info.dataset.all_columns]
    return ask.single({**_summary(info), "key": list(info.dataset.key), "columns": columns})


def _summary(info: DatasetInfo) -> dict[str, Any]:
    span, dataset = info.span, info.dataset
    return {
        "name": dataset.name,
        "description": dataset.description,
        "frequency": dataset.frequency,
        "row_count": span.row_count,
        "earliest": span.earliest,
        "latest": span.latest,
        "last_load": span.last_load,
        "data_version": span.data_version,
    }


def _calendar(calendar: MarketCalendar) -> dict[str, Any]:
    return {
        "name": calendar.name,
        "timezone": calendar.zone_name,
        "first_hour_ending": calendar.first_he,
        "last_hour_ending": calendar.last_he,
        "peak_weekdays": [WEEKDAYS[day] for day in sorted(calendar.peak_weekdays)],
        "blocks": list(calendar.blocks),
        "holiday_set": calendar.holiday_set,
        "description": calendar.description,
    }


def _conversion(value: Decimal, done: Conversion) -> dict[str, Any]:
    return {
        "value": served_number(value),
        "from_unit": done.unit_from,
        "to_unit": done.unit_to,
        "result": served_number(done.value),
        "factor": str(done.factor),
        "steps": list(done.steps),
    }


def _is_unknown(text: str) -> bool:
    try:
        parse_units(text)
    except UnknownUnitError:
        return True
    return False
