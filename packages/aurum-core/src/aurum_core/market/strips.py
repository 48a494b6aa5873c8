"""Strips: runs of whole months that repeat each year, and their price from the months'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from types import MappingProxyType
from typing import Final

from aurum_core.market.errors import TenorError
from aurum_core.market.months import add_months, month_end, month_start

_SIX_PLACES: Final = Decimal("0.000001")
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class StripDefinition:
    """A run of whole months that repeats each year; ``description`` names it in responses."""

    code: str
    tenor_type: str
    first_month: int
    month_count: int
    description: str

    def months(self, year: int) -> tuple[date, ...]:
        """Return the months of the strip that starts in ``year``."""
        first = date(year, self.first_month, 1)
        return tuple(add_months(first, n) for n in range(self.month_count))

    def delivery(self, year: int) -> tuple[date, date]:
        """Return the first and the last day of the strip that starts in ``year``."""
        months = self.months(year)
        return months[0], month_end(months[-1])

    def label(self, year: int) -> str:
        """Return the label: ``2026-Q3``, ``Cal 2026``, ``JF 2026``, ``Winter 2026-27``."""
        if self.tenor_type == "QUARTER":
            return f"{year}-{self.code}"
        if self.tenor_type == "CALENDAR":
            return f"Cal {year}"
        if self.tenor_type == "SEASON":
            return f"Summer {year}" if self.first_month < 10 else winter_label(year)
        return f"{self.code} {year}"


STRIPS: Final = MappingProxyType(
    {
        row.code: row
        for row in (
            StripDefinition("Q1", "QUARTER", 1, 3, "first quarter, Jan-Mar"),
            StripDefinition("Q2", "QUARTER", 4, 3, "second quarter, Apr-Jun"),
            StripDefinition("Q3", "QUARTER", 7, 3, "third quarter, Jul-Sep"),
            StripDefinition("Q4", "QUARTER", 10, 3, "fourth quarter, Oct-Dec"),
            StripDefinition("CAL", "CALENDAR", 1, 12, "calendar year, Jan-Dec"),
            StripDefinition("JF", "STRIP", 1, 2, "Jan-Feb"),
            StripDefinition("JA", "STRIP", 7, 2, "Jul-Aug"),
            StripDefinition("SUMMER", "SEASON", 4, 6, "summer, Apr-Sep"),
            StripDefinition("GAS_SUMMER", "SEASON", 4, 7, "gas summer, Apr-Oct"),
            StripDefinition("GAS_WINTER", "SEASON", 11, 5, "gas winter, Nov-Mar"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Strip:
    """One strip of one year; ``delivery_start`` and ``delivery_end`` are inclusive."""

    definition: StripDefinition
    year: int
    label: str
    months: tuple[date, ...]
    delivery_start: date
    delivery_end: date


@dataclass(frozen=True, slots=True)
class StripValue:
    """The price of a strip, null when a month is missing, with the total of its weights."""

    value: Decimal | None
    weight_total: Decimal
    missing_months: tuple[date, ...] = ()


def strip_of(code: str) -> StripDefinition:
    """Return a strip definition by its code, case-insensitively. Raises TenorError."""
    definition = STRIPS.get(code.strip().upper().replace("-", "_"))
    if definition is None:
        raise TenorError(f"Unknown strip {code!r}", name=code)
    return definition


def strips_between(
    first_month: date,
    last_month: date,
    kinds: Sequence[str] = ("Q1", "Q2", "Q3", "Q4", "CAL"),
    *,
    partial: bool = True,
) -> tuple[Strip, ...]:
    """Return the strips of the given codes over two months (both included), in delivery order.

    With ``partial`` every strip that shares a month with the range, else only those wholly inside.
    Raises TenorError for an unknown code.
    """
    first, last = month_start(first_month), month_start(last_month)
    found = []
    for definition in dict.fromkeys(strip_of(kind) for kind in kinds):
        for year in range(first.year - 1, last.year + 1):
            months = definition.months(year)
            inside = sum(first <= month <= last for month in months)
            if inside == len(months) or (partial and inside):
                found.append(_strip(definition, year))
    return tuple(sorted(found, key=lambda strip: (strip.delivery_start, strip.delivery_end)))


def strip_value(
    months: Mapping[date, Decimal | None],
    weights: Mapping[date, Decimal | int],
    wanted: Sequence[date],
) -> StripValue:
    """Return ``P = sum(h_m * P_m) / sum(h_m)`` over the wanted months, half-even to 6 decimals.

    The value is None, and the months are named, where a price is absent or None; it is None too
    where the weights sum to 0. Raises TenorError for a wanted month that has no weight.
    """
    unweighted = [month for month in wanted if month not in weights]
    if unweighted:
        raise TenorError("A month of the strip has no weight", name=f"{unweighted[0]:%Y-%m}")
    with localcontext(_EXACT):
        total = sum((Decimal(weights[month]) for month in wanted), Decimal(0))
        priced = [(weights[month], months.get(month)) for month in wanted]
        missing = tuple(month for month in wanted if months.get(month) is None)
        if missing or not total:
            return StripValue(None, total, missing)
        amount = sum((weight * price for weight, price in priced if price is not None), Decimal(0))
        return StripValue((amount / total).quantize(_SIX_PLACES), total)


def _strip(definition: StripDefinition, year: int) -> Strip:
    start, end = definition.delivery(year)
    return Strip(definition, year, definition.label(year), definition.months(year), start, end)


def winter_label(year: int) -> str:
    """Return the label of a winter that starts in ``year``: both of its years are named."""
    return f"Winter {year}-{(year + 1) % 100:02d}"
