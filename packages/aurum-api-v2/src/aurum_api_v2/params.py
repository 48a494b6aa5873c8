"""Query parameters of v2: strict, shared by kind of read. An unknown one is refused."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aurum_core.dto.fields import CommaList, Instant, IsoDate, PlainInt, Text, Zone
from aurum_core.errors import RuleError, Violation
from aurum_core.market.blocks import block_code
from aurum_core.market.errors import MarketError
from aurum_core.market.keys import (
    ASSET_CLASSES,
    ISOS,
    PRICE_TYPES,
    WESTERN,
    canonical_iso,
    canonical_market,
)
from aurum_core.market.tenors import TENOR_TYPES
from aurum_services.queries import CurveFilter

PageFormat = Literal["json", "columns", "ndjson", "csv", "parquet", "arrow"]
ExportFormat = Literal["ndjson", "csv", "parquet", "arrow"]
LIMIT = Field(100, ge=1, le=1000, description="rows of a page")
CURSOR = Field(None, min_length=1, max_length=1024, description="`links.next` or `.prev` of a page")


class Params(BaseModel):
    """The base: frozen, unknown names refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PinParams(Params):
    """What a read may be pinned to."""

    known_at: Instant | None = Field(None, description="only what was published by then")
    data_version: PlainInt | None = Field(
        None, ge=0, le=2**53, description="only loads up to this one, as `meta.data_version` names"
    )


class ShapeParams(Params):
    """How rows are written."""

    fields: CommaList = Field((), description="only these fields")
    tz: Zone | None = Field(None, description="write instants with this zone's offset")


class UnitParam(Params):
    """The unit of prices."""

    unit: Text | None = Field(
        None, description="convert prices, as USD/MMBtu", examples=["USD/MWh"]
    )


class PageParams(PinParams, ShapeParams):
    """A page of a pinned read."""

    limit: PlainInt = LIMIT
    cursor: str | None = CURSOR
    format: PageFormat | None = Field(None, description="representation; beats `Accept`")


class ExportParams(PinParams, ShapeParams):
    """Every row of a pinned read."""

    format: ExportFormat | None = Field(None, description="representation; beats `Accept`")


class IsoParam(Params):
    """The ISO filter."""

    iso: CommaList = Field((), description="ISO, as PJM or ISO-NE", examples=["PJM"])

    def isos(self) -> tuple[str, ...]:
        """Return the canonical codes. Raises RuleError for one that is not known."""
        return tuple(dict.fromkeys(known_iso(text) for text in self.iso))


class CurveFilterParams(IsoParam):
    """Dimensions of a curve."""

    asset_class: CommaList = Field((), description="power, gas, oil …")
    region: CommaList = Field((), description="region")
    location: CommaList = Field((), description="hub, zone or delivery point")
    market: CommaList = Field((), description="DA, RT or the exchange's market")
    product: CommaList = Field((), description="what is traded")
    block: CommaList = Field((), description="5x16, 2x16H, 7x8 …, or PEAK, WRAP, ALL")
    source: CommaList = Field((), description="who published it")

    def where(self, *curve_keys: str) -> CurveFilter:
        """Return the filter with canonical values. Raises RuleError for unknown codes."""
        isos = self.isos()
        western = bool(isos) and set(isos) <= WESTERN
        return CurveFilter(
            curve_keys=curve_keys,
            asset_class=one_of("asset_class", ASSET_CLASSES, self.asset_class, str.lower),
            iso=isos,
            region=self.region,
            location=self.location,
            market=tuple(dict.fromkeys(canonical_market(text) for text in self.market)),
            product=self.product,
            block=tuple(dict.fromkeys(known_block(text, western=western) for text in self.block)),
            source=self.source,
        )


class ContractParams(Params):
    """Which contracts of a curve, at which price type."""

    tenor_type: CommaList = Field((), description="MONTHLY, QUARTER, SEASON, CALENDAR …")
    price_type: CommaList = Field(
        (), description="MID, SETTLE …; unset: MID, else SETTLE, else LAST"
    )

    def tenor_types(self) -> tuple[str, ...]:
        """Return the canonical tenor types. Raises RuleError."""
        return one_of("tenor_type", TENOR_TYPES, self.tenor_type, str.upper)

    def price_types(self) -> tuple[str, ...]:
        """Return the canonical price types. Raises RuleError."""
        return one_of("price_type", PRICE_TYPES, self.price_type, str.upper)


class AsOfParams(Params):
    """Which business date."""

    asof: IsoDate | None = Field(None, description="as-of date; unset: per curve the newest one")
    asof_policy: Literal["exact", "on_or_before"] = Field(
        "exact", description="that date exactly, or the newest up to it"
    )
    asof_start: IsoDate | None = Field(None, description="every as-of date from this one")
    asof_end: IsoDate | None = Field(None, description="every as-of date before this one")


Curve = Annotated[Text, Field(description="curve_key or slug")]


def known_iso(text: str, parameter: str = "iso") -> str:
    """Return the canonical code of an ISO. Raises RuleError for one that is not known."""
    code = canonical_iso(text)
    if code not in ISOS:
        raise refused(parameter, "unknown_iso", f"must be one of {', '.join(ISOS)}")
    return code


LOCATION_TYPES = ("NODE", "ZONE", "HUB", "INTERFACE")


def known_block(text: str, *, western: bool = False, parameter: str = "block") -> str:
    """Return the canonical code of a block. Raises RuleError for one that is not known."""
    try:
        return block_code(text, western=western)
    except MarketError as error:
        message = "must be 5x16, 6x16, 2x16H, 1x16H, 7x8, OFFPEAK, 7x24 or an alias of one"
        raise refused(parameter, error.rule, message) from error


def one_of(
    parameter: str, known: tuple[str, ...], given: tuple[str, ...], fold: Callable[[str], str]
) -> tuple[str, ...]:
    """Return the given values in canonical case. Raises RuleError for one that is not known."""
    folded = tuple(dict.fromkeys(fold(text) for text in given))
    if not set(folded) <= set(known):
        raise refused(parameter, "enum", f"must be one of {', '.join(known)}")
    return folded


def refused(parameter: str, rule: str, message: str) -> RuleError:
    """Return the error of one broken rule of a query parameter."""
    return RuleError([Violation("query", parameter, rule, message)])


def check_range(start: date | datetime | None, end: date | datetime | None) -> None:
    """Refuse an end that is not after its start; an instant and a plain date are not compared."""
    if start is None or end is None or isinstance(start, datetime) != isinstance(end, datetime):
        return
    if end <= start:
        raise refused("end", "range", "must be after start: ranges are half-open")
