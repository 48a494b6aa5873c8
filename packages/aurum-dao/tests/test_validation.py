"""Checking a load: what is read, what follows, what is refused and why."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum_core.errors import LoadError
from aurum_core.market.time import hour_ending_of, hour_label_of, operating_date_of, zone_of
from aurum_core.rows import Kind
from aurum_dao.schemas.catalogue import CURVES, LMP
from aurum_dao.schemas.dataset import ColumnSpec
from aurum_dao.schemas.reference import CONTRACT_EXPIRY, LOCATION
from aurum_dao.testing.writers import HOUR, price, quote
from aurum_dao.warehouse.validation import Stamp, check_dataset, check_reference
from aurum_dao.warehouse.validation.casting import cast_column

STAMP = Stamp(source="desk", source_ref="f", ingested_at=datetime(2026, 3, 3, tzinfo=UTC))
PRICE = ColumnSpec("p", Kind.PRICE, "a price")


def check(dataset, *rows):
    return check_dataset(dataset, pa.Table.from_pylist(list(rows)), STAMP)


def reason(dataset, row):
    checked = check(dataset, row)
    assert checked.table.num_rows == 0
    (rejection,) = checked.rejections
    return rejection.reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"iso_code": "NOWHERE"}, "Unknown ISO"),
        ({"market": "YESTERDAY"}, "NOWHERE|YESTERDAY|market"),
        ({"market": None}, "market is missing"),
        ({"location_id": " "}, "location_id is missing"),
        ({"location_id": "a\x00b"}, "location_id cannot be read"),
        ({"interval_start": None}, "interval_start is missing"),
        ({"interval_start": "2026-03-03T05:00:00"}, "interval_start cannot be read"),
        (
            {"interval_start": datetime(2026, 3, 3, 5, tzinfo=UTC).replace(tzinfo=None)},
            "interval_start cannot be read",
        ),
        ({"interval_minutes": 0}, "interval_minutes"),
        ({"interval_minutes": 5.5}, "interval_minutes cannot be read"),
        ({"interval_end": datetime(2026, 3, 3, 5, 30, tzinfo=UTC)}, "interval_end does not agree"),
        ({"operating_date": date(2026, 3, 2)}, "operating_date does not agree"),
        ({"hour_ending": 24}, "hour_ending does not agree"),
        ({"hour_label": "02X"}, "hour_label does not agree"),
        ({"price_total": None}, "price_total is missing"),
        ({"price_total": "12,5"}, "price_total cannot be read"),
        ({"price_total": float("nan")}, "price_total cannot be read"),
        ({"price_total": float("-inf")}, "price_total cannot be read"),
        ({"price_total": 1e9}, "price_total cannot be read"),
        ({"price_energy": 29.0}, "sum of its components"),
        ({"price_energy": 20.0, "price_loss": 9.97}, "sum of its components"),
        ({"finality": "maybe"}, "finality"),
        ({"location_type": "PLANET"}, "location_type"),
        ({"withdrawn": "perhaps"}, "withdrawn cannot be read"),
        ({"currency": "XXX"}, "Unknown currency 'XXX'"),
        ({"currency": "c"}, "Unknown currency 'c'"),
        ({"uom": "furlong"}, "furlong"),
        ({"uom": "EUR/MWh"}, "'EUR/MWh' is not in USD"),
        ({"uom": "c/kWh"}, "'c/kWh' is not the unit of a price per energy"),
        ({"uom": "bbl"}, "'bbl' is not the unit of a price per energy"),
        ({"interval_minutes": 7}, "interval_minutes is not one of 5, 10, 15, 20, 30, 60"),
        ({"interval_minutes": 1440}, "interval_minutes is not one of"),
        ({"interval_minutes": 15}, "interval_minutes of DAY_AHEAD_HOURLY is not 60"),
        ({"market": "REAL_TIME_HOURLY", "interval_minutes": 5}, "REAL_TIME_HOURLY is not 60"),
        (
            {"interval_start": datetime(2026, 3, 3, 5, 30, tzinfo=UTC)},
            "interval_start is not on the grid of 60 minutes",
        ),
        (
            {"market": "REAL_TIME_5_MIN", "interval_start": HOUR + timedelta(minutes=7)},
            "interval_start is not on the grid of 5 minutes",
        ),
        (
            {"market": "REAL_TIME_5_MIN", "interval_start": HOUR + timedelta(seconds=1)},
            "interval_start is not on the grid of 5 minutes",
        ),
    ],
)
def test_lmp_row_is_refused(change, words):
    found = reason(LMP, price(**change))
    assert any(word in found for word in words.split("|")), found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"asset_class": "cheese"}, "Unknown asset class"),
        ({"asset_class": None}, "asset_class is missing"),
        ({"iso": "NOWHERE"}, "Unknown ISO"),
        ({"block": "5x17"}, "Unknown block"),
        ({"location": "A|B"}, "may not hold"),
        ({"curve_key": "0" * 64}, "curve_key does not agree"),
        ({"tenor_type": "FORTNIGHT"}, "Unknown tenor type"),
        ({"delivery_start": date(2026, 4, 2)}, "one whole month"),
        ({"delivery_end": date(2026, 4, 29)}, "one whole month"),
        ({"tenor_type": "WEEKLY"}, "delivery_end is missing"),
        ({"contract_month": date(2026, 5, 1)}, "contract_month does not agree"),
        ({"price_type": "GUESS"}, "price_type"),
        ({"units_raw": "$/furlong"}, "furlong"),
        ({"units_raw": None}, "currency is missing"),
        ({"units_raw": None, "currency": "USD"}, "per_unit is missing"),
        ({"currency": "EUR"}, "not in EUR"),
        ({"currency": "XXX", "per_unit": "MWh", "units_raw": None}, "Unknown currency 'XXX'"),
        ({"currency": "c", "per_unit": "MWh"}, "Unknown currency 'c'"),
        ({"currency": "ZZZ", "per_unit": "furlong"}, "Unknown currency 'ZZZ'"),
        ({"asof_date": "2026-02-30"}, "asof_date cannot be read"),
        ({"value": "1e400"}, "value cannot be read"),
        ({"lineage_tags": "{"}, "lineage_tags cannot be read"),
        ({"lineage_tags": '{"x": NaN}'}, "lineage_tags cannot be read"),
    ],
)
def test_curve_row_is_refused(change, words):
    assert words in reason(CURVES, quote(**change))


def test_first_reason_is_kept_and_the_rest_is_loaded():
    checked = check(LMP, price(), price(price_total=None, iso_code="NOWHERE"))
    assert checked.table.num_rows == 1
    assert [r.reason for r in checked.rejections] == ["Unknown ISO 'NOWHERE'"]


@pytest.mark.parametrize(
    ("currency", "uom", "expected"),
    [
        (None, None, ("USD", "MWh")),
        ("eur", "mwh", ("EUR", "MWh")),
        ("USD", "USD/MWh", ("USD", "MWh")),
        (None, "$/MWh", ("USD", "MWh")),
        ("PLN", "megawatthours", ("PLN", "MWh")),
    ],
)
def test_lmp_unit_is_canonical(currency, uom, expected):
    (found,) = check(LMP, price(currency=currency, uom=uom)).table.to_pylist()
    assert (found["currency"], found["uom"]) == expected


def test_five_minute_market_holds_hours_beside_its_grid():
    """A publisher's hourly rows of the same series: readers count one length per hour."""
    rows = [
        price(market="REAL_TIME_5_MIN", interval_minutes=minutes, interval_start=at)
        for minutes, at in ((60, HOUR), (5, HOUR), (15, HOUR + timedelta(minutes=45)))
    ]
    assert check(LMP, *rows).rejections == []


def test_dispatch_runs_begin_when_they_begin():
    row = price(
        iso_code="ERCOT",
        market="REAL_TIME_SCED",
        interval_start=HOUR + timedelta(minutes=3, seconds=17),
    )
    assert check(LMP, row).rejections == []


def test_components_within_two_cents_add_up():
    row = price(price_energy=28.0, price_congestion=1.5, price_loss=0.48)
    assert check(LMP, row).rejections == []


def test_unpublished_energy_is_what_remains():
    checked = check(LMP, price(price_congestion=-2.5, price_loss=0.5))
    assert checked.table["price_energy"].to_pylist() == [Decimal("32.000000")]


def test_settlement_price_keeps_null_components():
    checked = check(LMP, price(iso_code="ERCOT"))
    assert checked.table["price_energy"].to_pylist() == [None]


def test_text_cells_are_read():
    row = price(interval_start="2026-03-03 00:00:00-05:00", price_total=" -12.50 ", withdrawn="N")
    (found,) = check(LMP, row).table.to_pylist()
    assert found["interval_start"] == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert (found["price_total"], found["withdrawn"]) == (Decimal("-12.50"), False)


@pytest.mark.parametrize(
    ("units", "value", "expected", "per_unit"),
    [("c/kWh", 7.25, "0.0725", "kWh"), ("$/MWh", 40.0, "40", "MWh")],
)
def test_value_is_in_the_canonical_unit(units, value, expected, per_unit):
    (found,) = check(CURVES, quote(units_raw=units, value=value)).table.to_pylist()
    assert (found["value"], found["currency"], found["per_unit"]) == (
        Decimal(expected),
        "USD",
        per_unit,
    )
    assert found["units_raw"] == units


def test_named_unit_is_not_scaled_again():
    row = quote(units_raw="c/kWh", currency="USD", per_unit="kWh", value=0.0725)
    (found,) = check(CURVES, row).table.to_pylist()
    assert found["value"] == Decimal("0.0725")


@pytest.mark.parametrize(
    ("kind", "start", "end", "label"),
    [
        ("DAILY", date(2026, 4, 3), date(2026, 4, 3), "2026-04-03"),
        ("MONTHLY", date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
        ("QUARTER", date(2026, 7, 1), date(2026, 9, 30), "2026-Q3"),
        ("CALENDAR", date(2027, 1, 1), date(2027, 12, 31), "Cal 2027"),
        ("BALMO", date(2026, 4, 10), date(2026, 4, 30), "BalMo 2026-04-10"),
    ],
)
def test_delivery_end_follows_where_the_tenor_says_it(kind, start, end, label):
    (found,) = check(CURVES, quote(tenor_type=kind.lower(), delivery_start=start)).table.to_pylist()
    assert (found["tenor_type"], found["delivery_end"], found["tenor_label"]) == (kind, end, label)


def test_spellings_of_one_curve_are_one_curve():
    rows = [
        quote(iso="pjm", location=" west ", market="day ahead", block="5x16"),
        quote(price_type="ASK", asset_class="POWER"),
    ]
    assert len(set(check(CURVES, *rows).table["curve_key"].to_pylist())) == 1


def test_missing_columns_are_named():
    with pytest.raises(LoadError, match="asof_date, asset_class, price_type, tenor_type"):
        check(CURVES, {"delivery_start": date(2026, 4, 1)})


def test_empty_load_is_checked():
    empty = pa.Table.from_pylist([price()]).slice(0, 0)
    assert check_dataset(LMP, empty, STAMP).table.num_rows == 0


def test_reference_defaults():
    raw = pa.Table.from_pylist([{"iso_code": "ercot", "location_id": "HB"}])
    (row,) = check_reference(LOCATION, raw).table.to_pylist()
    assert (row["iso_code"], row["timezone"]) == ("ERCOT", "America/Chicago")


def test_contract_month_is_a_first_day():
    rows = [{"root": "ng", "contract_month": "2026-04-02", "last_trade": "2026-03-27"}]
    checked = check_reference(CONTRACT_EXPIRY, pa.Table.from_pylist(rows))
    assert "first day" in checked.rejections[0].reason


KINDS = sorted({c.kind for d in (CURVES, LMP) for c in d.all_columns} | {Kind.DOUBLE})
CENTS = st.integers(-999_999_999_999_999, 999_999_999_999_999)


@given(st.lists(CENTS, min_size=1, max_size=50))
def test_price_text_and_double_are_one_decimal(millionths):
    exact = [Decimal(n).scaleb(-6) for n in millionths]
    texts, _ = cast_column(pa.array([f"{d:f}" for d in exact]), PRICE)
    doubles, _ = cast_column(pa.array([float(d) for d in exact]), PRICE)
    decimals, _ = cast_column(pa.array(exact, pa.decimal128(30, 6)), PRICE)
    assert texts.to_pylist() == doubles.to_pylist() == decimals.to_pylist() == exact


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats()), max_size=30))
def test_any_text_is_read_or_refused(cells):
    texts = [None if cell is None else str(cell) for cell in cells]
    for kind in KINDS:
        column = ColumnSpec("c", kind, "anything")
        array, unreadable = cast_column(pa.array(texts, pa.string()), column)
        assert len(array) == len(texts)
        for n, text in enumerate(texts):
            lost = unreadable is not None and unreadable[n].as_py()
            empty = text is None or not text.strip()
            assert array[n].is_valid or lost or empty


FIVE_MINUTES = st.integers(0, 20 * 366 * 288)
INSTANTS = FIVE_MINUTES.map(lambda n: datetime(2015, 1, 1, tzinfo=UTC) + n * timedelta(minutes=5))
ISOS = st.sampled_from(["PJM", "MISO", "ERCOT", "CAISO"])


@settings(max_examples=60)
@given(st.lists(st.tuples(ISOS, INSTANTS), min_size=1, max_size=40, unique=True))
def test_local_time_agrees_with_market_time(places):
    rows = [price(iso_code=iso, interval_start=at, market="REAL_TIME_5_MIN") for iso, at in places]
    found = {
        (row["iso_code"], row["interval_start"]): row for row in check(LMP, *rows).table.to_pylist()
    }
    for iso, at in places:
        row, zone = found[iso, at], zone_of(iso)
        assert row["operating_date"] == operating_date_of(at, zone)
        assert row["hour_ending"] == hour_ending_of(at, zone)
        assert row["hour_label"] == hour_label_of(at, zone)
        assert row["interval_end"] - at == timedelta(minutes=row["interval_minutes"])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 2)), max_size=12))
def test_every_row_is_counted_once(rows):
    """A model of duplicates: claims with one value are kept once, with several refused."""
    loads = [
        quote(delivery_start=date(2026, 4 + month, 1), value=float(value), version=version)
        for month, value, version in rows
    ] or [quote()]
    checked = check(CURVES, *loads)
    said = {}
    for row in loads:
        said.setdefault((row["delivery_start"], row.get("version", 1)), []).append(row["value"])
    assert checked.table.num_rows == sum(len(set(v)) == 1 for v in said.values())
    assert len(checked.rejections) == sum(len(v) for v in said.values() if len(set(v)) > 1)
