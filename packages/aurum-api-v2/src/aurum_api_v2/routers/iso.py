"""ISO prices: ranges, the last day, negative prices, averages."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request

from aurum_api_v2 import rows
from aurum_api_v2.deps import Ask
from aurum_api_v2.params import (
    LOCATION_TYPES,
    ExportParams,
    IsoParam,
    PageParams,
    Params,
    UnitParam,
    check_range,
    one_of,
    refused,
)
from aurum_api_v2.responses import AnswerResponse
from aurum_core.auth import CacheFamily, bulk_export, guard, market_data
from aurum_core.dto.fields import CommaList, InstantOrDate, IsoDate
from aurum_core.dto.iso import LmpAverage, LmpBlockAverage, LmpPrice
from aurum_core.dto.paging import Page
from aurum_core.errors import NotFoundError
from aurum_core.market.calendars import MarketCalendar, calendar_named
from aurum_core.market.errors import MarketError, UnknownCalendarError
from aurum_services.iso import PriceAverage, market_pairs
from aurum_services.metadata import block_in
from aurum_services.paging import Listing
from aurum_services.queries import LmpQuery, Pin

router = APIRouter(prefix="/v2/iso/lmp", tags=["iso"])
LMP = market_data(CacheFamily.LMP)


class SeriesParams(IsoParam):
    """Which price series."""

    market: CommaList = Field((), description="DAY_AHEAD_HOURLY, REAL_TIME_5_MIN …, or DA, RT")
    location: CommaList = Field((), description="node, zone or hub", examples=["HB_NORTH"])
    location_type: CommaList = Field((), description="NODE, ZONE, HUB or INTERFACE")
    source: CommaList = Field((), description="who published it")
    asof: IsoDate | None = Field(None, description="as known at the end of that day, New York")

    def select(self, pin: Pin) -> LmpQuery:
        """Return the query of the series without a range. Raises RuleError for unknown codes."""
        isos = self.isos()
        try:
            markets, pairs = market_pairs(isos, self.market)
        except MarketError as error:
            message = "must be a series such as DAY_AHEAD_HOURLY, REAL_TIME_5_MIN, or DA, RT"
            raise refused("market", error.rule, message) from error
        return LmpQuery(
            pin=pin,
            iso=isos,
            market=markets,
            pairs=pairs,
            location=self.location,
            location_type=one_of("location_type", LOCATION_TYPES, self.location_type, str.upper),
            source=self.source,
        )


class RangeParams(Params):
    """A half-open range: instants with offset, or plain dates, the market's operating days."""

    start: InstantOrDate | None = Field(None, description="first instant or operating day")
    end: InstantOrDate | None = Field(None, description="end, exclusive")


class PricePageParams(PageParams, UnitParam, SeriesParams, RangeParams):
    """A page of intervals."""


class PriceExportParams(ExportParams, SeriesParams, RangeParams):
    """Every interval."""


class RecentParams(PageParams, UnitParam, SeriesParams):
    """The newest intervals."""


class AverageParams(PageParams, SeriesParams, RangeParams):
    """Averages by hour."""


class DailyParams(AverageParams):
    """Averages by operating day, month or over the range."""

    granularity: Literal["day", "month", "range"] = Field("day", description="length of a bucket")


class BlockParams(PageParams, SeriesParams):
    """Averages by block."""

    start: IsoDate = Field(description="first day, in the calendar's zone")
    end: IsoDate = Field(description="end, exclusive")
    block: CommaList = Field((), description="blocks; unset: all of the calendar")
    calendar: str | None = Field(None, max_length=32, description="fixes days and hours of blocks")
    granularity: Literal["day", "month", "range"] = Field("range", description="length of a bucket")


AVERAGE_ROW = rows.row_type_of(LmpAverage, rows.ISO_COLUMNS)
BLOCK_ROW = rows.row_type_of(LmpBlockAverage, {**rows.ISO_COLUMNS, "period_start": "bucket"})


def ranged(query: LmpQuery, params: RangeParams) -> LmpQuery:
    """Return the query with the range. Raises RuleError for an empty one."""
    check_range(params.start, params.end)
    start, end = params.start, params.end
    return replace(
        query,
        start=start if isinstance(start, datetime) else None,
        first_day=None if isinstance(start, datetime) else start,
        end=end if isinstance(end, datetime) else None,
        end_day=None if isinstance(end, datetime) else end,
    )


@router.get("", responses={200: {"model": Page[LmpPrice]}})
@guard(LMP)
async def list_prices(
    request: Request, params: Annotated[PricePageParams, Query()]
) -> AnswerResponse:
    """List prices by interval.

    Ordered by iso, market, location, interval_start. Day-ahead and real-time never mix: `market`
    names one published series on one grid.
    """
    ask = Ask(request, params)
    row_type = ask.priced_row_type(rows.LMP_PRICE, rows.LMP_PRICE_FIELDS, rows.LMP_PRICES)
    query = ranged(params.select(ask.pin(params.asof)), params)
    listing = await ask.services.iso.list_prices(query, row_type, ask.page())
    return ask.answer(listing, row_type, "lmp", prices=rows.LMP_PRICES)


@router.get("/export", responses={200: {"content": {"text/csv": {}}}})
@guard(bulk_export())
async def export_prices(
    request: Request, params: Annotated[PriceExportParams, Query()]
) -> AnswerResponse:
    """Stream every price of the selection, of any length, in the order of the list."""
    ask = Ask(request, params)
    row_type = ask.row_type(rows.LMP_PRICE, rows.LMP_PRICE_FIELDS)
    pin = ask.pin(params.asof)
    query = ranged(params.select(pin), params)
    return await ask.export(ask.services.iso.iter_prices(query, row_type), row_type, "lmp", pin)


@router.get("/last-24h", responses={200: {"model": Page[LmpPrice]}})
@guard(LMP)
async def list_last_day(
    request: Request, params: Annotated[RecentParams, Query()]
) -> AnswerResponse:
    """List the 24 hours that end at the newest interval of each ISO and market."""
    ask = Ask(request, params)
    row_type = ask.priced_row_type(rows.LMP_PRICE, rows.LMP_PRICE_FIELDS, rows.LMP_PRICES)
    query = params.select(ask.pin(params.asof))
    listing = await ask.services.iso.list_last_day(query, row_type, ask.page())
    return ask.answer(listing, row_type, "lmp-last-24h", prices=rows.LMP_PRICES)


@router.get("/negative", responses={200: {"model": Page[LmpPrice]}})
@guard(LMP)
async def list_negative(
    request: Request, params: Annotated[PricePageParams, Query()]
) -> AnswerResponse:
    """List negative prices, newest first.

    Without a range: of the last 7 days up to the newest interval of each ISO and market.
    """
    ask = Ask(request, params)
    row_type = ask.priced_row_type(rows.LMP_PRICE, rows.LMP_PRICE_FIELDS, rows.LMP_PRICES)
    query = ranged(params.select(ask.pin(params.asof)), params)
    listing = await ask.services.iso.list_negative(query, row_type, ask.page())
    return ask.answer(listing, row_type, "lmp-negative", prices=rows.LMP_PRICES)


@router.get("/hourly", responses={200: {"model": Page[LmpAverage]}})
@guard(LMP)
async def list_hourly(
    request: Request, params: Annotated[AverageParams, Query()]
) -> AnswerResponse:
    """List time-weighted averages by hour."""
    ask = Ask(request, params)
    query = ranged(params.select(ask.pin(params.asof)), params)
    listing = await ask.services.iso.list_averages(query, "hour", ask.page())
    return _averages(ask, listing, "lmp-hourly")


@router.get("/daily", responses={200: {"model": Page[LmpAverage]}})
@guard(LMP)
async def list_daily(request: Request, params: Annotated[DailyParams, Query()]) -> AnswerResponse:
    """List time-weighted averages by operating day (23, 24 or 25 hours), month or over the range.

    Averages over a month or range weigh hours; they are never means of daily means.
    """
    ask = Ask(request, params)
    query = ranged(params.select(ask.pin(params.asof)), params)
    listing = await ask.services.iso.list_averages(query, params.granularity, ask.page())
    return _averages(ask, listing, "lmp-daily")


@router.get("/blocks", responses={200: {"model": Page[LmpBlockAverage]}})
@guard(LMP)
async def list_blocks(request: Request, params: Annotated[BlockParams, Query()]) -> AnswerResponse:
    """List hour-weighted averages by block of a market calendar.

    Without `calendar` it is the calendar of the one ISO asked for, as traded.
    """
    ask = Ask(request, params)
    check_range(params.start, params.end)
    calendar = _calendar_of(params)
    blocks = tuple(dict.fromkeys(block_in(calendar, text) for text in params.block))
    query = params.select(ask.pin(params.asof))
    query = replace(query, first_day=params.start, end_day=params.end)
    listing = await ask.services.iso.list_blocks(
        query, calendar, blocks or calendar.blocks, params.granularity, ask.page()
    )
    row_type = ask.row_type(BLOCK_ROW)
    details = {"calendar": calendar.name, "weighting": "hours"}
    return ask.answer(listing, row_type, "lmp-blocks", details=details)


def _averages(ask: Ask, listing: Listing[PriceAverage], name: str) -> AnswerResponse:
    details = {"weighting": "hours"}
    return ask.answer(listing, ask.row_type(AVERAGE_ROW), name, details=details)


def _calendar_of(params: BlockParams) -> MarketCalendar:
    name = params.calendar
    if name is None:
        isos = params.isos()
        if len(isos) != 1:
            raise refused("calendar", "required", "is needed unless exactly one iso is asked for")
        name = isos[0]
    try:
        return calendar_named(name)
    except UnknownCalendarError as error:
        raise NotFoundError("There is no such calendar.") from error
