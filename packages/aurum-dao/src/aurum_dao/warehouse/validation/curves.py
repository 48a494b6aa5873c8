"""Rules of forward curve observations, and the reference rows that follow from them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.market.blocks import BLOCKS
from aurum_core.market.errors import (
    IdentityError,
    MarketError,
    TenorError,
    UnknownBlockError,
    UnknownMarketError,
)
from aurum_core.market.keys import (
    ASSET_CLASSES,
    ISOS,
    PRICE_TYPES,
    CurveIdentity,
    canonical_identity,
    curve_key_of,
)
from aurum_core.market.measures import parse_unit
from aurum_core.market.months import month_end
from aurum_core.market.price_units import PriceUnit, parse_price_unit
from aurum_core.market.tenors import check_delivery, delivery_of, tenor_label
from aurum_dao.warehouse.validation.casting import PRICE_LIMIT
from aurum_dao.warehouse.validation.frame import Frame
from aurum_dao.warehouse.validation.units import currency_of

UnitAliases = Mapping[str, PriceUnit]
"""Spellings of units that the warehouse knows beyond the built-in ones, case-folded."""

OPTIONAL = frozenset({"curve_key", "currency", "per_unit", "tenor_label", "delivery_end"})
"""Columns that a file may leave out although they are never null in the warehouse."""

DIMENSIONS = (
    "asset_class",
    "iso",
    "region",
    "location",
    "market",
    "product",
    "block",
    "spark_location",
)
WEIGHTINGS = ("block_hours", "days", "none")
_PRICES = ("value", "bid", "ask")


def complete_curves(frame: Frame, aliases: UnitAliases) -> None:
    """Make identities canonical, fill what follows from them, refuse what cannot be."""
    _identity(frame)
    _price_type(frame)
    _delivery(frame)
    _unit(frame, aliases)


def _identity(frame: Frame) -> None:
    text = pa.string()
    *dimensions, key = frame.map_distinct(DIMENSIONS, [text] * 9, canonical_curve)
    for name, array in zip(DIMENSIONS, dimensions, strict=True):
        frame[name] = array
    frame.agree("curve_key", key)


def canonical_curve(*parts: str) -> tuple[str | None, ...]:
    """Return the canonical dimensions of a curve and its key.

    Raises:
        MarketError: a part is not known, or cannot be part of an identity.
    """
    if not parts[0]:
        return (None,) * 9
    identity = canonical_identity(CurveIdentity(*(part or None for part in parts)))
    if identity.asset_class not in ASSET_CLASSES:
        raise IdentityError(f"Unknown asset class {parts[0]!r}", name=parts[0])
    if identity.iso is not None and identity.iso not in ISOS:
        raise UnknownMarketError(f"Unknown ISO {parts[1]!r}", name=parts[1])
    if identity.block is not None and identity.block not in BLOCKS:
        raise UnknownBlockError(f"Unknown block {parts[6]!r}", name=parts[6])
    return (*(getattr(identity, name) for name in DIMENSIONS), curve_key_of(identity))


def _price_type(frame: Frame) -> None:
    frame["price_type"] = pc.utf8_upper(frame["price_type"])
    known = pc.is_in(frame["price_type"], value_set=pa.array(PRICE_TYPES))
    frame.refuse(
        pc.and_(pc.is_valid(frame["price_type"]), pc.invert(known)), "price_type is not known"
    )


def _delivery(frame: Frame) -> None:
    frame["delivery_start"] = pc.coalesce(frame["delivery_start"], frame["contract_month"])
    kind, end, label, month = frame.map_distinct(
        ("tenor_type", "delivery_start", "delivery_end"),
        (pa.string(), pa.date32(), pa.string(), pa.date32()),
        _tenor,
    )
    frame["tenor_type"], frame["delivery_end"] = kind, end
    frame.agree("tenor_label", label)
    frame.agree("contract_month", month)


def _tenor(kind: str, first: str, last: str) -> tuple[object, ...]:
    if not kind or not first:
        return kind or None, last or None, None, None
    kind, start = kind.upper(), date.fromisoformat(first)
    end = date.fromisoformat(last) if last else _end_of(kind, start)
    if end is None:
        check_delivery(kind, start, start)  # an unknown type is the better reason
        return kind, None, None, None
    if (reason := check_delivery(kind, start, end)) is not None:
        raise TenorError(reason, name=f"{first}/{end}")
    return kind, end, tenor_label(kind, start, end), start if kind == "MONTHLY" else None


def _end_of(kind: str, start: date) -> date | None:
    """Return the last day of a delivery whose type and first day say it, else None."""
    if kind == "DAILY":
        return start
    if kind in {"MONTHLY", "BALMO"}:
        return month_end(start)
    if kind in {"QUARTER", "CALENDAR"}:
        return delivery_of(kind, tenor_label(kind, start, start))[1]
    return None


def _unit(frame: Frame, aliases: UnitAliases) -> None:
    def parse(raw: str, currency: str, unit: str) -> tuple[object, ...]:
        return _parsed_unit(raw, currency, unit, aliases)

    currency, unit, scale = frame.map_distinct(
        ("units_raw", "currency", "per_unit"), (pa.string(), pa.string(), pa.float64()), parse
    )
    frame["currency"], frame["per_unit"] = currency, unit
    if pc.all(pc.equal(scale, 1.0)).as_py() in {True, None}:
        return
    for name in _PRICES:
        scaled = pc.multiply(pc.cast(frame[name], pa.float64()), scale)
        fits = pc.less(pc.abs(scaled), PRICE_LIMIT)
        frame.refuse(pc.and_(pc.is_valid(scaled), pc.invert(fits)), f"{name} is out of range")
        exact = pc.round(pc.if_else(fits, scaled, None), 6, "half_to_even")
        frame[name] = pc.if_else(
            pc.equal(scale, 1.0), frame[name], pc.cast(exact, frame[name].type)
        )


def _parsed_unit(raw: str, currency: str, unit: str, aliases: UnitAliases) -> tuple[object, ...]:
    """Return currency, unit and scale; values are in the raw unit only where it alone is given."""
    code = currency_of(currency) if currency else None
    if code and unit:
        return code, parse_unit(unit).code, 1.0
    if not raw:
        return code, unit or None, 1.0
    price = aliases.get(raw.casefold()) or parse_price_unit(raw)
    if code is not None and code != price.currency:
        raise MarketError(f"{raw!r} is not in {currency}", name=raw)
    stated = currency_of(price.currency) if price.currency else None
    return stated, price.per_unit, float(price.scale)


def alias_of(currency: str | None, per_unit: str, scale: float) -> PriceUnit:
    """Return a row of `ref.unit_alias` as a unit."""
    return PriceUnit(currency, per_unit, Decimal(repr(scale)))
