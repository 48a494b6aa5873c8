"""Tenors: delivery spans and their labels, and contracts named relative to a date.

``delivery_start`` and ``delivery_end`` are dates, both inclusive. Months and strips have modules of
their own and are reachable from here too.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from aurum_core.market.errors import TenorError
from aurum_core.market.holidays import is_holiday
from aurum_core.market.months import (
    add_months,
    month_end,
    month_start,
    months_between,
    parse_month,
)
from aurum_core.market.strips import (
    STRIPS,
    Strip,
    StripDefinition,
    StripValue,
    strip_of,
    strip_value,
    strips_between,
    winter_label,
)

__all__ = [
    "STRIPS",
    "TENOR_TYPES",
    "Strip",
    "StripDefinition",
    "StripValue",
    "add_months",
    "check_delivery",
    "contract_of_relative",
    "delivery_of",
    "month_end",
    "month_start",
    "months_between",
    "parse_month",
    "parse_relative",
    "prompt_month",
    "strip_of",
    "strip_value",
    "strips_between",
    "tenor_label",
]

TENOR_TYPES: Final = (
    "DAILY",
    "WEEKLY",
    "BALMO",
    "MONTHLY",
    "QUARTER",
    "SEASON",
    "CALENDAR",
    "STRIP",
    "CUSTOM",
)
_DAY: Final = timedelta(days=1)
_SUNDAY: Final = 6
_SEASONS: Final = (
    (4, 6),
    (4, 7),
    (10, 6),
    (11, 5),
)  # first month, months; Oct-Mar is the power winter


def tenor_label(tenor_type: str, delivery_start: date, delivery_end: date) -> str:
    """Return the display label of a delivery span (both dates inclusive).

    ``2026-07``, ``2026-Q3``, ``Cal 2026``, ``Winter 2026-27``, ``Summer 2026``, ``JF 2026``,
    ``BalMo 2026-07-15``; one ISO date or ``start/end`` for the rest. Raises TenorError.
    """
    kind = _tenor_type(tenor_type)
    year = delivery_start.year
    if kind == "MONTHLY":
        return f"{delivery_start:%Y-%m}"
    if kind == "QUARTER":
        return f"{year}-Q{(delivery_start.month + 2) // 3}"
    if kind == "CALENDAR":
        return f"Cal {year}"
    if kind == "SEASON":
        return winter_label(year) if delivery_start.month >= 9 else f"Summer {year}"
    if kind == "BALMO":
        return f"BalMo {delivery_start}"
    if kind == "STRIP":
        return _strip_label(delivery_start, delivery_end)
    if delivery_start == delivery_end:
        return delivery_start.isoformat()
    return f"{delivery_start}/{delivery_end}"


def _strip_label(start: date, end: date) -> str:
    for definition in STRIPS.values():
        if definition.tenor_type == "STRIP" and definition.delivery(start.year) == (start, end):
            return definition.label(start.year)
    return f"{start:%Y-%m}/{end:%Y-%m}"


def delivery_of(tenor_type: str, label: str, *, definition: str = "gas") -> tuple[date, date]:
    """Return the delivery span (both inclusive) that ``tenor_label`` writes as ``label``.

    A season's label does not say its months: ``definition`` gas is Nov-Mar and Apr-Oct, power is
    Oct-Mar and Apr-Sep. Raises TenorError.
    """
    kind = _tenor_type(tenor_type)
    text = " ".join(label.split())
    span = _named_span(kind, text, definition) or _dated_span(kind, text)
    if span is None or check_delivery(kind, *span) is not None:
        raise TenorError(f"{label!r} is not a {kind} tenor", name=label)
    return span


def _named_span(kind: str, text: str, definition: str) -> tuple[date, date] | None:
    if kind == "QUARTER" and (match := re.fullmatch(r"(\d{4})-?(Q[1-4])", text, re.IGNORECASE)):
        return strip_of(match[2]).delivery(int(match[1]))
    if kind == "CALENDAR" and (match := re.fullmatch(r"Cal ?(\d{4})", text, re.IGNORECASE)):
        return strip_of("CAL").delivery(int(match[1]))
    if kind == "SEASON":
        return _season_span(text, definition)
    if kind == "STRIP" and (match := re.fullmatch(r"(J[FA]) ?(\d{4})", text, re.IGNORECASE)):
        return strip_of(match[1]).delivery(int(match[2]))
    return None


def _season_span(text: str, definition: str) -> tuple[date, date] | None:
    match = re.fullmatch(r"(Winter|Summer) (\d{4})(?:-(\d{2}))?", text, re.IGNORECASE)
    if match is None or definition not in {"gas", "power"}:
        return None
    year, winter = int(match[2]), match[1].lower() == "winter"
    if match[3] != (f"{(year + 1) % 100:02d}" if winter else None):
        return None
    if winter:
        return date(year, 11 if definition == "gas" else 10, 1), date(year + 1, 3, 31)
    return strip_of("GAS_SUMMER" if definition == "gas" else "SUMMER").delivery(year)


def _dated_span(kind: str, text: str) -> tuple[date, date] | None:
    first, _, second = text.removeprefix("BalMo ").partition("/")
    try:
        if kind in {"MONTHLY", "STRIP"} or len(first) == 7:
            return parse_month(first), month_end(parse_month(second or first))
        start = date.fromisoformat(first)
        if kind == "BALMO":
            return start, month_end(start)
        return start, date.fromisoformat(second or first)
    except ValueError:
        return None


def check_delivery(tenor_type: str, start: date, end: date) -> str | None:
    """Return why a delivery span (both inclusive) does not fit its tenor type, or None if it does.

    Raises TenorError for an unknown tenor type.
    """
    kind = _tenor_type(tenor_type)
    if end < start:
        return "delivery_end is before delivery_start"
    days = (end - start).days + 1
    whole = start.day == 1 and end == month_end(end)
    months = len(months_between(start, end)) if whole else 0
    fits, reason = {
        "DAILY": (_is_daily(start, days), "a DAILY delivery is one day or a weekend package"),
        "WEEKLY": (_is_weekly(start, days), "a WEEKLY delivery is 7 days, or Monday to Friday"),
        "BALMO": (end == month_end(start), "a BALMO delivery ends with the month it starts in"),
        "MONTHLY": (months == 1, "a MONTHLY delivery is one whole month"),
        "QUARTER": (months == 3 and start.month % 3 == 1, "a QUARTER is a whole quarter"),
        "SEASON": (
            (start.month, months) in _SEASONS,
            "a SEASON is Nov-Mar, Oct-Mar, Apr-Oct or Apr-Sep",
        ),
        "CALENDAR": (
            months == 12 and start.month == 1,
            "a CALENDAR delivery is January to December",
        ),
        "STRIP": (months >= 2, "a STRIP is two or more whole months"),
        "CUSTOM": (True, ""),
    }[kind]
    return None if fits else reason


def _is_daily(start: date, days: int) -> bool:
    # A package spans a weekend or a holiday; the longest goes from Thanksgiving to Monday.
    span = [start + n * _DAY for n in range(min(days, 6))]
    package = any(day.weekday() == _SUNDAY or is_holiday(day, "NYMEX") for day in span)
    return days == 1 or (days <= 5 and package)


def _is_weekly(start: date, days: int) -> bool:
    return days == 7 or (days == 5 and start.weekday() == 0)


def _tenor_type(text: str) -> str:
    kind = text.strip().upper()
    if kind not in TENOR_TYPES:
        raise TenorError(f"Unknown tenor type {text!r}", name=text)
    return kind


def parse_relative(text: str) -> int:
    """Return n of ``Mn`` (n from 1). Raises TenorError."""
    match = re.fullmatch(r"M([1-9]\d{0,2})", text.strip(), re.IGNORECASE)
    if match is None:
        raise TenorError(f"{text!r} is not a relative contract (M1, M2, ...)", name=text)
    return int(match[1])


def prompt_month(asof: date, expiries: Mapping[date, date] | None = None) -> date:
    """Return the contract month that is M1 on a date; see ``contract_of_relative``."""
    return contract_of_relative(1, asof, expiries)


def contract_of_relative(n: int, asof: date, expiries: Mapping[date, date] | None = None) -> date:
    """Return the contract month of Mn on a date, as the first day of the month.

    ``expiries`` maps contract month to last trade day of one root: M1 is the first contract whose
    last trade is on or after ``asof`` (the roll is on the day after), Mn the n-th listed. Without
    it M1 is the next calendar month. Raises TenorError when the table ends before Mn.
    """
    if n < 1:
        raise TenorError("A relative contract counts from M1", name=f"M{n}")
    if expiries is None:
        return add_months(asof, n)
    alive = sorted(month for month, last_trade in expiries.items() if last_trade >= asof)
    if len(alive) < n:
        raise TenorError(f"No expiry is known for M{n} on {asof}", name=f"M{n}")
    return month_start(alive[n - 1])
