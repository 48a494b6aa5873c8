"""Units of measure: what each is, in which dimension, and the spellings that mean it.

Sizes are exact fractions of the dimension's base: MMBtu, MW, Mcf, bbl, tonne, hour. MMBtu, Mcf,
MW-day and kW-month are defined by us; 1 MWh = 3.412141633 MMBtu (Btu IT).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from aurum_core.market.errors import UnknownUnitError

MMBTU_PER_MWH: Final = Fraction("3.412141633")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a dimension; ``period`` is day, month or year for capacity held through time."""

    code: str
    dimension: str
    size: Fraction
    name: str
    period: str | None = None


def _units() -> tuple[Unit, ...]:
    mwh = MMBTU_PER_MWH
    pound = Fraction("0.00045359237")
    return (
        Unit("MWh", "energy", mwh, "megawatt-hour"),
        Unit("kWh", "energy", mwh / 1000, "kilowatt-hour"),
        Unit("GWh", "energy", mwh * 1000, "gigawatt-hour"),
        Unit("TWh", "energy", mwh * 1_000_000, "terawatt-hour"),
        Unit("MMBtu", "energy", Fraction(1), "million British thermal units (IT)"),
        Unit("Btu", "energy", Fraction(1, 1_000_000), "British thermal unit (IT)"),
        Unit("therm", "energy", Fraction(1, 10), "therm, 100,000 Btu"),
        Unit("Dth", "energy", Fraction(1), "dekatherm"),
        Unit("GJ", "energy", mwh / Fraction("3.6"), "gigajoule"),
        Unit("MW", "power", Fraction(1), "megawatt"),
        Unit("kW", "power", Fraction(1, 1000), "kilowatt"),
        Unit("GW", "power", Fraction(1000), "gigawatt"),
        Unit("MW-day", "capacity", Fraction(1), "megawatt for a day", "day"),
        Unit("MW-month", "capacity", Fraction(1), "megawatt for a month", "month"),
        Unit("MW-year", "capacity", Fraction(1), "megawatt for a year", "year"),
        Unit("kW-day", "capacity", Fraction(1, 1000), "kilowatt for a day", "day"),
        Unit("kW-month", "capacity", Fraction(1, 1000), "kilowatt for a month", "month"),
        Unit("kW-year", "capacity", Fraction(1, 1000), "kilowatt for a year", "year"),
        Unit("Mcf", "gas_volume", Fraction(1), "thousand cubic feet"),
        Unit("cf", "gas_volume", Fraction(1, 1000), "cubic foot"),
        Unit("MMcf", "gas_volume", Fraction(1000), "million cubic feet"),
        Unit("Bcf", "gas_volume", Fraction(1_000_000), "billion cubic feet"),
        Unit("bbl", "liquid_volume", Fraction(1), "barrel of 42 US gallons"),
        Unit("gal", "liquid_volume", Fraction(1, 42), "US gallon"),
        Unit("tonne", "mass", Fraction(1), "metric ton"),
        Unit("kg", "mass", Fraction(1, 1000), "kilogram"),
        Unit("lb", "mass", pound, "pound"),
        Unit("short_ton", "mass", pound * 2000, "short ton, 2,000 lb"),
        Unit("long_ton", "mass", pound * 2240, "long ton, 2,240 lb"),
        Unit("hour", "time", Fraction(1), "hour"),
        Unit("year", "year", Fraction(1), "calendar year"),
        Unit("ratio", "ratio", Fraction(1), "ratio"),
        Unit("percent", "ratio", Fraction(1, 100), "percent"),
        Unit("wt_percent", "mass_fraction", Fraction(1, 100), "percent by weight"),
        Unit("rank", "rank", Fraction(1), "rank"),
        Unit("index", "index", Fraction(1), "index"),
        Unit("REC", "certificate", Fraction(1), "renewable energy certificate"),
        *(
            Unit(noun, f"count of {noun}", Fraction(1), f"number of {noun}")
            for noun in ("customers", "employees", "facilities", "meters", "mines")
        ),
        Unit("FTE", "count of fte", Fraction(1), "full-time equivalent employees"),
    )


KNOWN_UNITS: Final = _units()
UNITS: Final = MappingProxyType({unit.code: unit for unit in KNOWN_UNITS})

# Spellings without blanks, hyphens and underscores, in lower case; a plural's s is tried without.
_SPELLINGS = MappingProxyType(
    {
        "MWh": ("megawatthour", "mwhr"),
        "kWh": ("kilowatthour", "kwhr"),
        "GWh": ("gigawatthour", "millionkilowatthours", "millionkwh"),
        "MMBtu": ("millionbtu", "mmbtus", "millionbritishthermalunits"),
        "Btu": ("britishthermalunit",),
        "Dth": ("dekatherm", "decatherm", "dt"),
        "GJ": ("gigajoule",),
        "MW": ("megawatt",),
        "kW": ("kilowatt",),
        "GW": ("gigawatt",),
        "MW-day": ("megawattday", "mwd"),
        "MW-month": ("megawattmonth", "mwmo"),
        "MW-year": ("megawattyear", "mwyr"),
        "kW-month": ("kilowattmonth", "kwmo"),
        "kW-year": ("kilowattyear", "kwyr"),
        "Mcf": ("thousandcubicfeet", "kcf"),
        "cf": ("cubicfoot", "cubicfeet"),
        "MMcf": ("millioncubicfeet",),
        "Bcf": ("billioncubicfeet",),
        "bbl": ("barrel",),
        "gal": ("gallon",),
        "tonne": ("t", "mt", "metricton", "metrictonne", "tco2", "tco2e", "tonneco2", "tonneco2e"),
        "kg": ("kilogram",),
        "lb": ("pound",),
        # EIA's bare ton of coal and biomass is the short ton.
        "short_ton": ("ton", "st", "shorttonco2"),
        "hour": ("h", "hr", "laborhour"),
        "year": ("yr",),
        "percent": ("%", "pct"),
        "wt_percent": (
            "percentbyweight",
            "averageashpercentbyweight",
            "averagesulfurpercentbyweight",
        ),
        "REC": ("certificate",),
        "customers": ("numberofcustomers",),
        "employees": ("numberofemployees",),
        "FTE": ("numberoffteemployees",),
        "facilities": ("numberoffacilities",),
        "meters": ("numberofmeters",),
        "mines": ("numberofmines",),
    }
)
_BY_SPELLING = MappingProxyType(
    {re.sub(r"[\s_\-]", "", unit.code).lower(): unit for unit in KNOWN_UNITS}
    | {word: UNITS[code] for code, words in _SPELLINGS.items() for word in words}
)
_MULTIPLES = MappingProxyType({"thousand": 1000, "million": 10**6, "billion": 10**9})
_PER = re.compile(r"\s*/\s*|\s+per\s+", re.IGNORECASE)


def parse_unit(text: str) -> Unit:
    """Return the unit that a text means: ``megawatthours``, ``kW-month``, ``btu/lb``, ``tons``.

    A quotient of two units is a unit of its own, of dimension ``a/b``. Raises UnknownUnitError.
    """
    numerator, *rest = _PER.split(text.strip())
    if len(rest) > 1:
        raise UnknownUnitError(f"Unknown unit {text!r}", name=text)
    top = _simple(numerator, text)
    if not rest:
        return top
    bottom = _simple(rest[0], text)
    return Unit(
        f"{top.code}/{bottom.code}",
        f"{top.dimension}/{bottom.dimension}",
        top.size / bottom.size,
        f"{top.name} per {bottom.name}",
    )


def split_multiple(text: str) -> tuple[int, str]:
    """Return the factor of a leading thousand, million or billion (1 without), and the rest."""
    first, _, rest = text.strip().partition(" ")
    factor = _MULTIPLES.get(first.lower(), 1) if rest else 1
    return (factor, rest.strip()) if factor > 1 else (1, text.strip())


def is_unit(text: str) -> bool:
    """Return whether ``parse_unit`` knows a text."""
    try:
        parse_unit(text)
    except UnknownUnitError:
        return False
    return True


def _simple(word: str, text: str) -> Unit:
    compact = re.sub(r"[\s_\-]", "", word).lower()
    unit = _BY_SPELLING.get(compact) or _BY_SPELLING.get(compact.removesuffix("s"))
    if unit is None:
        raise UnknownUnitError(f"Unknown unit {text!r}", name=text)
    return unit
