"""Arithmetic of computed prices: decimals, rounded once, half-even, to six places."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

SIX_PLACES: Final = Decimal("0.000001")
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


def rounded(value: Decimal) -> Decimal:
    """Return the value with six decimals, half-even."""
    return value.quantize(SIX_PLACES, context=_EXACT)


def ratio(numerator: Decimal, denominator: Decimal | int) -> Decimal | None:
    """Return the rounded quotient, None where the denominator is zero."""
    if not denominator:
        return None
    return rounded(_EXACT.divide(numerator, Decimal(denominator)))


def sample_deviation(total: Decimal, squares: Decimal, count: int) -> Decimal | None:
    """Return the sample standard deviation from Σx, Σx² and n; None below two samples."""
    if count < 2:
        return None
    spread = _EXACT.subtract(squares, _EXACT.divide(total * total, Decimal(count)))
    variance = _EXACT.divide(max(spread, Decimal(0)), Decimal(count - 1))
    return rounded(_EXACT.sqrt(variance))


def exact(value: float | Decimal | None) -> Decimal | None:
    """Return a served number as the decimal its text says."""
    return None if value is None else Decimal(str(value))
