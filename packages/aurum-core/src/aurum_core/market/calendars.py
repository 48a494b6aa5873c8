"""Block calendars: which hours are peak, weekend, night, and how many there are.

Blocks tile every hour: the 16-hour window on peak days (5x16, in the west 6x16), the same window
on other days (2x16H, 1x16H) and 7x8, the rest of every day; OFFPEAK and 7x24 are sums of them. DST
adds or takes its hour in 7x8 only, so hours are counted by kind of day, never one by one.
Ranges are half-open [start, end) of operating days in the calendar's zone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from aurum_core.market.blocks import AROUND_THE_CLOCK, BLOCKS, NIGHT, OFFPEAK, block_code
from aurum_core.market.errors import UnknownBlockError, UnknownCalendarError
from aurum_core.market.holidays import (
    HOLIDAY_SETS,
    TRADING_CALENDARS,
    good_friday,
    holidays_of,
    is_holiday,
    is_nerc_holiday,
    is_trading_day,
    nerc_holidays,
    next_trading_day,
    previous_trading_day,
)
from aurum_core.market.keys import canonical_iso
from aurum_core.market.months import add_months
from aurum_core.market.time import (
    hour_ending_of,
    hour_label_of,
    hours_in_day,
    minutes_between,
    operating_date_of,
)

__all__ = [
    "BLOCKS",
    "CALENDARS",
    "CALENDAR_ALIASES",
    "HOLIDAY_SETS",
    "TRADING_CALENDARS",
    "MarketCalendar",
    "base_blocks_of",
    "block_hours",
    "block_of",
    "blocks_of",
    "calendar_named",
    "canonical_block",
    "good_friday",
    "holidays_of",
    "hours_of_day",
    "intervals_of",
    "is_holiday",
    "is_nerc_holiday",
    "is_peak_day",
    "is_trading_day",
    "minutes_by_block",
    "month_hours",
    "nerc_holidays",
    "next_trading_day",
    "off_days",
    "peak_days",
    "previous_trading_day",
]

WINDOW_HOURS: Final = 16
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_WEEKDAYS: Final = frozenset(range(5))
_MONDAY_TO_SATURDAY: Final = frozenset(range(6))


@dataclass(frozen=True, slots=True)
class MarketCalendar:
    """A zone, a 16-hour window by hour ending (both inclusive) and the days on which it is peak."""

    name: str
    zone_name: str
    first_he: int
    last_he: int
    peak_weekdays: frozenset[int]
    peak_block: str
    weekend_block: str
    description: str
    holiday_set: str = "NERC"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and hour endings are read."""
        return ZoneInfo(self.zone_name)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The three base blocks, then OFFPEAK and 7x24."""
        return (self.peak_block, self.weekend_block, NIGHT, OFFPEAK, AROUND_THE_CLOCK)


def _eastern(name: str) -> MarketCalendar:
    return MarketCalendar(
        name, "America/New_York", 8, 23, _WEEKDAYS, "5x16", "2x16H", f"{name}, eastern prevailing"
    )


def _central(name: str) -> MarketCalendar:
    return MarketCalendar(
        name, "America/Chicago", 7, 22, _WEEKDAYS, "5x16", "2x16H", f"{name}, central prevailing"
    )


def _pacific(name: str) -> MarketCalendar:
    return MarketCalendar(
        name,
        "America/Los_Angeles",
        7,
        22,
        _MONDAY_TO_SATURDAY,
        "6x16",
        "1x16H",
        f"{name}, pacific prevailing, Saturdays are peak",
    )


CALENDARS: Final = MappingProxyType(
    {
        calendar.name: calendar
        for calendar in (
            _eastern("PJM"),
            _eastern("NYISO"),
            _eastern("ISONE"),
            _eastern("MISO"),
            MarketCalendar(
                "MISO_TARIFF",
                "Etc/GMT+5",
                7,
                22,
                _WEEKDAYS,
                "5x16",
                "2x16H",
                "MISO market day, eastern standard time all year",
            ),
            _central("ERCOT"),
            _central("SPP"),
            _pacific("CAISO"),
            _pacific("WECC"),
        )
    }
)
CALENDAR_ALIASES: Final = MappingProxyType(
    {"EPT_5X16": "PJM", "CPT_5X16": "ERCOT", "PPT_6X16": "CAISO", "EST_5X16": "MISO_TARIFF"}
)
_BY_COMPACT = MappingProxyType(
    {canonical_iso(name): calendar for name, calendar in CALENDARS.items()}
    | {canonical_iso(alias): CALENDARS[name] for alias, name in CALENDAR_ALIASES.items()}
)


def calendar_named(name: str) -> MarketCalendar:
    """Return a calendar by its name or alias, in any case, with or without hyphens.

    Raises UnknownCalendarError.
    """
    calendar = _BY_COMPACT.get(canonical_iso(name))
    if calendar is None:
        raise UnknownCalendarError(f"Unknown calendar {name!r}", name=name)
    return calendar


def blocks_of(calendar: MarketCalendar) -> tuple[str, ...]:
    """Return the calendar's block codes: the base blocks, then OFFPEAK and 7x24."""
    return calendar.blocks


def base_blocks_of(calendar: MarketCalendar, block: str) -> tuple[str, ...]:
    """Return the base blocks whose hours together are a block's. Raises UnknownBlockError."""
    code = canonical_block(block, calendar)
    if code == OFFPEAK:
        return (calendar.weekend_block, NIGHT)
    if code == AROUND_THE_CLOCK:
        return calendar.blocks[:3]
    return (code,)


def canonical_block(text: str, calendar: MarketCalendar | None = None) -> str:
    """Return the canonical code of a block word, PEAK and WKND_HOL_16 as the calendar means them.

    Raises UnknownBlockError for an unknown word or a block that the calendar does not have.
    """
    western = calendar is not None and calendar.peak_block == "6x16"
    code = block_code(text, western=western)
    if calendar is not None and code not in calendar.blocks:
        raise UnknownBlockError(f"Calendar {calendar.name} has no block {text!r}", name=text)
    return code


def is_peak_day(calendar: MarketCalendar, day: date) -> bool:
    """Return whether the 16-hour window of a day is peak."""
    return day.weekday() in calendar.peak_weekdays and not is_holiday(day, calendar.holiday_set)


def peak_days(calendar: MarketCalendar, start: date, end: date) -> tuple[date, ...]:
    """Return the days of [start, end) whose window is peak, in order."""
    return tuple(day for day in _days(start, end) if is_peak_day(calendar, day))


def off_days(calendar: MarketCalendar, start: date, end: date) -> tuple[date, ...]:
    """Return the days of [start, end) whose window is off-peak, in order."""
    return tuple(day for day in _days(start, end) if not is_peak_day(calendar, day))


def block_hours(calendar: MarketCalendar, block: str, start: date, end: date) -> int:
    """Return the hours of a block in the operating days [start, end); 0 for an empty range.

    Raises UnknownBlockError.
    """
    return minutes_by_block(calendar, start, end)[canonical_block(block, calendar)] // 60


def minutes_by_block(calendar: MarketCalendar, start: date, end: date) -> dict[str, int]:
    """Return the minutes of every block of the calendar in the operating days [start, end)."""
    total = minutes_between(start, end, calendar.zone)
    days = max((end - start).days, 0)
    window = WINDOW_HOURS * 60
    peak = window * _count_peak_days(calendar, start, end) if days else 0
    minutes = (peak, window * days - peak, total - window * days, total - peak, total)
    return dict(zip(calendar.blocks, minutes, strict=True))


def month_hours(calendar: MarketCalendar, block: str, months: Iterable[date]) -> dict[date, int]:
    """Return the hours of a block in each month: the weights ``strip_value`` takes.

    Raises UnknownBlockError.
    """
    return {month: block_hours(calendar, block, month, add_months(month, 1)) for month in months}


def block_of(instant: datetime, calendar: MarketCalendar) -> str:
    """Return the base block that holds an aware instant."""
    if not calendar.first_he <= hour_ending_of(instant, calendar.zone) <= calendar.last_he:
        return NIGHT
    peak = is_peak_day(calendar, operating_date_of(instant, calendar.zone))
    return calendar.peak_block if peak else calendar.weekend_block


def hours_of_day(calendar: MarketCalendar, block: str, day: date) -> tuple[str, ...]:
    """Return the hour labels of a block on a day, in order (``02X`` is the repeated hour).

    Raises UnknownBlockError.
    """
    starts = _starts(calendar, base_blocks_of(calendar, block), day)
    return tuple(hour_label_of(start, calendar.zone) for start in starts)


def intervals_of(
    calendar: MarketCalendar, block: str, start: date, end: date
) -> list[tuple[datetime, datetime]]:
    """Return the UTC hours [from, to) of a block in the operating days [start, end), in order.

    Raises UnknownBlockError.
    """
    wanted = base_blocks_of(calendar, block)
    return [
        (hour, hour + _HOUR) for day in _days(start, end) for hour in _starts(calendar, wanted, day)
    ]


def _starts(calendar: MarketCalendar, wanted: tuple[str, ...], day: date) -> list[datetime]:
    zone = calendar.zone
    window = calendar.peak_block if is_peak_day(calendar, day) else calendar.weekend_block
    return [
        hour
        for hour in hours_in_day(day, zone)
        if (
            window if calendar.first_he <= hour_ending_of(hour, zone) <= calendar.last_he else NIGHT
        )
        in wanted
    ]


def _count_peak_days(calendar: MarketCalendar, start: date, end: date) -> int:
    weeks, rest = divmod((end - start).days, 7)
    days = weeks * len(calendar.peak_weekdays)
    days += sum((start.weekday() + n) % 7 in calendar.peak_weekdays for n in range(rest))
    return days - sum(
        start <= holiday < end and holiday.weekday() in calendar.peak_weekdays
        for year in range(start.year, end.year + 1)
        for holiday in holidays_of(calendar.holiday_set, year)
    )


def _days(start: date, end: date) -> Iterable[date]:
    return (start + n * _DAY for n in range((end - start).days))
