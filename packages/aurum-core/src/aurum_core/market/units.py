"""Conversion of prices and quantities by exact factors; the texts and units are parsed next door.

A pair within one dimension converts by its factor alone; a pair across dimensions needs its
parameter. Nothing is passed through: an unknown text or pair is an error.
"""

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from aurum_core.market.errors import (
    IncompatibleUnitsError,
    MissingParameterError,
    ParameterError,
)
from aurum_core.market.measures import (
    KNOWN_UNITS,
    MMBTU_PER_MWH,
    UNITS,
    Unit,
    parse_unit,
)
from aurum_core.market.months import add_months, month_start
from aurum_core.market.price_units import (
    CURRENCIES,
    UNIT_ALIASES,
    PriceUnit,
    UnitAlias,
    dimension_of,
    parse_price_unit,
    parse_units,
)
from aurum_core.market.time import minutes_between

__all__ = [
    "CURRENCIES",
    "KNOWN_UNITS",
    "MMBTU_PER_MWH",
    "PARAMETERS",
    "UNITS",
    "UNIT_ALIASES",
    "Conversion",
    "PriceUnit",
    "Unit",
    "UnitAlias",
    "convert",
    "dimension_of",
    "parse_price_unit",
    "parse_unit",
    "parse_units",
    "spark_spread",
]

PARAMETERS: Final = ("heat_content", "month", "day", "load_factor", "heat_rate", "emission_factor")

_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_PLACES: Final = 6
_LEAST: Final = Decimal("0.000001")
_DIGITS: Final = 20  # before and after the point; a longer number is a mistake or an attack
_FUEL_UNITS: Final = frozenset({"MMBtu", "Btu", "therm", "Dth", "GJ"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted value (half-even to 6 decimals), its factor and the rules that made it."""

    value: Decimal
    factor: Decimal
    unit_from: str
    unit_to: str
    steps: tuple[str, ...]
    parameters: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The steps as one sentence."""
        return "; ".join(self.steps)


@dataclass(frozen=True, slots=True)
class _Parameters:
    """What crosses dimensions. Each is checked when it is taken, so an unused one is ignored."""

    heat_content: Decimal | None
    month: date | None
    day: date | None
    load_factor: Decimal | None
    heat_rate: Decimal | None
    emission_factor: Decimal | None
    zone: tzinfo | None

    def positive(self, name: str, *, most: int = 1_000_000) -> Fraction:
        value: Decimal | None = getattr(self, name)
        if value is None:
            raise MissingParameterError(f"This conversion needs {name}", parameter=name)
        if not _is_plain(value) or not _LEAST <= value <= most:
            message = f"{name} must be above 0 and at most {most}"
            raise ParameterError(message, parameter=name, name=str(value))
        return Fraction(value)

    def month_of(self) -> date:
        given = self.month or self.day
        if given is None:
            raise MissingParameterError("This conversion needs month", parameter="month")
        return month_start(given)


@dataclass(frozen=True, slots=True)
class _Ratio:
    """How many of the second unit one of the first is worth, why, and by which parameters."""

    worth: Fraction
    step: str
    parameters: tuple[str, ...] = ()


def convert(
    value: Decimal,
    from_unit: str,
    to_unit: str,
    *,
    heat_content: Decimal | None = None,
    month: date | None = None,
    day: date | None = None,
    load_factor: Decimal | None = None,
    heat_rate: Decimal | None = None,
    emission_factor: Decimal | None = None,
    zone: tzinfo | None = None,
) -> Conversion:
    """Convert a price or a quantity; the result is rounded half-even to 6 decimals.

    ``heat_content`` is MMBtu per Mcf (or bbl), ``heat_rate`` MMBtu per MWh, ``emission_factor``
    tonnes per MWh, ``load_factor`` above 0 to 1; ``month`` or ``day`` says which month a kW-month
    and which day a MW-day is, in ``zone`` (New York). With ``heat_rate`` fuel and power convert as
    fuel burnt, without it as heat. Raises UnknownUnitError, IncompatibleUnitsError,
    MissingParameterError and ParameterError.
    """
    source, target = parse_units(from_unit), parse_units(to_unit)
    if not _is_plain(value):
        raise ParameterError("The value is no plain number", parameter="value", name=str(value))
    if source.currency != target.currency:
        raise _incompatible(from_unit, to_unit, "a currency converts only by a dated rate series")
    given = _Parameters(heat_content, month, day, load_factor, heat_rate, emission_factor, zone)
    scale = Fraction(source.scale) / Fraction(target.scale)
    ratio = _ratio_of(source, target, given)
    factor = scale / ratio.worth if source.currency else scale * ratio.worth
    scales = (_scale_step(from_unit, source), _scale_step(to_unit, target))
    return Conversion(
        value=_rounded(Fraction(value) * factor),
        factor=_decimal(factor),
        unit_from=_shown(from_unit, source),
        unit_to=_shown(to_unit, target),
        steps=tuple(step for step in (*scales, ratio.step, f"x {_decimal(factor)}") if step),
        parameters=ratio.parameters,
    )


def spark_spread(power: Decimal, fuel: Decimal, heat_rate: Decimal) -> Decimal:
    """Return ``P - HR * G`` in USD/MWh, of power in USD/MWh, fuel in USD/MMBtu, MMBtu per MWh.

    Rounded half-even to 6 decimals.
    """
    return _rounded(Fraction(power) - Fraction(heat_rate) * Fraction(fuel))


def _ratio_of(source: PriceUnit, target: PriceUnit, given: _Parameters) -> _Ratio:
    if source.per_unit is None or target.per_unit is None:
        if source.per_unit is target.per_unit:
            return _Ratio(Fraction(1), "")
        raise _incompatible(source.code, target.code)
    a, b = parse_unit(source.per_unit), parse_unit(target.per_unit)
    if a.dimension == b.dimension:
        return _same_dimension(a, b, given)
    if b.dimension == "energy" and a.dimension in _TO_ENERGY:
        return _TO_ENERGY[a.dimension](a, b, given)
    if a.dimension == "energy" and b.dimension in _TO_ENERGY:
        back = _TO_ENERGY[b.dimension](b, a, given)
        return _Ratio(1 / back.worth, back.step, back.parameters)
    raise _incompatible(source.code, target.code)


def _same_dimension(a: Unit, b: Unit, given: _Parameters) -> _Ratio:
    if a.dimension == "energy" and given.heat_rate is not None:
        if a.code in _FUEL_UNITS and b.code not in _FUEL_UNITS:
            return _burnt(a.size, a, b, given)
        if b.code in _FUEL_UNITS and a.code not in _FUEL_UNITS:
            back = _burnt(b.size, b, a, given)
            return _Ratio(1 / back.worth, back.step, back.parameters)
    if a.period != b.period:
        return _between_periods(a, b, given)
    return _stated(a, b, a.size / b.size)


def _between_periods(a: Unit, b: Unit, given: _Parameters) -> _Ratio:
    sizes = a.size / b.size
    if {a.period, b.period} == {"month", "year"}:
        return _stated(a, b, sizes * (12 if a.period == "year" else Fraction(1, 12)))
    month = given.month_of()
    used = "month" if given.month else "day"
    return _stated(a, b, sizes * _days(a, month) / _days(b, month), used)


def _from_volume(a: Unit, b: Unit, given: _Parameters) -> _Ratio:
    mmbtu = a.size * given.positive("heat_content")
    if given.heat_rate is not None and b.code not in _FUEL_UNITS:
        burnt = _burnt(mmbtu, a, b, given)
        return _Ratio(burnt.worth, burnt.step, ("heat_content", *burnt.parameters))
    return _stated(a, b, mmbtu / b.size, "heat_content")


def _from_capacity(a: Unit, b: Unit, given: _Parameters) -> _Ratio:
    hours, used = _hours(a, given)
    mwh = a.size * hours * given.positive("load_factor", most=1)
    return _stated(a, b, mwh * MMBTU_PER_MWH / b.size, "load_factor", *used)


def _from_mass(a: Unit, b: Unit, given: _Parameters) -> _Ratio:
    if b.code in _FUEL_UNITS:
        raise _incompatible(a.code, b.code, "an emission factor is per MWh of power")
    mwh = a.size / given.positive("emission_factor")
    return _stated(a, b, mwh * MMBTU_PER_MWH / b.size, "emission_factor")


_TO_ENERGY: Final = MappingProxyType(
    {
        "gas_volume": _from_volume,
        "liquid_volume": _from_volume,
        "capacity": _from_capacity,
        "mass": _from_mass,
    }
)


def _burnt(mmbtu: Fraction, a: Unit, b: Unit, given: _Parameters) -> _Ratio:
    mwh = mmbtu / given.positive("heat_rate")
    return _stated(a, b, mwh * MMBTU_PER_MWH / b.size, "heat_rate")


def _stated(a: Unit, b: Unit, worth: Fraction, *parameters: str) -> _Ratio:
    given = f" (by {', '.join(parameters)})" if parameters else ""
    return _Ratio(worth, f"1 {a.code} = {_decimal(worth)} {b.code}{given}", parameters)


def _shown(text: str, parsed: PriceUnit) -> str:
    return parsed.code if parsed.scale == 1 else " ".join(text.split())


def _scale_step(text: str, parsed: PriceUnit) -> str:
    return "" if parsed.scale == 1 else f"1 {_shown(text, parsed)} = {parsed.scale} {parsed.code}"


def _is_plain(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DIGITS and value.adjusted() <= _DIGITS


def _days(unit: Unit, month: date) -> int:
    if unit.period == "day":
        return 1
    if unit.period == "month":
        return (add_months(month, 1) - month).days
    return (date(month.year + 1, 1, 1) - date(month.year, 1, 1)).days


def _hours(unit: Unit, given: _Parameters) -> tuple[Fraction, tuple[str, ...]]:
    """Return the hours of a capacity unit's period: a day without a date is 24 hours long."""
    zone = given.zone or ZoneInfo("America/New_York")
    if unit.period == "day":
        if given.day is None:
            return Fraction(24), ()
        start, end, used = given.day, given.day + timedelta(days=1), "day"
    else:
        month, used = given.month_of(), "month" if given.month else "day"
        start = month if unit.period == "month" else month.replace(month=1)
        end = add_months(start, 1 if unit.period == "month" else 12)
    return Fraction(minutes_between(start, end, zone), 60), (used,)


def _decimal(value: Fraction) -> Decimal:
    """Return a factor as a plain Decimal of at most 28 digits."""
    quotient = Decimal(value.numerator) / Decimal(value.denominator)
    return quotient.normalize() if quotient % 1 else quotient.to_integral_value()


def _rounded(value: Fraction) -> Decimal:
    with localcontext(_EXACT):
        return Decimal(round(value * 10**_PLACES)).scaleb(-_PLACES)


def _incompatible(source: str, target: str, why: str = "") -> IncompatibleUnitsError:
    reason = f": {why}" if why else ""
    return IncompatibleUnitsError(f"{source} does not convert to {target}{reason}", name=target)
