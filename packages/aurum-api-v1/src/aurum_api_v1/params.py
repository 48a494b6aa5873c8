"""Query parameters of v1: the bounds of the contract; unknown names are ignored."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from aurum_core.dto.fields import IsoDate, PlainInt
from aurum_core.errors import MalformedInputError
from aurum_core.market.blocks import block_code
from aurum_core.market.errors import MarketError
from aurum_core.market.keys import WESTERN, canonical_iso, canonical_market
from aurum_core.market.time import operating_day_bounds, zone_of
from aurum_services.iso import market_pairs
from aurum_services.queries import CurveFilter, LmpQuery, Pin

MOST_OFFSET: Final = 100_000
SHAPE_ONLY: Final = frozenset(
    {"limit", "offset", "cursor", "since_cursor", "prev_cursor", "format"}
)
"""Parameters that shape a page but do not change which rows a walk meets."""
TENOR_TYPES: Final = r"^(MONTHLY|CALENDAR|SEASON|QUARTER)$"
STRIP_TYPES: Final = r"^(CALENDAR|SEASON|QUARTER)$"
FORMATS: Final = r"^(json|csv)$"
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_MOMENT_RULE: Final = "must be a date-time, as 2026-01-31T05:00:00Z, or a date, as 2026-01-31"
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def _moment(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if not isinstance(value, str):
        return value
    if not _MOMENT.fullmatch(value):
        raise ValueError(_MOMENT_RULE)
    try:
        found = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(_MOMENT_RULE) from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(f"must be in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    if isinstance(found, datetime):
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found


Moment = Annotated[
    date | datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, in UTC where it names no offset; or a plain date: the market's operating day."""


class Params(BaseModel):
    """The base: frozen, unknown names ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def filters(self) -> dict[str, str]:
        """Return what a cursor is bound to: the given filters as text."""
        found = self.model_dump(exclude=set(SHAPE_ONLY), exclude_none=True)
        return {name: str(value) for name, value in found.items()}


class PageParams(Params):
    """A page that cursors or an offset lead to; `prev_cursor` beats all, `offset` yields to all."""

    limit: PlainInt = Field(200, ge=1, le=1000, description="rows of a page")
    cursor: str | None = Field(None, description="`meta.next_cursor` of a page")
    since_cursor: str | None = Field(None, description="another name of `cursor`")
    offset: PlainInt | None = Field(None, ge=0, le=MOST_OFFSET, description="rows to skip")

    def token(self) -> str | None:
        """Return the cursor that counts."""
        return self.cursor or self.since_cursor


class CurveFilterParams(Params):
    """Dimensions of a curve."""

    asset_class: str | None = Field(None, description="power, gas, oil …")
    iso: str | None = Field(None, description="ISO, as PJM or ISO-NE")
    location: str | None = Field(None, description="hub, zone or delivery point")
    market: str | None = Field(None, description="DA, RT or the exchange's market")
    product: str | None = Field(None, description="what is traded")
    block: str | None = Field(None, description="5x16, 2x16H, 7x8 …, or PEAK, WRAP, ALL")

    def where(self, curve_key: str | None = None) -> CurveFilter:
        """Return the filter with canonical values; a word that is not known matches nothing."""
        isos = tuple(canonical_iso(text) for text in _given(self.iso))
        return CurveFilter(
            curve_keys=_given(curve_key),
            asset_class=tuple(text.lower() for text in _given(self.asset_class)),
            iso=isos,
            location=_given(self.location),
            market=tuple(canonical_market(text) for text in _given(self.market)),
            product=_given(self.product),
            block=_blocks(_given(self.block), isos),
        )


class CurveParams(CurveFilterParams):
    """Curves by key or dimension."""

    curve_key: str | None = Field(None, description="key, old key or slug of one curve")

    def curves(self) -> CurveFilter:
        """Return the filter with the curve's name."""
        return self.where(self.curve_key)


class LmpParams(Params):
    """Which price series."""

    iso_code: str | None = Field(None, description="ISO, as PJM or ISO-NE")
    market: str | None = Field(None, description="DAY_AHEAD, REAL_TIME or a named series")
    format: str = Field("json", pattern=FORMATS, description="json or csv")

    def select(self, pin: Pin, location: str | None = None) -> LmpQuery:
        """Return the query of the series; a word that is not known matches nothing."""
        isos = tuple(canonical_iso(text) for text in _given(self.iso_code))
        try:
            markets, pairs = market_pairs(isos, _given(self.market))
        except MarketError:
            markets, pairs = _given(self.market), ()
        return LmpQuery(pin=pin, iso=isos, market=markets, pairs=pairs, location=_given(location))


class LmpRecentParams(LmpParams):
    """The last day."""

    location_id: str | None = Field(None, description="node, zone or hub")
    limit: PlainInt = Field(500, ge=1, le=2000, description="most rows")


class LmpNegativeParams(LmpParams):
    """Negative prices."""

    limit: PlainInt = Field(200, ge=1, le=1000, description="most rows")


class LmpAverageParams(LmpRecentParams):
    """Averages of a half-open range."""

    start: Moment | None = Field(None, description="first instant or operating day")
    end: Moment | None = Field(None, description="end, exclusive")

    def range(self) -> dict[str, Any]:
        """Return the range as members of the query.

        Two plain dates are operating days. Beside an instant a plain date is the midnight it begins
        with, in the ISO's zone where one ISO is asked for, else in UTC.

        Raises:
            MalformedInputError: the start is after the end.
        """
        start, end = self.start, self.end
        if not isinstance(start, datetime) and not isinstance(end, datetime):
            found: dict[str, Any] = {"first_day": start, "end_day": end}
        else:
            start, end = self._instant(start), self._instant(end)
            found = {"start": start, "end": end}
        if start is not None and end is not None and start > end:
            raise MalformedInputError("start_after_end")
        return found

    def _instant(self, value: date | None) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        try:
            return operating_day_bounds(value, zone_of(self.iso_code or ""))[0]
        except MarketError:
            return datetime(value.year, value.month, value.day, tzinfo=UTC)


class CurveListParams(PageParams, CurveParams):
    """A page of observations."""

    asof: IsoDate | None = Field(None, description="as-of date; unset: per curve the newest one")
    tenor_type: str | None = Field(None, pattern=TENOR_TYPES)
    prev_cursor: str | None = Field(None, description="`meta.prev_cursor` of a page")
    format: str = Field("json", pattern=FORMATS, description="json or csv")


class CurveDiffParams(PageParams, CurveParams):
    """A page of differences."""

    asof_a: IsoDate = Field(description="first as-of date")
    asof_b: IsoDate = Field(description="second as-of date")
    tenor_type: str | None = Field(None, pattern=TENOR_TYPES)


class CurveStripParams(PageParams, CurveParams):
    """A page of strips."""

    type: str = Field(pattern=STRIP_TYPES, description="CALENDAR, SEASON or QUARTER")
    asof: IsoDate | None = Field(None, description="as-of date; unset: per curve the newest one")


class DimensionParams(CurveFilterParams):
    """Values of the curve dimensions."""

    asof: IsoDate | None = Field(None, description="as-of date; unset: per curve the newest one")
    tenor_type: str | None = Field(None, pattern=TENOR_TYPES)
    per_dim_limit: PlainInt = Field(500, ge=1, le=5000, description="values of each at most")
    prefix: str | None = Field(None, description="values that begin with this")
    include_counts: bool = Field(False, description="count the observations of each value")


class LocationParams(Params):
    """Locations by ISO and prefix."""

    iso: str | None = Field(None, description="ISO, as PJM or ISO-NE")
    prefix: str | None = Field(None, description="id or name begins with this")

    def isos(self) -> tuple[str, ...]:
        """Return the canonical ISO, if one is given."""
        return tuple(canonical_iso(text) for text in _given(self.iso))


class PrefixParams(Params):
    """A prefix."""

    prefix: str | None = Field(None, description="begins with this, in any case")

    def folded(self) -> str:
        """Return the prefix as it is compared."""
        return (self.prefix or "").casefold()


class HoursParams(Params):
    """One block on one day."""

    block: str = Field(description="a block of the calendar, or an alias")
    date: IsoDate = Field(description="operating day in the calendar's zone")


class ExpandParams(Params):
    """One block over days."""

    block: str = Field(description="a block of the calendar, or an alias")
    start: IsoDate = Field(description="first day")
    end: IsoDate = Field(description="end, exclusive; at most 366 days on")


class NoParams(Params):
    """Nothing to choose."""


def _given(text: str | None) -> tuple[str, ...]:
    """Return the text without outer and doubled blanks, nothing where none is left."""
    word = " ".join((text or "").split())
    return (word,) if word else ()


def _blocks(words: tuple[str, ...], isos: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes that a block word may mean: PEAK is 6x16 in the west, 5x16 elsewhere."""
    wests = (isos[0] in WESTERN,) if isos else (False, True)
    try:
        codes = [block_code(word, western=west) for word in words for west in wests]
    except MarketError:
        return words
    return tuple(dict.fromkeys(codes))
