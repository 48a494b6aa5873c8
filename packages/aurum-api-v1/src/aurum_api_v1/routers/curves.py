"""Forward curves: observations, differences, strips."""

from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request

from aurum_api_v1.cursors import diff_key, neighbours, observation_key, page_of, refusals
from aurum_api_v1.deps import note_unknown, pin_of, services_of, today_of
from aurum_api_v1.envelopes import PageMeta, documented, json_answer, rows_answer
from aurum_api_v1.params import CurveDiffParams, CurveListParams, CurveStripParams, PageParams
from aurum_api_v1.responses import AnswerResponse
from aurum_api_v1.rows import (
    CurveRead,
    CurveRow,
    StripRead,
    curve_row,
    diff_row,
    has_demo_source,
    strip_row,
)
from aurum_core.auth import CacheFamily, guard, market_data
from aurum_core.dto.legacy import LegacyCurveDiff, LegacyCurvePoint, LegacyPage
from aurum_services.legacy import list_quoted_strips
from aurum_services.paging import Listing, PageRequest
from aurum_services.queries import AsOf, CurveDiffQuery, CurveQuery
from aurum_services.strips import StripRequest

router = APIRouter(prefix="/v1/curves", tags=["curves"])
CURVES = market_data(CacheFamily.CURVES)
STRIP_CODES: Final = MappingProxyType(
    {
        "CALENDAR": ("CAL",),
        "QUARTER": ("Q1", "Q2", "Q3", "Q4"),
        "SEASON": ("SUMMER", "GAS_SUMMER", "GAS_WINTER"),
    }
)


@router.get("", responses=documented(LegacyPage[LegacyCurvePoint], csv=True))
@guard(CURVES)
async def list_curves(
    request: Request, params: Annotated[CurveListParams, Query()]
) -> AnswerResponse:
    """List the observations of curves on one as-of date each.

    Without `asof` it is per curve the newest date not after today (New York). `mid` is the value of
    MID, else SETTLE, else LAST; `price_type` names which.
    """
    note_unknown(request, CurveListParams)
    query = CurveQuery(
        pin=pin_of(request),
        asof=_asof(request, params.asof),
        where=params.curves(),
        tenor_type=_one(params.tenor_type),
    )
    page = page_of(request, params, key_of=observation_key, limit=_limit(request, params))
    with refusals():
        listing = await services_of(request).curves.list_observations(query, CurveRead, page)
    return rows_answer(
        params.format,
        [curve_row(read) for read in listing.rows],
        CurveRow,
        _meta(listing, page, params),
        filename="curves.csv",
        synthetic=has_demo_source(read.source for read in listing.rows),
        max_age=_age(request, None, params.asof),
    )


@router.get("/diff", responses=documented(LegacyPage[LegacyCurveDiff]))
@guard(CURVES)
async def list_diff(
    request: Request, params: Annotated[CurveDiffParams, Query()]
) -> AnswerResponse:
    """Compare two as-of dates, at most 365 days apart, of the curves of at least one dimension.

    `diff_pct` is a fraction of |mid_a|: 0.05 is five percent.
    """
    note_unknown(request, CurveDiffParams)
    query = CurveDiffQuery(
        pin=pin_of(request),
        asof_a=params.asof_a,
        asof_b=params.asof_b,
        where=params.curves(),
        tenor_type=_one(params.tenor_type),
    )
    page = page_of(request, params, key_of=diff_key, limit=_limit(request, params))
    with refusals():
        listing = await services_of(request).curves.list_diff(query, page)
    cache = services_of(request).settings.cache
    return json_answer(
        [diff_row(diff) for diff in listing.rows],
        _meta(listing, page, params),
        synthetic=has_demo_source(diff.read.source for diff in listing.rows),
        max_age=_age(request, cache.curve_diff_ttl_seconds, params.asof_a, params.asof_b),
    )


@router.get("/strips", responses=documented(LegacyPage[LegacyCurvePoint]))
@guard(CURVES)
async def list_strips(
    request: Request, params: Annotated[CurveStripParams, Query()]
) -> AnswerResponse:
    """List strips: as quoted, else the weighted sum of the curve's months.

    A strip with a missing or an already delivering month has no price.
    """
    note_unknown(request, CurveStripParams)
    query = CurveQuery(
        pin=pin_of(request),
        asof=_asof(request, params.asof),
        where=params.curves(),
        tenor_type=(params.type,),
    )
    strips = StripRequest(query=query, codes=STRIP_CODES[params.type])
    page = page_of(request, params, key_of=None, limit=_limit(request, params))
    with refusals():
        services = services_of(request)
        listing = await list_quoted_strips(services.curves, services.pager, strips, StripRead, page)
    cache = services_of(request).settings.cache
    return json_answer(
        [curve_row(s) if isinstance(s, StripRead) else strip_row(s) for s in listing.rows],
        _meta(listing, page, params),
        synthetic=has_demo_source(strip.source for strip in listing.rows),
        max_age=_age(request, cache.curve_strip_ttl_seconds, params.asof),
    )


def _asof(request: Request, day: date | None) -> AsOf:
    return AsOf(today=today_of(request), day=day)


def _one(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def _limit(request: Request, params: PageParams) -> int:
    """Return the limit, clamped to the effective maximum."""
    return min(params.limit, services_of(request).settings.api.v1_curve_max_limit)


def _age(request: Request, seconds: int | None, *asofs: date | None) -> int | None:
    """Return the freshness of exact past as-ofs, the given one where any is newer or open."""
    if all(asof is not None and asof < today_of(request) for asof in asofs):
        return services_of(request).settings.cache.past_asof_ttl_seconds
    return seconds


def _meta(listing: Listing[Any], page: PageRequest, params: PageParams) -> PageMeta:
    after, before = neighbours(listing, params)  # only the list takes a prev_cursor back
    by_offset = page.token is None and page.after is None
    return PageMeta(
        next_cursor=after,
        prev_cursor=before if isinstance(params, CurveListParams) else None,
        has_more=after is not None,
        count=len(listing.rows),
        offset=page.offset if by_offset else None,
        limit=page.limit,
    )
