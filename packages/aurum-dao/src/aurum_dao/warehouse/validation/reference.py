"""Rules of reference tables."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.market.errors import IdentityError
from aurum_core.market.keys import CurveIdentity, canonical_iso, slug_of
from aurum_core.market.measures import parse_unit
from aurum_core.market.time import zone_of
from aurum_dao.schemas.reference import ReferenceTable
from aurum_dao.warehouse.validation.curves import DIMENSIONS, WEIGHTINGS, canonical_curve
from aurum_dao.warehouse.validation.frame import Frame
from aurum_dao.warehouse.validation.units import currency_of

SINCE_EVER = date(1900, 1, 1)
"""`valid_from` of a location whose first day is not known."""

DEFAULT_PRIORITY = 100

DEFAULTED_LATER = frozenset({"weighting"})
"""Columns whose default depends on whether the row is new."""

OPTIONAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "locations": frozenset({"valid_from", "timezone"}),
        "source": frozenset({"priority"}),
        "units": frozenset({"scale"}),
        "curve": frozenset({"curve_key", "slug", "weighting"}),
    }
)
"""Columns that a file may leave out although they are never null in the warehouse."""


def complete_reference(reference: ReferenceTable, frame: Frame) -> None:
    """Fill and check what a reference table's file may leave out."""
    complete = _RULES.get(reference.name)
    if complete is not None:
        complete(frame)


def _location(frame: Frame) -> None:
    iso, zone = frame.map_distinct(("iso_code",), (pa.string(), pa.string()), _iso_and_zone)
    frame["iso_code"] = iso
    frame["timezone"] = pc.coalesce(frame["timezone"], zone)
    frame["location_type"] = pc.utf8_upper(frame["location_type"])
    frame.default("valid_from", SINCE_EVER)
    frame.refuse(
        pc.less_equal(frame["valid_to"], frame["valid_from"]), "valid_to is not after valid_from"
    )


def _iso_and_zone(iso: str) -> tuple[str | None, str | None]:
    return (canonical_iso(iso), zone_of(iso).key) if iso else (None, None)


def _source(frame: Frame) -> None:
    frame.default("priority", DEFAULT_PRIORITY)


def _unit(frame: Frame) -> None:
    _price_unit(frame)
    frame.default("scale", 1.0)
    frame.refuse(pc.less_equal(frame["scale"], 0.0), "scale is not positive")


def _price_unit(frame: Frame) -> None:
    text = pa.string()
    frame["currency"], frame["per_unit"] = frame.map_distinct(
        ("currency", "per_unit"), (text, text), _canonical_unit
    )


def _canonical_unit(currency: str, unit: str) -> tuple[str | None, str | None]:
    return currency_of(currency) if currency else None, parse_unit(unit).code if unit else None


def _contract_expiry(frame: Frame) -> None:
    frame["root"] = pc.utf8_upper(frame["root"])
    month_start = pc.equal(pc.day(frame["contract_month"]), 1)
    frame.refuse(pc.invert(month_start), "contract_month is not the first day of a month")


def _curve(frame: Frame) -> None:
    *dimensions, key, slug = frame.map_distinct(DIMENSIONS, [pa.string()] * 10, _named)
    for name, array in zip(DIMENSIONS, dimensions, strict=True):
        frame[name] = array
    frame.agree("curve_key", key)
    frame.agree("slug", slug)
    _price_unit(frame)
    weighting = frame["weighting"]
    known = pc.is_in(weighting, value_set=pa.array(WEIGHTINGS))
    frame.refuse(
        pc.and_(pc.is_valid(weighting), pc.invert(known)),
        "weighting is not block_hours, days or none",
    )


def _named(*parts: str) -> tuple[str | None, ...]:
    if not parts[0]:
        raise IdentityError("asset_class is missing")
    canonical = canonical_curve(*parts)
    return (*canonical, slug_of(CurveIdentity(*canonical[:-1])))


_RULES: Mapping[str, Callable[[Frame], None]] = MappingProxyType(
    {
        "locations": _location,
        "source": _source,
        "units": _unit,
        "contract-expiry": _contract_expiry,
        "curve": _curve,
    }
)
