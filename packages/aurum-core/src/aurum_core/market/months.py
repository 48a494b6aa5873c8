"""Arithmetic of calendar months; a month is the date of its first day."""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date

from aurum_core.market.errors import TenorError

_MONTH = re.compile(r"\d{4}-\d{2}(?:-\d{2})?", re.ASCII)


def month_start(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, count: int) -> date:
    """Return the first day of the month ``count`` months from a day's month.

    Raises TenorError beyond the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise TenorError(f"There is no month {count} months from {day}", name=day.isoformat())
    return date(year, month + 1, 1)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """Return the months from that of ``first`` to that of ``last``, both included, in order."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(add_months(first, n) for n in range(count))


def parse_month(text: str) -> date:
    """Return the first day of a ``YYYY-MM`` (or of a ``YYYY-MM-DD``'s month). Raises TenorError."""
    if _MONTH.fullmatch(text) is None:
        raise TenorError(f"{text!r} is not a month (YYYY-MM)", name=text)
    try:
        return month_start(date.fromisoformat(text if len(text) > len("YYYY-MM") else f"{text}-01"))
    except ValueError:
        raise TenorError(f"{text!r} is not a month (YYYY-MM)", name=text) from None
