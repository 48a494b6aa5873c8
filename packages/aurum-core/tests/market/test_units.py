"""Units: golden 6, the EIA catalogue's spellings, parameters, round trips."""

import json
import lzma
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.market.errors import (
    IncompatibleUnitsError,
    MissingParameterError,
    ParameterError,
    UnknownUnitError,
)
from aurum_core.market.price_units import EIA_UNIT_TEXTS
from aurum_core.market.time import zone_of
from aurum_core.market.units import (
    KNOWN_UNITS,
    UNIT_ALIASES,
    convert,
    dimension_of,
    parse_price_unit,
    parse_unit,
    parse_units,
    spark_spread,
)

D = Decimal
GOLDEN_CASES = [  # row of golden 6, from, to, parameters; its texts tell the parameters in words
    (0, "USD/MMBtu", "USD/MWh", {}),
    (1, "USD/MWh", "USD/MMBtu", {}),
    (2, "USD/Mcf", "USD/MMBtu", {"heat_content": D("1.037")}),
    (3, "c/kWh", "USD/MWh", {}),
    (4, "USD/kWh", "USD/MWh", {}),
    (5, "USD/kW-month", "USD/MW-day", {"month": date(2026, 1, 1)}),
    (6, "USD/MW-day", "USD/MWh", {"load_factor": D(1)}),
    (8, "USD/tonne CO2", "USD/MWh", {"emission_factor": D("0.40")}),
]


@pytest.mark.parametrize(("row", "source", "target", "given_"), GOLDEN_CASES)
def test_golden_6_conversions(golden, row, source, target, given_):
    case = golden("g6_small.json")["units"][row]
    assert case["unit_from"].startswith(source)
    assert case["unit_to"].startswith(target)
    result = convert(D(case["value"]), source, target, **given_)
    assert str(result.value) == case["result"]
    assert set(result.parameters) == set(given_)


def test_golden_6_spark_spread(golden):
    case = golden("g6_small.json")["units"][7]
    assert str(spark_spread(D(case["value"]), D("3.50"), D("7.5"))) == case["result"]


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("cents per kilowatt-hour", "cents per kilowatthour", "USD/kWh"),
        ("megawatts", "MW", "MW"),
        ("Btu per pound", "btu/lb", "Btu/lb"),
        ("USD per ton", "dollars per short ton", "USD/short_ton"),
        ("average dollars per ton", "$/short ton", "USD/short_ton"),
        ("tons", "short tons", "short_ton"),
        ("dollars per thousand cubic feet", "$/MCF", "USD/Mcf"),
        ("dollars per million Btu", "$/mmbtu", "USD/MMBtu"),
        ("$/kW-mo", "USD per kilowatt-month", "USD/kW-month"),
        ("million kilowatt hours", "gigawatthours", "GWh"),
    ],
)
def test_two_spellings_are_one_unit(one, other, code):
    assert parse_units(one) == parse_units(other)
    assert parse_units(one).code == code


def test_scales_of_raw_texts():
    rows = {row.units_raw: (row.currency, row.per_unit, row.scale) for row in UNIT_ALIASES}
    assert rows["cents per kilowatt-hour"] == ("USD", "kWh", D("0.01"))
    assert rows["million dollars"] == ("USD", None, D(1_000_000))
    assert rows["thousand barrels"] == (None, "bbl", D(1000))
    assert rows["p/therm"] == ("GBP", "therm", D("0.01"))
    assert len(rows) == len(UNIT_ALIASES)


def test_every_text_of_the_eia_catalogue_is_known(shared: Path):
    packed = (shared / "data/eia_catalog/raw/eia_catalog.json.xz").read_bytes()
    catalogue = json.loads(lzma.decompress(packed))
    texts = {
        column["units"]
        for group in catalogue["groups"].values()
        for dataset in group["datasets"].values()
        for column in dataset["data_columns"].values()
        if column.get("units")
    }
    assert texts == set(EIA_UNIT_TEXTS)
    assert len(texts) == 34


def test_known_units_parse_to_themselves():
    for unit in KNOWN_UNITS:
        assert parse_unit(unit.code) == unit
        assert parse_unit(unit.code.upper()) == unit


def test_currency_unit_and_scale_of_a_price():
    price = parse_price_unit("cents per kilowatt-hour")
    assert (price.currency, price.per_unit, price.scale) == ("USD", "kWh", D("0.01"))


@pytest.mark.parametrize(
    "text", ["MWh", "million dollars", "", "USD", "bananas", "$/bananas", "USD/"]
)
def test_what_is_no_price_is_refused(text):
    with pytest.raises(UnknownUnitError):
        parse_price_unit(text)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [("$/MWh", "money/energy"), ("EUR/MMBtu", "money/energy"), ("GWh", "energy"), ("USD", "money")],
)
def test_dimensions(text, dimension):
    assert dimension_of(text) == dimension


@pytest.mark.parametrize(
    ("source", "target", "given_", "missing"),
    [
        ("USD/Mcf", "USD/MMBtu", {}, "heat_content"),
        ("USD/MMBtu", "USD/Mcf", {}, "heat_content"),
        ("USD/kW-month", "USD/MW-day", {}, "month"),
        ("USD/kW-month", "USD/MWh", {"load_factor": D(1)}, "month"),
        ("USD/MW-day", "USD/MWh", {}, "load_factor"),
        ("USD/kW-month", "USD/MWh", {"month": date(2026, 1, 1)}, "load_factor"),
        ("USD/tonne", "USD/MWh", {}, "emission_factor"),
        ("Mcf", "MWh", {"heat_rate": D(7)}, "heat_content"),
    ],
)
def test_a_missing_parameter_is_named(source, target, given_, missing):
    with pytest.raises(MissingParameterError) as caught:
        convert(D(1), source, target, **given_)
    assert caught.value.parameter == missing


@pytest.mark.parametrize(
    ("name", "value"),
    [("load_factor", "0"), ("load_factor", "1.01"), ("load_factor", "NaN"), ("load_factor", "-1")],
)
def test_a_parameter_out_of_range_is_named(name, value):
    with pytest.raises(ParameterError) as caught:
        convert(D(1), "USD/MW-day", "USD/MWh", **{name: D(value)})
    assert caught.value.parameter == name


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999999", "1e-999999"])
def test_only_plain_numbers_convert(value):
    with pytest.raises(ParameterError):
        convert(D(value), "USD/MWh", "USD/kWh")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("USD/MWh", "EUR/MWh"),  # a currency needs a dated rate series
        ("USD/MWh", "MWh"),
        ("USD/MWh", "USD"),
        ("USD/bbl", "USD/tonne"),
        ("MW", "MWh"),
        ("customers", "meters"),
        ("USD/tonne", "USD/MMBtu"),
    ],
)
def test_pairs_that_no_rule_joins_are_refused(source, target):
    with pytest.raises(IncompatibleUnitsError):
        convert(D(1), source, target, emission_factor=D(1), heat_content=D(1))


@pytest.mark.parametrize(
    ("source", "target"), [("USD/MWh", "USD/blorp"), ("x", "MWh"), ("MWh", "")]
)
def test_unknown_units_are_never_passed_through(source, target):
    with pytest.raises(UnknownUnitError):
        convert(D(1), source, target)


@pytest.mark.parametrize(
    ("value", "source", "target", "result"),
    [
        ("1", "MWh", "MMBtu", "3.412142"),
        ("1500", "kW", "MW", "1.500000"),
        ("1", "bbl", "gal", "42.000000"),
        ("1", "short tons", "tonne", "0.907185"),
        ("2", "thousand barrels", "gal", "84000.000000"),
        ("10", "therm", "MMBtu", "1.000000"),
        ("7500", "Btu/kWh", "MMBtu/MWh", "7.500000"),
        ("12", "USD/kW-year", "USD/kW-month", "1.000000"),
        ("-5.5", "million dollars", "thousand dollars", "-5500.000000"),
    ],
)
def test_conversions_within_a_dimension(value, source, target, result):
    assert str(convert(D(value), source, target).value) == result


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2025, 3, 9), 23), (date(2025, 11, 2), 25), (date(2025, 7, 1), 24)]
)
def test_a_day_of_capacity_has_the_hours_of_its_day(day, hours):
    price = convert(D(hours), "USD/MW-day", "USD/MWh", day=day, load_factor=D(1))
    assert price.value == 1
    standard = convert(
        D(24), "USD/MW-day", "USD/MWh", day=day, load_factor=D(1), zone=zone_of("MISO")
    )
    assert standard.value == 1


def test_a_month_of_capacity_has_the_hours_of_its_month():
    result = convert(D("3.10"), "$/kW-month", "$/MWh", month=date(2025, 3, 1), load_factor=D("0.5"))
    assert result.value == (D(3100) / D(743) / D("0.5")).quantize(D("0.000001"))


def test_fuel_burnt_is_not_fuel_as_heat():
    burnt = convert(D("3.50"), "USD/MMBtu", "USD/MWh", heat_rate=D("7.5"))
    assert (burnt.value, burnt.parameters) == (D("26.250000"), ("heat_rate",))
    back = convert(D("26.25"), "USD/MWh", "USD/MMBtu", heat_rate=D("7.5"))
    assert back.value == D("3.500000")
    volume = convert(D("4.12"), "$/Mcf", "$/MWh", heat_content=D("1.03"), heat_rate=D("7.5"))
    assert volume.value == D("30.000000")


def test_ties_go_to_the_even_digit():
    assert str(convert(D("0.0000025"), "USD/MWh", "USD/MWh").value) == "0.000002"
    assert str(convert(D("0.0000035"), "USD/MWh", "USD/MWh").value) == "0.000004"


def test_a_conversion_tells_its_rule():
    result = convert(D("7.25"), "c/kWh", "USD/MWh")
    assert result.rule == "1 c/kWh = 0.01 USD/kWh; 1 kWh = 0.001 MWh; x 10"
    assert (result.unit_from, result.unit_to, result.factor) == ("c/kWh", "USD/MWh", D(10))


ENERGY = st.sampled_from([unit.code for unit in KNOWN_UNITS if unit.dimension == "energy"])


@given(one=ENERGY, other=ENERGY, value=st.decimals("-9999", "9999", places=2))
def test_price_and_quantity_factors_are_inverse(one, other, value):
    price = convert(value, f"USD/{one}", f"USD/{other}")
    quantity = convert(value, one, other)
    assert abs(price.factor * quantity.factor - 1) < D("1e-20")


@given(
    price=st.decimals("-9999", "9999", places=4),
    load_factor=st.decimals("0.05", "1", places=2),
    day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
)
def test_capacity_round_trips(price, load_factor, day):
    there = convert(price, "USD/MWh", "USD/MW-day", day=day, load_factor=load_factor)
    back = convert(there.value, "USD/MW-day", "USD/MWh", day=day, load_factor=load_factor)
    assert abs(back.value - price) <= D("0.000001")
