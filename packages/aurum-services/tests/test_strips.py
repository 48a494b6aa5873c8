"""Strips equal the sum of their months: golden 1, and what happens when months are missing."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import anyio
import pytest

from aurum_core.market.months import month_end
from aurum_dao.ports.curves import CurveDetail, CurveFilter, CurveQuery, MonthPrice
from aurum_dao.ports.paging import AsOf, Pin
from aurum_services.strips import StripRequest, build_strips

GOLDEN = json.loads((Path(__file__).parent / "golden" / "g1_strips.json").read_text())
ASOF = date(2025, 9, 12)
BLOCKS = {"PEAK": "5x16", "WKND_HOL_16": "2x16H", "NIGHT_8": "7x8"}
WESTERN = {"PEAK": "6x16", "WKND_HOL_16": "1x16H", "NIGHT_8": "7x8"}
CALENDARS = {"EPT_5X16": "PJM", "CPT_5X16": "ERCOT", "PPT_6X16": "CAISO", "EST_5X16": "MISO_TARIFF"}
NAMES = {
    "CALENDAR": "CAL",
    "SUMMER_APR_SEP": "SUMMER",
    **{code: code for code in ("Q1", "Q2", "Q3", "Q4", "JF", "JA")},
}


def detail(key: str, block: str, calendar: str, **changes: object) -> CurveDetail:
    base = CurveDetail(
        key, key, "power", "PJM", None, "WEST", "DAY_AHEAD", None, block, None, "USD", "MWh", calendar,
        None, None, "block_hours", None, None, None, ASOF, ASOF, 1, ("desk",), ("MID",), ("MONTHLY",),
    )  # fmt: skip
    return replace(base, **changes)


class FakeReader:
    """Months and details in memory; only what strips ask for."""

    def __init__(self, curves, months):
        self.curves = {curve.curve_key: curve for curve in curves}
        self.months = months

    async def list_months(self, query):
        return self.months

    async def list_details(self, keys, *, pin):
        return {key: self.curves[key] for key in keys if key in self.curves}


def months_of(key: str, prices: list[str | None], year: int = 2026) -> list[MonthPrice]:
    starts = [date(year, n + 1, 1) for n in range(len(prices))]
    return [
        MonthPrice(
            key,
            "desk",
            ASOF,
            "MID",
            s,
            month_end(s),
            None if p is None else Decimal(p),
            "USD",
            "MWh",
        )
        for s, p in zip(starts, prices, strict=True)
    ]


def strips(reader: FakeReader, codes: tuple[str, ...], blocks: tuple[str, ...] = ()):
    query = CurveQuery(pin=Pin(data_version=1), asof=AsOf(today=ASOF), where=CurveFilter())
    return anyio.run(build_strips, reader, StripRequest(query=query, codes=codes, blocks=blocks))


@pytest.mark.parametrize("name", sorted(GOLDEN["strips"]))
def test_golden_strips_of_every_calendar(name):
    calendar = CALENDARS[name.partition("/")[0]]
    codes = WESTERN if calendar == "CAISO" else BLOCKS
    prices = GOLDEN["inputs"]["prices_2026"]
    reader = FakeReader(
        [detail(role, codes[role], calendar) for role in codes],
        [month for role in codes for month in months_of(role, prices[role])],
    )
    found = strips(reader, tuple(NAMES.values()), (*codes.values(), "OFFPEAK", "7x24"))
    by_code = {(s.strip.definition.code, s.block): s for s in found}
    roles = {**codes, "OFFPEAK": "OFFPEAK", "ALL_7X24": "7x24"}
    for golden_name, values in GOLDEN["strips"][name].items():
        for role, expected in values.items():
            strip = by_code[NAMES[golden_name], roles[role]]
            assert strip.value == Decimal(expected["hour_weighted"]), (golden_name, role)
            assert strip.weight == expected["hours"]
            assert bool(strip.built_from) == (role in {"OFFPEAK", "ALL_7X24"})


def test_a_missing_month_leaves_no_price_and_is_named():
    reader = FakeReader(
        [detail("k", "5x16", "PJM")], months_of("k", ["40", None, "42"] + ["50"] * 9)
    )
    found = {s.strip.definition.code: s for s in strips(reader, ("Q1", "Q2", "CAL"))}
    assert found["Q1"].value is None
    assert found["Q1"].missing_months == (date(2026, 2, 1),)
    assert found["Q2"].value == Decimal("50.000000")
    assert found["CAL"].value is None


def test_a_delivering_month_leaves_no_price():
    reader = FakeReader([detail("k", "5x16", "PJM")], months_of("k", ["40"] * 12, year=2025))
    found = {s.strip.definition.code: s for s in strips(reader, ("Q3", "Q4"))}
    assert found["Q3"].value is None
    assert date(2025, 9, 1) in found["Q3"].delivered_months
    assert found["Q4"].value == Decimal("40.000000")


@pytest.mark.parametrize(("weighting", "weights"), [("none", (1, 1, 1)), ("days", (31, 31, 30))])
def test_weights_follow_the_curve_never_the_asset_class(weighting, weights):
    months = [date(2026, n, 1) for n in (7, 8, 9)]
    reader = FakeReader(
        [detail("k", None, None, asset_class="gas", weighting=weighting)],
        [
            MonthPrice(
                "k", "x", ASOF, "SETTLE", month, month_end(month), Decimal(n), "USD", "MMBtu"
            )
            for n, month in enumerate(months, start=1)
        ],
    )
    (q3,) = strips(reader, ("Q3",))
    total = sum(Decimal(weight * n) for n, weight in enumerate(weights, start=1))
    assert q3.value == (total / sum(weights)).quantize(Decimal("0.000001"))
    assert q3.weight == sum(weights)


def test_months_in_two_units_have_no_sum():
    months = months_of("k", ["60"] * 3)
    cents = replace(months[1], value=Decimal(6), currency="USD", per_unit="c")
    reader = FakeReader([detail("k", "5x16", "PJM")], [months[0], cents, months[2]])
    (q1,) = strips(reader, ("Q1",))
    assert (q1.value, q1.reason) == (None, "mixed_units")
    assert (q1.currency, q1.per_unit) == (None, None)


@pytest.mark.parametrize(("block", "calendar"), [("5x16", "CAISO"), ("5x16", None), (None, "PJM")])
def test_a_curve_without_block_hours_does_not_stop_the_others(block, calendar):
    good, odd = detail("good", "5x16", "PJM"), detail("odd", block, calendar, iso="CAISO")
    reader = FakeReader([good, odd], months_of("good", ["60"] * 3) + months_of("odd", ["60"] * 3))
    found = {s.curve.curve_key: s for s in strips(reader, ("Q1",))}
    assert found["good"].value == Decimal("60.000000")
    assert (found["odd"].value, found["odd"].reason) == (None, "no_block_hours")


def test_a_strip_says_why_it_has_no_value():
    reader = FakeReader(
        [detail("k", "5x16", "PJM")], months_of("k", ["40", None, "42"] + ["50"] * 9)
    )
    found = {s.strip.definition.code: s for s in strips(reader, ("Q1", "Q2"))}
    assert found["Q1"].reason == "missing_months"
    assert found["Q2"].reason is None
    assert (found["Q2"].currency, found["Q2"].per_unit) == ("USD", "MWh")
