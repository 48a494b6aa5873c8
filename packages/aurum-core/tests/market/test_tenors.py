"""Tenors, strips and relative contracts: golden 1, the NG roll, labels, weights."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.market.calendars import base_blocks_of, calendar_named, canonical_block, month_hours
from aurum_core.market.errors import TenorError
from aurum_core.market.tenors import (
    STRIPS,
    TENOR_TYPES,
    add_months,
    check_delivery,
    contract_of_relative,
    delivery_of,
    month_end,
    month_start,
    months_between,
    parse_month,
    parse_relative,
    prompt_month,
    strip_of,
    strip_value,
    strips_between,
    tenor_label,
)

D = Decimal
GOLDEN_STRIPS = {"CALENDAR": "CAL", "SUMMER_APR_SEP": "SUMMER"}
GOLDEN_BASES = ("PEAK", "WKND_HOL_16", "NIGHT_8")


def _month_price(calendar, prices, block, months):
    """Price of a block per month: its own, or hour-weighted over the base blocks, unrounded."""
    own = {canonical_block(base, calendar): prices[base] for base in GOLDEN_BASES}
    bases = base_blocks_of(calendar, block)
    hours = {base: month_hours(calendar, base, months) for base in bases}
    return {
        month: sum(hours[base][month] * D(own[base][month.month - 1]) for base in bases)
        / sum(hours[base][month] for base in bases)
        for month in months
    }


def test_golden_1_strips(golden):
    document = golden("g1_strips.json")
    seen = 0
    for key, strips in document["strips"].items():
        name, year = key.split("/")
        calendar = calendar_named(name)
        for code, blocks in strips.items():
            months = strip_of(GOLDEN_STRIPS.get(code, code)).months(int(year))
            for word, answer in blocks.items():
                block = canonical_block(word.removesuffix("_7X24"), calendar)
                weights = month_hours(calendar, block, months)
                prices = _month_price(calendar, document["inputs"]["prices_2026"], block, months)
                got = strip_value(prices, weights, months)
                assert (got.value, got.weight_total) == (
                    D(answer["hour_weighted"]),
                    answer["hours"],
                )
                assert got.missing_months == ()
                if "simple_average" in answer:
                    plain = strip_value(prices, dict.fromkeys(months, 1), months)
                    assert plain.value == D(answer["simple_average"])
                seen += 1
    assert seen == 160


def test_golden_1_gas_winter(golden):
    case = golden("g1_strips.json")["gas_winter_2026_27"]
    prices = {parse_month(month): D(value) for month, value in case["input"].items()}
    (winter,) = strips_between(date(2026, 11, 1), date(2027, 3, 1), ["gas_winter"])
    assert (winter.label, winter.months) == ("Winter 2026-27", tuple(prices))
    days = {month: (month_end(month) - month).days + 1 for month in winter.months}
    by_days = strip_value(prices, days, winter.months)
    assert (by_days.value, by_days.weight_total) == (D(case["day_weighted"]), case["days"])
    plain = strip_value(prices, dict.fromkeys(prices, 1), winter.months)
    assert plain.value == D(case["simple_average"])


def test_a_strip_with_a_missing_month_is_null_and_names_it():
    months = strip_of("Q1").months(2026)
    weights = dict.fromkeys(months, 1)
    got = strip_value({months[0]: D(40), months[1]: None}, weights, months)
    assert (got.value, got.missing_months, got.weight_total) == (None, months[1:], 3)


def test_a_strip_needs_every_weight_and_a_total():
    months = strip_of("JF").months(2026)
    with pytest.raises(TenorError):
        strip_value(dict.fromkeys(months, D(1)), {months[0]: 1}, months)
    assert strip_value(dict.fromkeys(months, D(1)), dict.fromkeys(months, 0), months).value is None


def test_strip_results_round_half_even():
    months = strip_of("JF").months(2026)
    for odd, even in (("0.000001", "0.000000"), ("0.000003", "0.000002")):
        got = strip_value({months[0]: D(0), months[1]: D(odd)}, dict.fromkeys(months, 1), months)
        assert got.value == D(even)


@given(
    prices=st.lists(st.decimals("-500", "9000", places=2), min_size=12, max_size=12),
    weights=st.lists(st.integers(1, 400), min_size=12, max_size=12),
)
def test_strip_of_strips_is_strip_of_the_whole(prices, weights):
    months = strip_of("CAL").months(2026)
    price, weight = dict(zip(months, prices, strict=True)), dict(zip(months, weights, strict=True))
    whole = strip_value(price, weight, months)
    quarters = [strip_value(price, weight, strip_of(f"Q{n}").months(2026)) for n in range(1, 5)]
    keys = [strip_of(f"Q{n}").months(2026)[0] for n in range(1, 5)]
    again = strip_value(
        {key: quarter.value for key, quarter in zip(keys, quarters, strict=True)},
        {key: quarter.weight_total for key, quarter in zip(keys, quarters, strict=True)},
        keys,
    )
    assert again.weight_total == whole.weight_total
    assert abs(again.value - whole.value) <= D("0.000001")  # the quarters are rounded once
    assert min(prices) <= whole.value <= max(prices)


def test_strips_of_a_range():
    first, last = date(2026, 2, 1), date(2027, 1, 1)
    partial = [strip.label for strip in strips_between(first, last, ["Q1", "Q2", "CAL", "JF"])]
    assert partial == [
        "JF 2026",
        "2026-Q1",
        "Cal 2026",
        "2026-Q2",
        "JF 2027",
        "2027-Q1",
        "Cal 2027",
    ]
    whole = strips_between(first, last, ["Q1", "Q2", "CAL", "JF"], partial=False)
    assert [strip.label for strip in whole] == ["2026-Q2"]


@pytest.mark.parametrize("definition", STRIPS.values(), ids=STRIPS)
def test_strip_labels_lead_back_to_their_delivery(definition):
    start, end = definition.delivery(2026)
    assert check_delivery(definition.tenor_type, start, end) is None
    label = definition.label(2026)
    assert tenor_label(definition.tenor_type, start, end) == label
    season = "power" if definition.code == "SUMMER" else "gas"
    assert delivery_of(definition.tenor_type, label, definition=season) == (start, end)


@pytest.mark.parametrize(
    ("kind", "start", "end", "label"),
    [
        ("DAILY", "2026-07-04", "2026-07-04", "2026-07-04"),
        ("DAILY", "2026-07-11", "2026-07-13", "2026-07-11/2026-07-13"),
        ("WEEKLY", "2026-07-06", "2026-07-12", "2026-07-06/2026-07-12"),
        ("WEEKLY", "2026-07-06", "2026-07-10", "2026-07-06/2026-07-10"),
        ("BALMO", "2026-07-15", "2026-07-31", "BalMo 2026-07-15"),
        ("MONTHLY", "2024-02-01", "2024-02-29", "2024-02"),
        ("QUARTER", "2026-07-01", "2026-09-30", "2026-Q3"),
        ("SEASON", "2026-11-01", "2027-03-31", "Winter 2026-27"),
        ("SEASON", "2099-11-01", "2100-03-31", "Winter 2099-00"),
        ("SEASON", "2026-04-01", "2026-10-31", "Summer 2026"),
        ("CALENDAR", "2026-01-01", "2026-12-31", "Cal 2026"),
        ("STRIP", "2026-07-01", "2026-08-31", "JA 2026"),
        ("STRIP", "2026-02-01", "2026-06-30", "2026-02/2026-06"),
        ("CUSTOM", "2026-02-03", "2026-06-07", "2026-02-03/2026-06-07"),
    ],
)
def test_labels_round_trip(kind, start, end, label):
    span = date.fromisoformat(start), date.fromisoformat(end)
    assert check_delivery(kind, *span) is None
    assert tenor_label(kind.lower(), *span) == label
    assert delivery_of(kind, label) == span


def test_a_power_winter_is_october_to_march():
    span = delivery_of("SEASON", "Winter 2026-27", definition="power")
    assert span == (date(2026, 10, 1), date(2027, 3, 31))
    assert tenor_label("SEASON", *span) == "Winter 2026-27"


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("DAILY", "2026-07-07", "2026-07-08"),
        ("DAILY", "2026-07-03", "2026-07-08"),
        ("WEEKLY", "2026-07-06", "2026-07-11"),
        ("BALMO", "2026-07-15", "2026-08-31"),
        ("MONTHLY", "2026-07-01", "2026-07-30"),
        ("MONTHLY", "2026-07-01", "2026-08-31"),
        ("MONTHLY", "2026-07-01", "2026-08-01"),  # an exclusive end is a mismatch
        ("QUARTER", "2026-08-01", "2026-10-31"),
        ("SEASON", "2026-05-01", "2026-09-30"),
        ("CALENDAR", "2026-07-01", "2027-06-30"),
        ("STRIP", "2026-07-02", "2026-08-31"),
        ("CUSTOM", "2026-07-02", "2026-07-01"),
    ],
)
def test_a_mismatch_has_its_reason(kind, start, end):
    reason = check_delivery(kind, date.fromisoformat(start), date.fromisoformat(end))
    assert reason
    assert kind in reason or "before" in reason


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("MONTHLY", "2026-13"),
        ("QUARTER", "2026-Q5"),
        ("SEASON", "Winter 2026-28"),
        ("SEASON", "Winter 2026"),
        ("SEASON", "Summer 2026-27"),
        ("CALENDAR", "2026"),
        ("DAILY", "soon"),
        ("CUSTOM", ""),
        ("HOURLY", "2026-01"),
    ],
)
def test_labels_that_mean_nothing_are_refused(kind, label):
    with pytest.raises(TenorError):
        delivery_of(kind, label)


@given(
    start=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    kind=st.sampled_from(TENOR_TYPES),
    n=st.integers(1, 400),
)
def test_what_fits_its_type_round_trips_through_its_label(start, kind, n):
    end = date.fromordinal(start.toordinal() + n)
    for span in ((start, end), (month_start(start), month_end(end))):
        if check_delivery(kind, *span) is None:
            label = tenor_label(kind, *span)
            assert span in [delivery_of(kind, label, definition=name) for name in ("gas", "power")]


@given(day=st.dates(date(1900, 1, 1), date(2200, 1, 1)), n=st.integers(-1000, 1000))
def test_months_come_back(day, n):
    there = add_months(day, n)
    assert there.day == 1
    assert add_months(there, -n) == month_start(day)
    assert len(months_between(day, there)) == max(n + 1, 0)


def test_months_end_with_the_calendar():
    assert month_end(date(9999, 12, 1)) == date.max
    with pytest.raises(TenorError):
        add_months(date(9999, 12, 1), 1)
    with pytest.raises(TenorError):
        prompt_month(date.max)


@pytest.mark.parametrize("text", ["2026-W01", "2026-13", "202607", "2026-7", "", "2026-02-30"])
def test_what_is_no_month(text):
    with pytest.raises(TenorError):
        parse_month(text)


@pytest.mark.parametrize(("text", "n"), [("M1", 1), ("m12", 12), (" M36 ", 36)])
def test_relative_contracts(text, n):
    assert parse_relative(text) == n


@pytest.mark.parametrize("text", ["M0", "M", "1", "M-1", "M1.5", "Q1", "M01"])
def test_what_is_no_relative_contract(text):
    with pytest.raises(TenorError):
        parse_relative(text)


def test_without_a_root_m1_is_the_next_calendar_month():
    assert prompt_month(date(2025, 12, 31)) == date(2026, 1, 1)
    assert contract_of_relative(3, date(2025, 12, 1)) == date(2026, 3, 1)


@pytest.fixture(scope="module")
def natural_gas(shared: Path) -> dict[date, date]:
    with (shared / "data/futures_ng_cl/expiry_table.csv").open(newline="") as file:
        return {
            date(int(float(row["Year"])), int(float(row["Month"])), 1): date.fromisoformat(
                row["Last.Trade"]
            )
            for row in csv.DictReader(file)
            if row["tick.prefix"] == "NG"
        }


def test_check_c2_rolls_on_the_day_after_the_last_trade(natural_gas, checks):
    last, following = date(2021, 2, 24), date(2021, 2, 25)
    before, after = (f"{prompt_month(day, natural_gas):%Y-%m}" for day in (last, following))
    expected = checks["C2"]["expected"]
    assert [part.split()[0] for part in expected.split(" -> ")] == [before, after]
    assert contract_of_relative(2, last, natural_gas) == prompt_month(following, natural_gas)


def test_an_expiry_table_that_ends_is_said(natural_gas):
    with pytest.raises(TenorError):
        contract_of_relative(400, date(2021, 2, 24), natural_gas)
    with pytest.raises(TenorError):
        contract_of_relative(0, date(2021, 2, 24))
