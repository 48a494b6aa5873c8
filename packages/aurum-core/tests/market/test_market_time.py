"""Operating days and hour labels: golden 2's clock, both DST days, round trips."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.market.calendars import block_of, calendar_named
from aurum_core.market.errors import MarketTimeError, UnknownMarketError
from aurum_core.market.time import (
    ISO_ZONES,
    end_of_day_new_york,
    hour_ending_of,
    hour_label_of,
    hours_in_day,
    instant_of_label,
    instant_of_ordinal,
    minutes_between,
    minutes_in_day,
    operating_date_of,
    operating_day_bounds,
    zone_of,
)

NEW_YORK = ZoneInfo("America/New_York")
SHORT, LONG = date(2025, 3, 9), date(2025, 11, 2)
DAYS = st.dates(date(2007, 3, 1), date(2050, 12, 31))


@pytest.mark.parametrize(
    ("iso", "zone"),
    [
        ("PJM", "America/New_York"),
        ("nyiso", "America/New_York"),
        ("ISO-NE", "America/New_York"),
        ("MISO", "Etc/GMT+5"),
        ("ERCOT", "America/Chicago"),
        ("SPP", "America/Chicago"),
        ("CAISO", "America/Los_Angeles"),
    ],
)
def test_zone_belongs_to_the_iso(iso, zone):
    assert zone_of(iso).key == zone


def test_unknown_iso_is_refused_by_name():
    with pytest.raises(UnknownMarketError) as caught:
        zone_of("NORDPOOL")
    assert (caught.value.name, caught.value.rule) == ("NORDPOOL", "unknown_market")


@pytest.mark.parametrize(
    ("day", "minutes"), [(SHORT, 1380), (LONG, 1500), (date(2025, 7, 4), 1440)]
)
def test_dst_days_are_23_and_25_hours(day, minutes):
    assert minutes_in_day(day, NEW_YORK) == minutes
    assert len(hours_in_day(day, NEW_YORK)) * 60 == minutes


def test_miso_operating_days_never_change_length():
    assert {minutes_in_day(day, zone_of("MISO")) for day in (SHORT, LONG)} == {1440}


def test_bounds_are_utc_and_half_open():
    start, end = operating_day_bounds(SHORT, NEW_YORK)
    assert start == datetime(2025, 3, 9, 5, tzinfo=UTC)
    assert end == datetime(2025, 3, 10, 4, tzinfo=UTC)
    assert operating_day_bounds(SHORT + timedelta(days=1), NEW_YORK)[0] == end
    assert start.tzinfo is end.tzinfo is UTC


def test_golden_2_labels(golden):
    for row in golden("g2_lmp_hourly.csv"):
        start = datetime.fromisoformat(row["interval_start_utc"])
        assert operating_date_of(start, NEW_YORK).isoformat() == row["operating_date"]
        assert hour_ending_of(start, NEW_YORK) == int(row["hour_ending"])
        assert hour_label_of(start, NEW_YORK) == row["hour_label"]
        day = date.fromisoformat(row["operating_date"])
        assert instant_of_label(day, row["hour_label"], NEW_YORK) == start


@pytest.mark.parametrize(
    ("zone", "case"),
    [
        ("America/New_York", "pjm_hourly_operating_day"),
        ("Etc/GMT+5", "same_hours_bucketed_by_EST__MISO_market_day"),
    ],
)
def test_golden_2_days(golden, zone, case):
    """Hourly rows bucketed by the operating day give the golden's means and expected minutes."""
    days: dict[str, list[Decimal]] = {}
    for row in golden("g2_lmp_hourly.csv"):
        start = datetime.fromisoformat(row["interval_start_utc"])
        day = operating_date_of(start, ZoneInfo(zone)).isoformat()
        days.setdefault(day, []).append(Decimal(row["price_total"]))
    expected = golden("g2_lmp_dst.json")[case]
    assert set(days) == set(expected)
    for day, answer in expected.items():
        mean = sum(days[day]) / len(days[day])
        assert mean.quantize(Decimal("0.000001")) == Decimal(answer["price_avg"])
        assert len(days[day]) == answer["intervals"]
        minutes = minutes_in_day(date.fromisoformat(day), ZoneInfo(zone))
        assert minutes == answer["expected_minutes"]


def test_three_is_absent_on_the_short_day():
    labels = [hour_label_of(start, NEW_YORK) for start in hours_in_day(SHORT, NEW_YORK)]
    assert labels == [f"{n:02d}" for n in range(1, 25) if n != 3]
    with pytest.raises(MarketTimeError):
        instant_of_label(SHORT, "03", NEW_YORK)


def test_two_comes_twice_on_the_long_day():
    labels = [hour_label_of(start, NEW_YORK) for start in hours_in_day(LONG, NEW_YORK)]
    assert labels[:4] == ["01", "02", "02X", "03"]
    endings = [hour_ending_of(start, NEW_YORK) for start in hours_in_day(LONG, NEW_YORK)]
    assert endings[:4] == [1, 2, 2, 3]
    first = instant_of_label(LONG, "02", NEW_YORK)
    assert instant_of_label(LONG, "02X", NEW_YORK) == first + timedelta(hours=1)
    assert instant_of_label(LONG, 2, NEW_YORK, repeated=True) == first + timedelta(hours=1)


@pytest.mark.parametrize("label", ["24", 24, "24:00", "HE24", " he 24 "])
def test_spellings_of_the_last_hour(label):
    start = datetime(2025, 7, 2, 3, tzinfo=UTC)
    assert instant_of_label(date(2025, 7, 1), label, NEW_YORK) == start


@pytest.mark.parametrize("label", ["0", "00", "25", "02X", "1.5", "", "-1", "1:30", "XX"])
def test_labels_that_a_plain_day_does_not_have(label):
    with pytest.raises(MarketTimeError):
        instant_of_label(date(2025, 7, 1), label, NEW_YORK)


@pytest.mark.parametrize(("day", "last"), [(SHORT, 23), (LONG, 25), (date(2025, 7, 1), 24)])
def test_ordinals_count_the_hours_of_the_day(day, last):
    starts = [instant_of_ordinal(day, n, NEW_YORK) for n in range(1, last + 1)]
    assert tuple(starts) == hours_in_day(day, NEW_YORK)
    for ordinal in (0, last + 1):
        with pytest.raises(MarketTimeError):
            instant_of_ordinal(day, ordinal, NEW_YORK)


@given(day=DAYS, iso=st.sampled_from(sorted(ISO_ZONES)))
def test_labels_round_trip_on_every_day(day, iso):
    zone = zone_of(iso)
    starts = hours_in_day(day, zone)
    labels = [hour_label_of(start, zone) for start in starts]
    assert len(set(labels)) == len(labels)
    assert [instant_of_label(day, label, zone) for label in labels] == list(starts)
    assert all(operating_date_of(start, zone) == day for start in starts)


@given(day=DAYS, span=st.integers(0, 800), iso=st.sampled_from(sorted(ISO_ZONES)))
def test_minutes_of_a_range_are_those_of_its_days(day, span, iso):
    zone = zone_of(iso)
    end = day + timedelta(days=span)
    each = sum(minutes_in_day(day + timedelta(days=n), zone) for n in range(span))
    assert minutes_between(day, end, zone) == each
    assert minutes_between(end, day, zone) == 0


def test_end_of_day_admits_the_day_and_no_more():
    end = end_of_day_new_york(date(2025, 7, 1))
    midnight = datetime(2025, 7, 2, 4, tzinfo=UTC)
    assert midnight - timedelta(seconds=1) < end < midnight


def test_the_last_date_has_no_operating_day():
    with pytest.raises(MarketTimeError):
        operating_day_bounds(date.max, NEW_YORK)


def test_a_naive_instant_is_refused():
    with pytest.raises(MarketTimeError):
        operating_date_of(datetime(2025, 7, 1, 12), NEW_YORK)  # noqa: DTZ001


def test_published_block_means_of_a_short_day(shared: Path, checks):
    """elektra numbers the hours 1..23; its published ISO-NE means come out by clock hours."""
    place = shared / "data" / "elektra_isone_2024-03-10" / "consecutive_dst_begin_data.json"
    day, calendar = date(2024, 3, 10), calendar_named("ISO-NE")
    prices: dict[str, list[Decimal]] = {}
    for row in json.loads(place.read_text())["data"]:
        start = instant_of_ordinal(day, row["hour_ending"], calendar.zone)
        for block in (block_of(start, calendar), "7x24"):
            prices.setdefault(block, []).append(Decimal(row["price"]))
    for check, block in (("L-EL-7x24-I", "7x24"), ("L-EL-2x16-I", "2x16H"), ("L-EL-7x8-I", "7x8")):
        mean = sum(prices[block]) / len(prices[block])
        assert float(mean) == pytest.approx(float(checks[check]["expected"]), abs=1e-6)
