"""Operating days and hour labels in the market's own clock, over UTC instants.

Everything internal is a UTC instant; a date is an operating day of a zone, 23, 24 or 25 hours long.
The hour ending is the local clock hour + 1: 3 is absent on the short day of New York, 2 comes twice
on the long one and its second occurrence is labelled ``02X``.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from aurum_core.market.errors import MarketTimeError, UnknownMarketError
from aurum_core.market.keys import canonical_iso

# MISO and IESO run on Eastern Standard Time all year; POSIX signs make that "GMT+5".
ISO_ZONES: Final = MappingProxyType(
    {
        "PJM": "America/New_York",
        "NYISO": "America/New_York",
        "ISONE": "America/New_York",
        "MISO": "Etc/GMT+5",
        "ERCOT": "America/Chicago",
        "SPP": "America/Chicago",
        "CAISO": "America/Los_Angeles",
        "IESO": "Etc/GMT+5",
        "AESO": "America/Edmonton",
    }
)

_LABEL = re.compile(r"(?:HE ?)?0?(\d{1,2})(?::00)?([X*]?)", re.IGNORECASE)
_HOUR: Final = timedelta(hours=1)
_MIDNIGHT: Final = time()


@lru_cache(maxsize=64)
def zone_of(iso: str) -> ZoneInfo:
    """Return the zone of an ISO's operating day and hour endings.

    Any spelling that ``canonical_iso`` takes; MISO follows its tariff (EST all year), not the
    Eastern prevailing time in which its blocks trade. Raises UnknownMarketError.
    """
    name = ISO_ZONES.get(canonical_iso(iso))
    if name is None:
        raise UnknownMarketError(f"Unknown ISO {iso!r}", name=iso)
    return ZoneInfo(name)


def operating_day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the UTC instants [start, end) of an operating day, midnight to midnight."""
    return _midnight(day, zone), _midnight(_after(day), zone)


def minutes_in_day(day: date, zone: tzinfo) -> int:
    """Return the length of an operating day in minutes: 1440, or 1380 and 1500 on DST days."""
    start, end = operating_day_bounds(day, zone)
    return int((end - start).total_seconds()) // 60


def minutes_between(start: date, end: date, zone: tzinfo) -> int:
    """Return the minutes of the operating days [start, end); 0 when the range is empty."""
    if end <= start:
        return 0
    return int((_midnight(end, zone) - _midnight(start, zone)).total_seconds()) // 60


def operating_date_of(instant: datetime, zone: tzinfo) -> date:
    """Return the operating day that holds an aware instant (a start, not an interval's end)."""
    return _local(instant, zone).date()


def hour_ending_of(interval_start: datetime, zone: tzinfo) -> int:
    """Return the hour ending 1..24 of an interval from its aware start: local clock hour + 1."""
    return _local(interval_start, zone).hour + 1


def hour_label_of(interval_start: datetime, zone: tzinfo) -> str:
    """Return ``01`` .. ``24`` for an interval's aware start, with an X on the repeated hour."""
    local = _local(interval_start, zone)
    return f"{local.hour + 1:02d}{'X' if local.fold else ''}"


def instant_of_label(
    day: date, label: str | int, zone: tzinfo, *, repeated: bool = False
) -> datetime:
    """Return the UTC start of an hour ending of an operating day.

    Takes ``1``, ``01``, ``HE01``, ``01:00``, ``24:00`` and ``02X``; a trailing X (or ``*``) and
    ``repeated`` both mean the second occurrence. Without either an hour that comes twice is its
    first. Raises MarketTimeError for a label the day does not have.
    """
    match = _LABEL.fullmatch(str(label).strip())
    if match is None or not 1 <= int(match[1]) <= 24:
        raise MarketTimeError(f"{label!r} is not an hour ending", name=str(label))
    fold = int(repeated or bool(match[2]))
    local = datetime.combine(day, time(int(match[1]) - 1, fold=fold), zone)
    instant = local.astimezone(UTC)
    back = instant.astimezone(zone)
    # A skipped clock hour does not survive the round trip, nor the fold of an hour met once.
    if (back.date(), back.hour, back.fold) != (day, local.hour, fold):
        raise MarketTimeError(f"{day} has no hour ending {label!r}", name=str(label))
    return instant


def instant_of_ordinal(day: date, ordinal: int, zone: tzinfo) -> datetime:
    """Return the UTC start of the n-th hour of an operating day, n = 1..23, 24 or 25.

    This is how elektra and several publishers number DST days. Raises MarketTimeError.
    """
    start, end = operating_day_bounds(day, zone)
    instant = start + (ordinal - 1) * _HOUR
    if not start <= instant < end:
        raise MarketTimeError(f"{day} has no hour number {ordinal}", name=str(ordinal))
    return instant


def hours_in_day(day: date, zone: tzinfo) -> tuple[datetime, ...]:
    """Return the UTC starts of the hours of an operating day, in order (23, 24 or 25)."""
    start, _ = operating_day_bounds(day, zone)
    return tuple(start + n * _HOUR for n in range(minutes_in_day(day, zone) // 60))


def end_of_day_new_york(day: date) -> datetime:
    """Return the last microsecond of a day in New York, in UTC.

    It serves ``asof=D`` on facts without an as-of date as a ``known_at``, which is compared with
    ``<=``: a row published at the following midnight was not known on D.
    """
    next_day = _midnight(_after(day), ZoneInfo("America/New_York"))
    return next_day - timedelta(microseconds=1)


def _after(day: date) -> date:
    if day == date.max:
        raise MarketTimeError("The last day of the calendar has no end", name=day.isoformat())
    return day + timedelta(days=1)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, _MIDNIGHT, zone).astimezone(UTC)


def _local(instant: datetime, zone: tzinfo) -> datetime:
    if instant.tzinfo is None:
        raise MarketTimeError("A market instant carries its offset", name=instant.isoformat())
    return instant.astimezone(zone)
