"""Arithmetic of calendar months; a month is the date of its first day."""

from datetime import date, timedelta

from aurum_core.market.errors import TenorError


def month_start(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return add_months(day, 1) - timedelta(days=1)


def add_months(day: date, count: int) -> date:
    """Return the first day of the month ``count`` months from a day's month."""
    index = day.year * 12 + day.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """Return the months from that of ``first`` to that of ``last``, both included, in order."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(add_months(first, n) for n in range(count))


def parse_month(text: str) -> date:
    """Return the first day of a ``YYYY-MM`` (or of a full ISO date's month). Raises TenorError."""
    try:
        return month_start(date.fromisoformat(text if len(text) > 7 else f"{text}-01"))
    except ValueError:
        raise TenorError(f"{text!r} is not a month (YYYY-MM)", name=text) from None
