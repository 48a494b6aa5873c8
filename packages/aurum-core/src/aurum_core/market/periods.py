"""Period tokens of published series: the half-open UTC instants that each stands for.

A token is only half of a period: ``2025-09-12`` is a day, the week that ends with it, or four of
them, as the frequency says. Hours are stamped at their start or at their end, as the dataset says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final, Literal

from aurum_core.market.errors import PeriodError
from aurum_core.market.months import add_months

HourStamp = Literal["start", "end"]

_DAY: Final = r"(\d{4}-\d{2}-\d{2})"
_SHAPES: Final = MappingProxyType(
    {
        "annual": re.compile(r"(\d{4})", re.ASCII),
        "quarterly": re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
        "monthly": re.compile(r"(\d{4})-(\d{2})", re.ASCII),
        "weekly": re.compile(_DAY, re.ASCII),
        "four-week-average": re.compile(_DAY, re.ASCII),
        "daily": re.compile(_DAY, re.ASCII),
        "hourly": re.compile(rf"{_DAY}T(\d{{2}})", re.ASCII),
        "local-hourly": re.compile(rf"{_DAY}T(\d{{2}})([+-])(\d{{2}})(\d{{2}})?", re.ASCII),
    }
)
FREQUENCIES: Final = tuple(_SHAPES)
"""From the longest period to the shortest."""

_SHORT: Final = MappingProxyType(
    {
        "a": "annual",
        "q": "quarterly",
        "m": "monthly",
        "w": "weekly",
        "4": "four-week-average",
        "d": "daily",
        "h": "hourly",
        "hl": "local-hourly",
    }
)
_MONTHS: Final = MappingProxyType({"annual": 12, "quarterly": 3, "monthly": 1})
_DAYS: Final = MappingProxyType({"weekly": 7, "four-week-average": 28, "daily": 1})
_HOUR: Final = timedelta(hours=1)
_LARGEST_OFFSET: Final = timedelta(hours=14)

HOUR_STAMPS: Final[Mapping[str, HourStamp]] = MappingProxyType({"electricity/rto": "end"})
"""Where the stamp of an hour stands, by dataset; a dataset below one of these follows it."""
DEFAULT_HOUR_STAMP: Final[HourStamp] = "end"


@dataclass(frozen=True, slots=True)
class Period:
    """A token in its one spelling, and the UTC instants [start, end) it stands for."""

    token: str
    start: datetime
    end: datetime


def canonical_frequency(text: str) -> str:
    """Return the frequency that a text means: ``monthly``, ``M``, ``four_week_average``.

    Raises PeriodError.
    """
    word = re.sub(r"[\s_]+", "-", text.strip().lower())
    name = _SHORT.get(word, word)
    if name not in _SHAPES:
        raise PeriodError(f"Unknown frequency {text!r}", name=text)
    return name


def hour_stamp_of(dataset: str, stamps: Mapping[str, HourStamp] = HOUR_STAMPS) -> HourStamp:
    """Return whether a dataset stamps an hour at its start or at its end."""
    parts = dataset.strip("/").lower().split("/")
    routes = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((stamps[route] for route in routes if route in stamps), DEFAULT_HOUR_STAMP)


def period_of(token: str, frequency: str, hour_stamp: HourStamp = DEFAULT_HOUR_STAMP) -> Period:
    """Return what a token of a canonical frequency stands for; a week is named by its last day.

    An offset of whole hours has one spelling, ``-04``. Raises PeriodError for a token that is not
    of the frequency, or no day or hour.
    """
    shape = _SHAPES.get(frequency)
    if shape is None:
        raise PeriodError(f"Unknown frequency {frequency!r}", name=frequency)
    match = shape.fullmatch(token)
    if match is None:
        raise PeriodError(f"{token!r} is not a period of frequency {frequency}", name=token)
    try:
        return _period(match, frequency, hour_stamp)
    except (ValueError, OverflowError):
        raise PeriodError(f"{token!r} is not in the calendar", name=token) from None


def _period(match: re.Match[str], frequency: str, hour_stamp: HourStamp) -> Period:
    token = match[0]
    if frequency in _MONTHS:
        first = date(int(match[1]), _first_month(match, frequency), 1)
        return Period(token, _midnight(first), _midnight(add_months(first, _MONTHS[frequency])))
    day = date.fromisoformat(match[1])
    if frequency in _DAYS:
        end = _midnight(day) + timedelta(days=1)
        return Period(token, end - timedelta(days=_DAYS[frequency]), end)
    zone, suffix = _offset(match) if frequency == "local-hourly" else (UTC, "")
    stamp = datetime(day.year, day.month, day.day, int(match[2]), tzinfo=zone).astimezone(UTC)
    start = stamp - _HOUR if hour_stamp == "end" else stamp
    return Period(f"{match[1]}T{match[2]}{suffix}", start, start + _HOUR)


def _first_month(match: re.Match[str], frequency: str) -> int:
    if frequency == "annual":
        return 1
    number = int(match[2])
    return number if frequency == "monthly" else 3 * number - 2


def _offset(match: re.Match[str]) -> tuple[timezone, str]:
    sign, hours, minutes = match[3], match[4], match[5] or "00"
    size = timedelta(hours=int(hours), minutes=int(minutes))
    if int(minutes) >= 60 or size > _LARGEST_OFFSET:
        raise ValueError(match[0])
    spelling = f"{sign}{hours}" if minutes == "00" else f"{sign}{hours}{minutes}"
    return timezone(-size if sign == "-" else size), spelling


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
