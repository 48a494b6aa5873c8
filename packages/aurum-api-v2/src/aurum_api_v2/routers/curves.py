"""Forward curves: catalogue, observations, diffs, strips, versions."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.requests import Request

from aurum_api_v2 import rows
from aurum_api_v2.deps import Ask
from aurum_api_v2.params import (
    AsOfParams,
    ContractParams,
    CurveFilterParams,
    ExportParams,
    PageParams,
    Params,
    PinParams,
    UnitParam,
    check_range,
    known_block,
    refused,
)
from aurum_api_v2.responses import AnswerResponse
from aurum_core.auth import CacheFamily, bulk_export, guard, market_data
from aurum_core.dto import curves as dto
from aurum_core.dto.fields import CommaList, IsoDate
from aurum_core.dto.paging import Page, Single
from aurum_core.market.errors import TenorError
from aurum_core.market.strips import STRIPS
from aurum_services.queries import (
    CatalogueQuery,
    CurveDetail,
    CurveDiffQuery,
    CurveFilter,
    CurveQuery,
    VersionQuery,
)
from aurum_services.strips import StripRequest

router = APIRouter(prefix="/v2/curves", tags=["curves"])
CURVES = market_data(CacheFamily.CURVES)
CurveName = Annotated[
    str,
    Path(min_length=1, max_length=200, description="curve_key or slug"),
]
STATUSES: Final = ("changed", "unchanged", "added", "removed", "unpriced")

STRIP_ROW = rows.row_type_of(
    dto.CurveStrip,
    {
        "curve_key": "curve.curve_key",
        "slug": "curve.slug",
        "strip": "strip.definition.code",
        "strip_definition": "strip.definition.description",
        "tenor_type": "strip.definition.tenor_type",
        "tenor_label": "strip.label",
        "delivery_start": "strip.delivery_start",
        "delivery_end": "strip.delivery_end",
    },
)
_OWN_DIFF = ("asof_a", "asof_b", "diff_pct")
DIFF_ROW = rows.row_type_of(
    dto.CurveDifference,
    {n: f"read.{n}" for n in dto.CurveDifference.model_fields if n not in _OWN_DIFF},
)


class NameParam(Params):
    """Curves by name."""

    curve_key: CommaList = Field((), description="curve_key or slug")


class DeliveryParams(Params):
    """Which contracts by delivery."""

    start: IsoDate | None = Field(None, description="delivery_start from this day")
    end: IsoDate | None = Field(None, description="delivery_start before this day")
    tenor: CommaList = Field((), description="relative contracts: M1, M2 …; one curve with asof")


class CatalogueParams(PageParams, CurveFilterParams):
    """A page of the catalogue."""

    q: str | None = Field(None, min_length=1, max_length=200, description="words to search for")


class SelectionParams(AsOfParams, ContractParams, DeliveryParams):
    """Which observations."""


class ObservationParams(PageParams, UnitParam, SelectionParams):
    """A page of one curve's observations."""


class ObservationsParams(ObservationParams, CurveFilterParams, NameParam):
    """A page of observations of many curves."""


class ObservationExportParams(ExportParams, SelectionParams, CurveFilterParams, NameParam):
    """Every observation."""


class DiffParams(PageParams, ContractParams):
    """Two as-of dates."""

    asof_a: IsoDate = Field(description="first as-of date, exactly")
    asof_b: IsoDate = Field(description="second as-of date, exactly")
    status: CommaList = Field((), description="changed, unchanged, added, removed, unpriced")


class DiffsParams(DiffParams, CurveFilterParams, NameParam):
    """Two as-of dates of many curves."""


class StripParams(PageParams, AsOfParams):
    """Strips of one curve."""

    strip: CommaList = Field((), description="Q1 … Q4, CAL, JF, JA, SUMMER, GAS_SUMMER, GAS_WINTER")
    price_type: CommaList = Field((), description="unset: MID, else SETTLE, else LAST")
    block: CommaList = Field((), description="OFFPEAK and 7x24 are built where they do not trade")


class StripsParams(StripParams, CurveFilterParams, NameParam):
    """Strips of many curves."""


class VersionParams(PageParams, ContractParams):
    """Versions of one curve's facts."""

    asof: IsoDate | None = Field(None, description="of this as-of date only")
    delivery_start: IsoDate | None = Field(None, description="of this contract only")


class CurveParams(PinParams):
    """One curve."""


def observation_query(params: SelectionParams, ask: Ask, where: CurveFilter) -> CurveQuery:
    """Return the query of observations. Raises RuleError."""
    check_range(params.start, params.end)
    return CurveQuery(
        pin=ask.pin(),
        asof=ask.asof(),
        where=where,
        tenor_type=params.tenor_types(),
        price_type=params.price_types(),
        start=params.start,
        end=params.end,
    )


@router.get("", responses={200: {"model": Page[dto.Curve]}})
@guard(CURVES)
async def list_curves(
    request: Request, params: Annotated[CatalogueParams, Query()]
) -> AnswerResponse:
    """List the curves that have observations, searched by words, filtered by dimensions."""
    ask = Ask(request, params)
    words = tuple((params.q or "").lower().split())
    query = CatalogueQuery(pin=ask.pin(), today=ask.today, where=params.where(), words=words)
    row_type = ask.row_type(rows.CURVE)
    listing = await ask.services.curves.list_curves(query, row_type, ask.page())
    return ask.answer(listing, row_type, "curves")


@router.get("/observations", responses={200: {"model": Page[dto.CurvePoint]}})
@guard(CURVES)
async def list_observations(
    request: Request, params: Annotated[ObservationsParams, Query()]
) -> AnswerResponse:
    """List the observations of curves on one as-of date each.

    Without `asof` it is per curve the newest date not after today (New York). Ordered by curve_key,
    delivery_start, tenor_type, price_type, asof_date.
    """
    return await _observations(Ask(request, params), params.where(*params.curve_key))


@router.get("/export", responses={200: {"content": {"text/csv": {}}}})
@guard(bulk_export())
async def export_observations(
    request: Request, params: Annotated[ObservationExportParams, Query()]
) -> AnswerResponse:
    """Stream every observation of the selection, in the order of the list."""
    ask = Ask(request, params)
    row_type = ask.row_type(rows.CURVE_POINT, rows.CURVE_POINT_FIELDS)
    query = await _delivered(ask, params, params.where(*params.curve_key))
    batches = ask.services.curves.iter_observations(query, row_type)
    return await ask.export(batches, row_type, "curves", query.pin)


@router.get("/diff", responses={200: {"model": Page[dto.CurveDifference]}})
@guard(CURVES)
async def list_diffs(request: Request, params: Annotated[DiffsParams, Query()]) -> AnswerResponse:
    """Compare two as-of dates, at most 365 days apart, of the curves of at least one dimension."""
    return await _diff(Ask(request, params), params.where(*params.curve_key))


@router.get("/strips", responses={200: {"model": Page[dto.CurveStrip]}})
@guard(CURVES)
async def list_strips(request: Request, params: Annotated[StripsParams, Query()]) -> AnswerResponse:
    """List strips: the weighted sum of a curve's months on one as-of date."""
    where = params.where(*params.curve_key)
    return await _strips(Ask(request, params), where, where.block)


@router.get("/{curve_key}", responses={200: {"model": Single[dto.Curve]}})
@guard(CURVES)
async def get_curve(
    request: Request, curve_key: CurveName, params: Annotated[CurveParams, Query()]
) -> AnswerResponse:
    """Get one curve: identity, unit, weighting, settlement, what it holds."""
    ask = Ask(request, params)
    detail = await ask.services.curves.get_curve(curve_key, pin=ask.pin(), today=ask.today)
    return ask.single(rows.projected([detail], rows.CURVE)[0])


@router.get("/{curve_key}/observations", responses={200: {"model": Page[dto.CurvePoint]}})
@guard(CURVES)
async def list_curve_observations(
    request: Request, curve_key: CurveName, params: Annotated[ObservationParams, Query()]
) -> AnswerResponse:
    """List one curve's observations."""
    ask = Ask(request, params)
    detail = await _curve(ask, curve_key)
    return await _observations(ask, CurveFilter(curve_keys=(detail.curve_key,)))


@router.get("/{curve_key}/diff", responses={200: {"model": Page[dto.CurveDifference]}})
@guard(CURVES)
async def list_curve_diff(
    request: Request, curve_key: CurveName, params: Annotated[DiffParams, Query()]
) -> AnswerResponse:
    """Compare two as-of dates of one curve."""
    ask = Ask(request, params)
    detail = await _curve(ask, curve_key)
    return await _diff(ask, CurveFilter(curve_keys=(detail.curve_key,)))


@router.get("/{curve_key}/strips", responses={200: {"model": Page[dto.CurveStrip]}})
@guard(CURVES)
async def list_curve_strips(
    request: Request, curve_key: CurveName, params: Annotated[StripParams, Query()]
) -> AnswerResponse:
    """List one curve's strips; `block` names siblings of the same identity."""
    ask = Ask(request, params)
    detail = await _curve(ask, curve_key)
    blocks = tuple(known_block(text) for text in params.block)
    keys: tuple[str, ...] = (detail.curve_key,)
    if blocks:
        keys = await ask.services.curves.list_family(detail.curve_key, pin=ask.pin())
    return await _strips(ask, CurveFilter(curve_keys=keys), blocks)


@router.get("/{curve_key}/versions", responses={200: {"model": Page[dto.CurvePointVersion]}})
@guard(CURVES)
async def list_curve_versions(
    request: Request, curve_key: CurveName, params: Annotated[VersionParams, Query()]
) -> AnswerResponse:
    """List every version of a curve's facts, superseded and withdrawn ones too."""
    ask = Ask(request, params)
    detail = await _curve(ask, curve_key)
    query = VersionQuery(
        pin=ask.pin(),
        curve_key=detail.curve_key,
        asof=params.asof,
        delivery_start=params.delivery_start,
        tenor_type=params.tenor_types(),
        price_type=params.price_types(),
    )
    row_type = ask.row_type(rows.CURVE_POINT)
    listing = await ask.services.curves.list_versions(query, row_type, ask.page())
    return ask.answer(listing, row_type, "curve-versions")


async def _curve(ask: Ask, name: str) -> CurveDetail:
    return await ask.services.curves.get_curve(name, pin=ask.pin(), today=ask.today)


async def _observations(ask: Ask, where: CurveFilter) -> AnswerResponse:
    row_type = ask.priced_row_type(rows.CURVE_POINT, rows.CURVE_POINT_FIELDS, rows.CURVE_PRICES)
    query = await _delivered(ask, ask.params, where)
    listing = await ask.services.curves.list_observations(query, row_type, ask.page())
    return ask.answer(listing, row_type, "curves", prices=rows.CURVE_PRICES)


async def _delivered(ask: Ask, params: SelectionParams, where: CurveFilter) -> CurveQuery:
    """Return the query with relative contracts resolved. Raises RuleError."""
    query = observation_query(params, ask, where)
    if not params.tenor:
        return query
    if len(where.curve_keys) != 1:
        raise refused("tenor", "one_curve", "needs exactly one curve_key")
    if query.asof.is_history:
        raise refused("tenor", "one_asof", "needs one as-of date: a range has a prompt each day")
    detail = await _curve(ask, where.curve_keys[0])
    day = await ask.services.curves.find_asof(query)
    if day is None:
        return query
    try:
        months = await ask.services.curves.delivery_of_tenors(params.tenor, detail, day)
    except TenorError as error:
        raise refused(
            "tenor", error.rule, "must be M1, M2 … within the listed contracts"
        ) from error
    return replace(query, delivery=months, tenor_type=query.tenor_type or ("MONTHLY",))


async def _diff(ask: Ask, where: CurveFilter) -> AnswerResponse:
    params: DiffParams = ask.params
    if not set(params.status) <= set(STATUSES):
        raise refused("status", "enum", f"must be one of {', '.join(STATUSES)}")
    query = CurveDiffQuery(
        pin=ask.pin(),
        asof_a=params.asof_a,
        asof_b=params.asof_b,
        where=where,
        tenor_type=params.tenor_types(),
        price_type=params.price_types(),
        status=params.status,
    )
    listing = await ask.services.curves.list_diff(query, ask.page())
    return ask.answer(listing, ask.row_type(DIFF_ROW), "curve-diff")


async def _strips(ask: Ask, where: CurveFilter, blocks: tuple[str, ...]) -> AnswerResponse:
    params: StripParams = ask.params
    codes = tuple(code.upper().replace("-", "_") for code in params.strip)
    if not set(codes) <= set(STRIPS):
        raise refused("strip", "enum", f"must be one of {', '.join(STRIPS)}")
    query = CurveQuery(
        pin=ask.pin(),
        asof=ask.asof(),
        where=where,
        price_type=ContractParams(price_type=params.price_type).price_types(),
    )
    strips = StripRequest(query=query, codes=codes or tuple(STRIPS), blocks=blocks)
    listing = await ask.services.curves.list_strips(strips, ask.page())
    return ask.answer(listing, ask.row_type(STRIP_ROW), "curve-strips")
