"""ISO prices: the last day, averages by hour and operating day, negative prices."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request

from aurum_api_v1.deps import note_unknown, pin_of, services_of
from aurum_api_v1.envelopes import PageMeta, documented, rows_answer
from aurum_api_v1.params import LmpAverageParams, LmpNegativeParams, LmpParams, LmpRecentParams
from aurum_api_v1.responses import AnswerResponse
from aurum_api_v1.rows import (
    LmpAverageRow,
    LmpRead,
    LmpRow,
    average_row,
    has_demo_location,
    lmp_row,
)
from aurum_core.auth import CacheFamily, guard, market_data
from aurum_core.dto.legacy import LegacyLmp, LegacyLmpAverage, LegacyPage
from aurum_services.paging import Listing, PageRequest

router = APIRouter(prefix="/v1/iso/lmp", tags=["iso"])
LMP = market_data(CacheFamily.LMP)


@router.get("/last-24h", responses=documented(LegacyPage[LegacyLmp], csv=True))
@guard(LMP)
async def list_last_day(
    request: Request, params: Annotated[LmpRecentParams, Query()]
) -> AnswerResponse:
    """List the 24 hours that end at the newest interval of each ISO and market."""
    note_unknown(request, LmpRecentParams)
    query = params.select(pin_of(request), params.location_id)
    listing = await services_of(request).iso.list_last_day(query, LmpRead, _first(params.limit))
    return _prices(listing, params, params.limit, "iso-lmp-last-24h.csv")


@router.get("/negative", responses=documented(LegacyPage[LegacyLmp], csv=True))
@guard(LMP)
async def list_negative(
    request: Request, params: Annotated[LmpNegativeParams, Query()]
) -> AnswerResponse:
    """List the negative prices of the seven days that end at the newest interval, newest first."""
    note_unknown(request, LmpNegativeParams)
    query = params.select(pin_of(request))
    listing = await services_of(request).iso.list_negative(query, LmpRead, _first(params.limit))
    return _prices(listing, params, params.limit, "iso-lmp-negative.csv")


@router.get("/hourly", responses=documented(LegacyPage[LegacyLmpAverage], csv=True))
@guard(LMP)
async def list_hourly(
    request: Request, params: Annotated[LmpAverageParams, Query()]
) -> AnswerResponse:
    """List time-weighted averages by hour."""
    return await _averages(request, params, "hour", "iso-lmp-hourly.csv")


@router.get("/daily", responses=documented(LegacyPage[LegacyLmpAverage], csv=True))
@guard(LMP)
async def list_daily(
    request: Request, params: Annotated[LmpAverageParams, Query()]
) -> AnswerResponse:
    """List time-weighted averages by operating day of the ISO; `interval_start` is its start."""
    return await _averages(request, params, "day", "iso-lmp-daily.csv")


async def _averages(
    request: Request, params: LmpAverageParams, grain: Literal["hour", "day"], filename: str
) -> AnswerResponse:
    note_unknown(request, LmpAverageParams)
    query = replace(params.select(pin_of(request), params.location_id), **params.range())
    listing = await services_of(request).iso.list_averages(query, grain, _first(params.limit))
    rows = [average_row(average) for average in listing.rows]
    return rows_answer(
        params.format,
        rows,
        LmpAverageRow,
        _meta(listing, params.limit),
        filename=filename,
        synthetic=has_demo_location(rows),
    )


def _prices(
    listing: Listing[LmpRead], params: LmpParams, limit: int, filename: str
) -> AnswerResponse:
    rows = [lmp_row(read) for read in listing.rows]
    return rows_answer(
        params.format,
        rows,
        LmpRow,
        _meta(listing, limit),
        filename=filename,
        synthetic=has_demo_location(rows),
    )


def _first(limit: int) -> PageRequest:
    """Return the only page there is: these routes have no cursors."""
    return PageRequest(limit=limit, scope="")


def _meta(listing: Listing[Any], limit: int) -> PageMeta:
    return PageMeta(count=len(listing.rows), has_more=listing.page.has_next, offset=0, limit=limit)
