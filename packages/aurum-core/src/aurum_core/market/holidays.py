"""Holidays by rule: NERC for peak hours, exchanges and banks for trading and payment days.

A rule gives the day as it falls; each set says where a Saturday's or a Sunday's holiday goes.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from aurum_core.market.errors import UnknownCalendarError

_DAY: Final = timedelta(days=1)
_MONDAY: Final = 0
_THURSDAY: Final = 3
_SATURDAY: Final = 5
_SUNDAY: Final = 6


class _Holiday(NamedTuple):
    falls: Callable[[int], date]
    since: int = 1
    friday: bool = False  # a Saturday's holiday is kept on the Friday before


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(month: int, weekday: int, n: int) -> Callable[[int], date]:
    def falls(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))

    return falls


def _memorial(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def good_friday(year: int) -> date:
    """Return Good Friday of a Gregorian year (Easter by the anonymous algorithm of Meeus)."""
    century, part = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (part // 4) - epact - part % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1) - timedelta(days=2)


_NEW_YEAR = _fixed(1, 1)
_KING = _nth(1, _MONDAY, 3)
_PRESIDENTS = _nth(2, _MONDAY, 3)
_JUNETEENTH = _fixed(6, 19)
_INDEPENDENCE = _fixed(7, 4)
_LABOR = _nth(9, _MONDAY, 1)
_COLUMBUS = _nth(10, _MONDAY, 2)
_VETERANS = _fixed(11, 11)
_THANKSGIVING = _nth(11, _THURSDAY, 4)
_CHRISTMAS = _fixed(12, 25)

_NERC = tuple(
    map(_Holiday, (_NEW_YEAR, _memorial, _INDEPENDENCE, _LABOR, _THANKSGIVING, _CHRISTMAS))
)
_US_BANK = (
    _Holiday(_NEW_YEAR),
    _Holiday(_KING, 1986),
    _Holiday(_PRESIDENTS),
    _Holiday(_memorial),
    _Holiday(_JUNETEENTH, 2021),
    _Holiday(_INDEPENDENCE),
    _Holiday(_LABOR),
    _Holiday(_COLUMBUS),
    _Holiday(_VETERANS),
    _Holiday(_THANKSGIVING),
    _Holiday(_CHRISTMAS),
)
# A New Year's Day on Saturday is not made up for: 31 December stays a trading day.
_NYMEX = (
    _Holiday(_NEW_YEAR),
    _Holiday(_KING, 1998),
    _Holiday(_PRESIDENTS),
    _Holiday(good_friday),
    _Holiday(_memorial),
    _Holiday(_JUNETEENTH, 2022, friday=True),
    _Holiday(_INDEPENDENCE, friday=True),
    _Holiday(_LABOR),
    _Holiday(_THANKSGIVING),
    _Holiday(_CHRISTMAS, friday=True),
)
_ICE_EUROPE = (
    _Holiday(_NEW_YEAR, friday=True),
    _Holiday(good_friday),
    _Holiday(_CHRISTMAS, friday=True),
)

HOLIDAY_SETS: Final = MappingProxyType(
    {
        "NERC": _NERC,
        "NYMEX": _NYMEX,
        "ICE": _NYMEX,  # the North American energy contracts; Brent and gasoil are ICE_EUROPE
        "ICE_EUROPE": _ICE_EUROPE,
        "US_BANK": _US_BANK,  # Federal Reserve Banks: open on the Friday before a Saturday holiday
        "FEDERAL": tuple(row._replace(friday=True) for row in _US_BANK),  # 5 U.S.C. 6103
    }
)
TRADING_CALENDARS: Final = tuple(name for name in HOLIDAY_SETS if name != "NERC")


@lru_cache(maxsize=1024)
def holidays_of(name: str, year: int) -> frozenset[date]:
    """Return the days of a year that a holiday set keeps, moved holidays on the day they move to.

    NERC and US_BANK keep a Saturday's holiday on Saturday; every set moves a Sunday's to Monday.
    A New Year's Day moved to 31 December belongs to the earlier year. Raises UnknownCalendarError.
    """
    key = _set_name(name)
    kept = (day for near in (year, min(year + 1, 9999)) for day in _observed(key, near))
    return frozenset(day for day in kept if day.year == year)


def is_holiday(day: date, name: str) -> bool:
    """Return whether a holiday set keeps a day. Raises UnknownCalendarError."""
    return day in holidays_of(name, day.year)


def nerc_holidays(year: int) -> frozenset[date]:
    """Return the six NERC holidays: Sunday's moves to Monday, Saturday's stays."""
    return holidays_of("NERC", year)


def is_nerc_holiday(day: date) -> bool:
    """Return whether a day is a NERC holiday, off-peak in every power market."""
    return day in nerc_holidays(day.year)


def is_trading_day(day: date, name: str) -> bool:
    """Return whether a day is a weekday that NYMEX, ICE, ICE_EUROPE, US_BANK or FEDERAL works.

    Raises UnknownCalendarError.
    """
    holidays = holidays_of(name, day.year)
    return day.weekday() < _SATURDAY and day not in holidays


def next_trading_day(day: date, name: str) -> date:
    """Return the first trading day after a day. Raises UnknownCalendarError."""
    return _step(day, name, _DAY)


def previous_trading_day(day: date, name: str) -> date:
    """Return the last trading day before a day. Raises UnknownCalendarError."""
    return _step(day, name, -_DAY)


def _step(day: date, name: str, step: timedelta) -> date:
    day += step
    while not is_trading_day(day, name):
        day += step
    return day


def _observed(key: str, year: int) -> Iterator[date]:
    for holiday in HOLIDAY_SETS[key]:
        day = holiday.falls(year)
        if year < holiday.since:
            continue
        if day.weekday() == _SUNDAY:
            day += _DAY
        elif day.weekday() == _SATURDAY and holiday.friday:
            day -= _DAY
        yield day


def _set_name(name: str) -> str:
    key = name.strip().upper().replace("-", "_").replace(" ", "_")
    if key not in HOLIDAY_SETS:
        raise UnknownCalendarError(f"Unknown trading calendar {name!r}", name=name)
    return key
