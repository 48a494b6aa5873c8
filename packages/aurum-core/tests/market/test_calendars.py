"""Block hours: golden 1, the check values of the domain, tiling, names."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum_core.market.calendars import (
    CALENDAR_ALIASES,
    CALENDARS,
    base_blocks_of,
    block_hours,
    block_of,
    blocks_of,
    calendar_named,
    canonical_block,
    hours_of_day,
    intervals_of,
    is_peak_day,
    minutes_by_block,
    month_hours,
    off_days,
    peak_days,
)
from aurum_core.market.errors import UnknownBlockError, UnknownCalendarError
from aurum_core.market.months import add_months, months_between
from aurum_core.market.time import minutes_between

EVERY = st.sampled_from(sorted(CALENDARS)).map(calendar_named)
DAYS = st.dates(date(2000, 1, 1), date(2050, 12, 31))
GOLDEN_COLUMNS = {
    "peak": "PEAK",
    "weekend_holiday_16": "WKND_HOL_16",
    "night_8": "NIGHT_8",
    "offpeak": "OFFPEAK",
    "all": "ALL",
}


def _year(calendar, block, year):
    return block_hours(calendar, block, date(year, 1, 1), date(year + 1, 1, 1))


def test_golden_1_block_hours_by_month(golden):
    rows = golden("g1_block_hours.csv")
    assert len(rows) == 240
    for row in rows:
        calendar = calendar_named(row["calendar"])
        start = date(int(row["year"]), int(row["month"]), 1)
        end = add_months(start, 1)
        got = {
            column: block_hours(calendar, block, start, end)
            for column, block in GOLDEN_COLUMNS.items()
        }
        assert got == {column: int(row[column]) for column in GOLDEN_COLUMNS}, row


def test_golden_1_annual_hours(golden):
    for key, hours in golden("g1_strips.json")["annual_hours"].items():
        name, year = key.split("/")
        calendar = calendar_named(name)
        assert {block: _year(calendar, block, int(year)) for block in hours} == hours


@pytest.mark.parametrize(
    ("name", "block", "hours"),
    [
        ("PJM", "5x16", [4096, 4080, 4096, 4096, 4080]),
        ("ERCOT", "5x16", [4096, 4080, 4096, 4096, 4080]),
        ("CAISO", "6x16", [4928, 4912, 4912, 4912, 4912]),
    ],
)
def test_check_values_by_year(name, block, hours):
    assert [_year(calendar_named(name), block, year) for year in range(2024, 2029)] == hours


def test_check_values_eastern_2025_by_month():
    calendar = calendar_named("ISONE")
    months = months_between(date(2025, 1, 1), date(2025, 12, 1))
    peak = [352, 320, 336, 352, 336, 336, 352, 336, 336, 368, 304, 352]
    assert list(month_hours(calendar, "PEAK", months).values()) == peak
    nights = month_hours(calendar, "7x8", months)
    assert (nights[date(2025, 3, 1)], nights[date(2025, 11, 1)]) == (247, 241)


def test_check_m_cen_2022(checks):
    calendar = calendar_named("ERCOT")
    got = f"{_year(calendar, '5x16', 2022)} / {_year(calendar, 'OFFPEAK', 2022)}"
    assert got == checks["M-CEN-2022"]["expected"] == "4080 / 4680"


@given(calendar=EVERY, year=st.integers(2000, 2050))
@settings(max_examples=200)
def test_base_blocks_tile_every_calendar_and_year(calendar, year):
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    minutes = minutes_by_block(calendar, start, end)
    peak, weekend, night, offpeak, everything = (minutes[block] for block in blocks_of(calendar))
    assert peak + weekend + night == everything == minutes_between(start, end, calendar.zone)
    assert offpeak == weekend + night


@given(calendar=EVERY, day=DAYS, span=st.integers(0, 40), block=st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_counted_hours_are_the_listed_intervals(calendar, day, span, block):
    code, end = blocks_of(calendar)[block], day + timedelta(days=span)
    intervals = intervals_of(calendar, code, day, end)
    assert len(intervals) == block_hours(calendar, code, day, end)
    bases = base_blocks_of(calendar, code)
    assert all(block_of(start, calendar) in bases for start, _ in intervals)
    assert all(stop - start == timedelta(hours=1) for start, stop in intervals)
    assert intervals == sorted(set(intervals))


@given(calendar=EVERY, day=DAYS, spans=st.lists(st.integers(0, 900), min_size=2, max_size=4))
def test_hours_add_up_over_adjacent_ranges(calendar, day, spans):
    cuts = [day + timedelta(days=sum(spans[:n])) for n in range(len(spans) + 1)]
    for block in blocks_of(calendar):
        parts = [block_hours(calendar, block, a, b) for a, b in pairwise(cuts)]
        assert sum(parts) == block_hours(calendar, block, cuts[0], cuts[-1])


@given(calendar=EVERY, day=DAYS, span=st.integers(0, 120))
def test_peak_and_off_days_split_the_range(calendar, day, span):
    end = day + timedelta(days=span)
    peak, off = peak_days(calendar, day, end), off_days(calendar, day, end)
    assert sorted((*peak, *off)) == [day + timedelta(days=n) for n in range(span)]
    assert len(peak) * 16 == block_hours(calendar, calendar.peak_block, day, end)


def test_an_empty_or_backward_range_has_no_hours():
    calendar = calendar_named("PJM")
    for start, end in ((date(2025, 5, 1), date(2025, 5, 1)), (date(2025, 5, 2), date(2025, 5, 1))):
        assert set(minutes_by_block(calendar, start, end).values()) == {0}
        assert intervals_of(calendar, "7x24", start, end) == []
        assert peak_days(calendar, start, end) == ()


def test_dst_touches_the_night_only():
    calendar = calendar_named("PJM")
    short, long = date(2025, 3, 9), date(2025, 11, 2)
    assert hours_of_day(calendar, "7x8", short) == ("01", "02", "04", "05", "06", "07", "24")
    assert hours_of_day(calendar, "NIGHT_8", long)[:3] == ("01", "02", "02X")
    for day in (short, long):
        assert hours_of_day(calendar, "2x16H", day) == tuple(f"{n:02d}" for n in range(8, 24))
        assert hours_of_day(calendar, "5x16", day) == ()


def test_saturday_is_peak_in_the_west_alone():
    saturday = date(2025, 5, 3)
    assert {name for name, row in CALENDARS.items() if is_peak_day(row, saturday)} == {
        "CAISO",
        "WECC",
    }


@pytest.mark.parametrize(
    ("day", "traded", "tariff"), [(date(2025, 1, 2), 12, 11), (date(2025, 7, 1), 11, 11)]
)
def test_miso_trades_in_prevailing_time_and_settles_in_standard(day, traded, tariff):
    """HE 8 prevailing and HE 7 standard begin together in summer, an hour apart in winter (UTC)."""
    for name, hour in (("MISO", traded), ("MISO-TARIFF", tariff)):
        intervals = intervals_of(calendar_named(name), "5x16", day, day + timedelta(days=1))
        assert intervals[0][0] == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *CALENDAR_ALIASES.items(),
        ("iso-ne", "ISONE"),
        ("ISO_NE", "ISONE"),
        ("miso tariff", "MISO_TARIFF"),
        ("wecc", "WECC"),
        ("ept-5x16", "PJM"),
    ],
)
def test_calendar_names(text, name):
    assert calendar_named(text).name == name


def test_unknown_calendar_is_refused_by_name():
    with pytest.raises(UnknownCalendarError) as caught:
        calendar_named("LUNAR")
    assert (caught.value.name, caught.value.rule) == ("LUNAR", "unknown_calendar")


@pytest.mark.parametrize(
    ("text", "eastern", "western"),
    [
        ("peak", "5x16", "6x16"),
        ("On-Peak", "5x16", "6x16"),
        ("wknd_hol_16", "2x16H", "1x16H"),
        ("WRAP", "OFFPEAK", "OFFPEAK"),
        ("off-peak", "OFFPEAK", "OFFPEAK"),
        ("night_8", "7x8", "7x8"),
        ("all", "7x24", "7x24"),
        ("7X24", "7x24", "7x24"),
    ],
)
def test_block_words_follow_the_calendar(text, eastern, western):
    assert canonical_block(text, calendar_named("PJM")) == canonical_block(text) == eastern
    assert canonical_block(text, calendar_named("CAISO")) == western


@pytest.mark.parametrize(
    ("name", "block"), [("PJM", "6x16"), ("PJM", "1x16H"), ("WECC", "5x16"), ("PJM", "8x20")]
)
def test_a_block_of_another_calendar_is_refused(name, block):
    calendar = calendar_named(name)
    with pytest.raises(UnknownBlockError):
        canonical_block(block, calendar)
    with pytest.raises(UnknownBlockError):
        block_hours(calendar, block, date(2025, 1, 1), date(2025, 2, 1))


def test_western_codes_are_known_without_a_calendar():
    assert (canonical_block("6X16"), canonical_block("1x16h")) == ("6x16", "1x16H")
