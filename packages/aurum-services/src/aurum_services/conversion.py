"""Prices of a page in another unit: exact factors, rounded once, half-even, to six decimals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aurum_core.market.units import convert
from aurum_core.rows import served_number
from aurum_services.numbers import exact, rounded


@dataclass(frozen=True, slots=True)
class PriceColumns:
    """Which fields of a row are prices, which name their unit, which says the delivery month."""

    prices: tuple[str, ...]
    currency: str
    per_unit: str
    month: str | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the fields that a conversion reads beside the prices."""
        return tuple(name for name in (self.currency, self.per_unit, self.month) if name)


@dataclass(frozen=True, slots=True)
class UsedFactor:
    """One factor that prices of a page were multiplied by."""

    unit_from: str
    unit_to: str
    factor: str


def convert_rows(rows: Sequence[Any], unit: str, columns: PriceColumns) -> list[UsedFactor]:
    """Change the rows' prices and unit in place; return the factors that were used.

    A unit of capacity held for a month takes the days of the row's delivery month.

    Raises:
        UnitError: the unit is not known, or a row's unit does not lead there.
    """
    factors: dict[tuple[str, str, date | None], tuple[Decimal, str, str]] = {}
    for row in rows:
        month = getattr(row, columns.month) if columns.month else None
        key = (getattr(row, columns.currency), getattr(row, columns.per_unit), month)
        found = factors.get(key)
        if found is None:
            done = convert(Decimal(1), f"{key[0]}/{key[1]}", unit, month=month)
            found = factors[key] = (done.factor, done.unit_from, done.unit_to)
        _convert_row(row, found[0], found[2], columns)
    used = dict.fromkeys(
        UsedFactor(old, new, f"{factor:f}") for factor, old, new in factors.values()
    )
    return list(used)


def _convert_row(row: Any, factor: Decimal, unit: str, columns: PriceColumns) -> None:  # noqa: ANN401 - any row type
    for name in columns.prices:
        price = exact(getattr(row, name, None))
        if price is not None:
            setattr(row, name, served_number(rounded(price * factor)))
    currency, _, per_unit = unit.partition("/")
    setattr(row, columns.currency, currency)
    setattr(row, columns.per_unit, per_unit)
