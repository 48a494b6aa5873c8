"""Raw unit texts: ``raw -> (currency, per_unit, scale)``, and the list of those met in the field.

A number published as ``c/kWh`` times the scale 0.01 is in USD/kWh. An unknown text is an error.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from aurum_core.market.errors import UnknownUnitError
from aurum_core.market.measures import is_unit, parse_unit, split_multiple

# fmt: off - a table reads as a table
CURRENCIES: Final = (
    "USD",
    "CAD",
    "EUR",
    "GBP",
    "MXN",
    "AUD",
    "JPY",
    "CHF",
    "NOK",
    "SEK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "BGN",
    "RSD",
    "ISK",
    "TRY",
    "UAH",
    "RUB",
    "KZT",
    "ILS",
    "AED",
    "SAR",
    "QAR",
    "CNY",
    "HKD",
    "TWD",
    "KRW",
    "INR",
    "PKR",
    "SGD",
    "MYR",
    "THB",
    "IDR",
    "PHP",
    "VND",
    "NZD",
    "BRL",
    "ARS",
    "CLP",
    "COP",
    "PEN",
    "ZAR",
    "NGN",
    "EGP",
)
# fmt: on
"""Codes of ISO 4217 that energy is priced in; any other text is no currency."""

_CENT: Final = Fraction(1, 100)
_MONEY: Final = MappingProxyType(
    {
        **{code.lower(): (code, Fraction(1)) for code in CURRENCIES},
        "$": ("USD", Fraction(1)),
        "us$": ("USD", Fraction(1)),
        "dollar": ("USD", Fraction(1)),
        "dollars": ("USD", Fraction(1)),
        "average dollars": ("USD", Fraction(1)),
        "c": ("USD", _CENT),
        "¢": ("USD", _CENT),
        "cent": ("USD", _CENT),
        "cents": ("USD", _CENT),
        "us cents": ("USD", _CENT),
        "mill": ("USD", _CENT / 10),
        "mills": ("USD", _CENT / 10),
        "c$": ("CAD", Fraction(1)),
        "€": ("EUR", Fraction(1)),
        "euro": ("EUR", Fraction(1)),
        "£": ("GBP", Fraction(1)),
        "p": ("GBP", _CENT),
        "pence": ("GBP", _CENT),
    }
)
_MONEY_PER: Final = re.compile(r"(.+?)(?:\s*/\s*|\s+per\s+)(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PriceUnit:
    """What a raw text means; ``currency`` is None for a quantity, ``per_unit`` for plain money.

    A number in the raw unit times ``scale`` is in ``code``.
    """

    currency: str | None
    per_unit: str | None
    scale: Decimal

    @property
    def code(self) -> str:
        """The canonical text: ``USD/MWh``, ``USD`` or ``MWh``."""
        return "/".join(part for part in (self.currency, self.per_unit) if part)


@dataclass(frozen=True, slots=True)
class UnitAlias:
    """One row of the unit mapping."""

    units_raw: str
    currency: str | None
    per_unit: str | None
    scale: Decimal


def parse_units(text: str) -> PriceUnit:
    """Return what a raw text means: a price, money or a quantity. Raises UnknownUnitError."""
    raw = " ".join(text.split())
    price = _money_per(raw)
    if price is not None:
        return price
    if is_unit(raw):
        return PriceUnit(None, parse_unit(raw).code, Decimal(1))
    multiple, rest = split_multiple(raw)
    return PriceUnit(None, parse_unit(rest if multiple > 1 else raw).code, Decimal(multiple))


def parse_price_unit(text: str) -> PriceUnit:
    """Return currency, unit and scale of a price: ``$/MWh``, ``cents per kilowatthour``.

    Raises UnknownUnitError, also for a text that is a quantity or plain money.
    """
    price = _money_per(" ".join(text.split()))
    if price is None or price.per_unit is None:
        raise UnknownUnitError(f"{text!r} is not the unit of a price", name=text)
    return price


def dimension_of(text: str) -> str:
    """Return the dimension of a raw text: ``energy``, or ``money/energy`` for a price.

    Currencies share one dimension. Raises UnknownUnitError.
    """
    parsed = parse_units(text)
    if parsed.per_unit is None:
        return "money"
    dimension = parse_unit(parsed.per_unit).dimension
    return f"money/{dimension}" if parsed.currency else dimension


def _money_per(raw: str) -> PriceUnit | None:
    """Return the price or plain money that a text is, None where it does not begin with money."""
    match = _MONEY_PER.fullmatch(raw)
    head, tail = (match[1], match[2]) if match else (raw, "")
    multiple, word = split_multiple(head)
    money = _MONEY.get(word.lower())
    if money is None:
        return None
    currency, size = money
    scale = size * multiple
    if not tail:
        return PriceUnit(currency, None, _as_decimal(scale))
    if not is_unit(tail):
        divisor, tail = split_multiple(tail)
        scale /= divisor
    return PriceUnit(currency, parse_unit(tail).code, _as_decimal(scale))


def _as_decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _alias(raw: str) -> UnitAlias:
    parsed = parse_units(raw)
    return UnitAlias(raw, parsed.currency, parsed.per_unit, parsed.scale)


EIA_UNIT_TEXTS: Final = (
    "Btu per pound",
    "MMBtu",
    "MW",
    "USD per ton",
    "average ash percent by weight",
    "average dollars per ton",
    "average sulfur percent by weight",
    "btu/lb",
    "cents per kilowatt-hour",
    "cents per kilowatthour",
    "dollars per short ton",
    "hours",
    "megawatthours",
    "megawatts",
    "million dollars",
    "million kilowatt hours",
    "number of customers",
    "number of employees",
    "number of facilities",
    "number of fte employees",
    "number of meters",
    "number of mines",
    "percent",
    "percent by weight",
    "pounds per megawatthour",
    "rank",
    "ratio",
    "short tons",
    "short tons per labor hour",
    "thousand barrels",
    "thousand dollars",
    "thousand metric tons",
    "tons",
    "tons per year",
)
"""The texts of the EIA v2 catalogue; several are two spellings of one unit."""

_FIELD_TEXTS: Final = (
    "$/MWh",
    "USD/MWh",
    "USD/kWh",
    "c/kWh",
    "mills/kWh",
    "$/MMBtu",
    "USD/MMBtu",
    "dollars per million Btu",
    "$/Dth",
    "USD/therm",
    "p/therm",
    "$/Mcf",
    "USD/Mcf",
    "dollars per thousand cubic feet",
    "$/bbl",
    "USD/bbl",
    "dollars per barrel",
    "$/gal",
    "USD/gal",
    "dollars per gallon",
    "cents/gal",
    "USD/tonne",
    "USD/tCO2",
    "EUR/tonne",
    "USD/short_ton",
    "USD/kW-month",
    "$/kW-mo",
    "USD/kW-year",
    "$/kW-yr",
    "USD/MW-day",
    "$/MW-day",
    "USD/MW-month",
    "USD/MW-year",
    "USD/REC",
    "CAD/GJ",
    "CAD/MWh",
    "EUR/MWh",
    "GBP/MWh",
    "MWh",
    "kWh",
    "GWh",
    "kW",
    "Mcf",
    "MMcf",
    "billion cubic feet",
    "barrels",
    "gallons",
    "metric tons",
    "pounds",
    "MMBtu/MWh",
    "Btu/kWh",
    "lb/MMBtu",
    "tonne/MWh",
)
UNIT_ALIASES: Final = tuple(_alias(raw) for raw in (*EIA_UNIT_TEXTS, *_FIELD_TEXTS))
"""Rows of the unit mapping; the parser knows more spellings than are listed."""
