"""Period tokens: the golden ones, all frequencies, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.market.errors import PeriodError
from aurum_core.market.periods import (
    FREQUENCIES,
    canonical_frequency,
    hour_stamp_of,
    period_of,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("row", range(7))
def test_golden_tokens(golden, row):
    case = golden("g6_small.json")["eia_periods"][row]
    period = period_of(case["token"], case["frequency"])
    assert period.start == datetime.fromisoformat(case["start"])
    assert period.end == datetime.fromisoformat(case["end"])


def test_four_weeks_end_with_their_token():
    period = period_of("2025-09-12", "four-week-average")
    assert period.start == datetime(2025, 8, 16, tzinfo=UTC)
    assert period.end == datetime(2025, 9, 13, tzinfo=UTC)


def test_there_are_eight_frequencies():
    assert len(FREQUENCIES) == 8


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Monthly", "monthly"),
        (" local_hourly ", "local-hourly"),
        ("four week average", "four-week-average"),
        ("4", "four-week-average"),
        ("HL", "local-hourly"),
        ("D", "daily"),
    ],
)
def test_spellings_of_a_frequency(text, name):
    assert canonical_frequency(text) == name


@pytest.mark.parametrize("text", ["", "fortnightly", "monthly!"])
def test_unknown_frequency_is_refused(text):
    with pytest.raises(PeriodError, match="Unknown frequency"):
        canonical_frequency(text)
    with pytest.raises(PeriodError, match="Unknown frequency"):
        period_of("2024", text)


@pytest.mark.parametrize(
    ("token", "frequency"),
    [
        ("2024-12", "annual"),
        ("2024-Q5", "quarterly"),
        ("2024-q4", "quarterly"),
        ("2024", "monthly"),
        ("2024-13", "monthly"),
        ("2024-00", "monthly"),
        ("2025-02-29", "daily"),
        ("2025-09", "weekly"),
        ("20250912", "daily"),
        ("2025-09-12", "hourly"),
        ("2025-09-12T24", "hourly"),
        ("2025-09-12T07-04", "hourly"),
        ("2025-09-12T07", "local-hourly"),
        ("2025-09-12T07-15", "local-hourly"),
        ("2025-09-12T07-0460", "local-hourly"),
        ("2025-09-12T07-04:00", "local-hourly"),
        ("٢٠٢٤", "annual"),
        ("2024\n", "annual"),
        ("0000", "annual"),
        ("9999", "annual"),
        ("9999-12-31", "daily"),
        ("0001-01-01", "weekly"),
        ("0001-01-01T00", "hourly"),
        ("9999-12-31T23-14", "local-hourly"),
    ],
)
def test_token_of_another_shape_is_refused(token, frequency):
    with pytest.raises(PeriodError):
        period_of(token, frequency)


@pytest.mark.parametrize(
    ("dataset", "stamp"),
    [
        ("electricity/rto", "end"),
        ("electricity/rto/region-data", "end"),
        ("/Electricity/RTO/", "end"),
        ("electricity/rtofuel", "end"),
        ("", "end"),
    ],
)
def test_hours_are_stamped_as_the_dataset_says(dataset, stamp):
    assert hour_stamp_of(dataset) == stamp


def test_longest_route_decides_the_stamp():
    stamps = {"a": "start", "a/b": "end"}
    assert [hour_stamp_of(d, stamps) for d in ("a", "a/c", "a/b/c", "ab")] == [
        "start",
        "start",
        "end",
        "end",
    ]


def test_hour_stamped_at_its_start():
    period = period_of("2025-03-09T07", "hourly", "start")
    assert period.start == datetime(2025, 3, 9, 7, tzinfo=UTC)
    assert period.end - period.start == HOUR


@pytest.mark.parametrize("offset", ["-04", "-0400"])
def test_both_spellings_of_an_offset_are_one_token(offset):
    assert period_of(f"2025-03-09T03{offset}", "local-hourly") == period_of(
        "2025-03-09T03-04", "local-hourly"
    )


def test_offset_of_half_an_hour_keeps_its_minutes():
    period = period_of("2025-03-09T03+0530", "local-hourly", "start")
    assert period.token.endswith("+0530")
    assert period.start == datetime(2025, 3, 8, 21, 30, tzinfo=UTC)


DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(DAYS)
def test_consecutive_tokens_meet(day):
    after = day + DAY
    for frequency, step in (("daily", DAY), ("weekly", 7 * DAY), ("four-week-average", 28 * DAY)):
        period = period_of(day.isoformat(), frequency)
        assert period.end - period.start == step
        assert period.end.date() == after
    year, month = day.year, f"{day:%Y-%m}"
    quarter = f"{year}-Q{(day.month + 2) // 3}"
    inner = period_of(day.isoformat(), "daily")
    for token, frequency in ((str(year), "annual"), (quarter, "quarterly"), (month, "monthly")):
        outer = period_of(token, frequency)
        assert outer.start <= inner.start < inner.end <= outer.end


@given(DAYS, st.integers(0, 23), st.integers(-14, 14))
def test_local_hour_is_the_hour_of_its_offset(day, hour, offset):
    local = period_of(f"{day}T{hour:02d}{offset:+03d}", "local-hourly")
    assert local.end - period_of(f"{day}T{hour:02d}", "hourly").end == timedelta(hours=-offset)
