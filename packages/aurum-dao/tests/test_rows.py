"""From raw rows to typed ones: one rule in two forms, exact numbers, instants in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.rows import Kind, Price
from aurum_dao.warehouse.batches import CurrentRows
from aurum_dao.warehouse.dedupe import current_rows
from aurum_dao.warehouse.lru import LruCache
from aurum_dao.warehouse.shapes import Selection, decoded, shape_of

_rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.booleans()), max_size=20)


@given(rows=_rows, cuts=st.lists(st.integers(0, 20), max_size=4))
def test_batches_keep_what_rows_keep_wherever_they_are_cut(rows, cuts):
    rows = [(*row, number) for number, row in enumerate(sorted(rows, key=lambda row: row[:2]))]
    expected = current_rows(rows, (0, 1), 2)
    kept, rule = [], CurrentRows(("b", "a"))
    ends = sorted({0, *(cut for cut in cuts if cut < len(rows)), len(rows)})
    for start, end in pairwise(ends):
        columns = [list(column) for column in zip(*rows[start:end], strict=True)]
        batch = pa.RecordBatch.from_arrays(
            [pa.array(column) for column in columns], ["a", "b", "withdrawn", "number"]
        )
        kept += rule.kept(batch)["number"].to_pylist()
    assert kept == [row[3] for row in expected]


def test_rows_that_share_their_whole_key_are_versions_of_one():
    assert current_rows([(False, 1), (True, 2)], (), 0) == [(False, 1)]
    assert current_rows([(True, 1), (False, 2)], (), 0) == []
    assert current_rows([], (0,), 1) == []


def test_a_price_is_served_without_exponent_or_zeros():
    values = [None, 0.0, -0.0, 44.6, -4.0, 0.000001, -0.00005, 123456789.123456, 9e8]
    served = decoded(values, Kind.PRICE)
    assert [None if v is None else str(v) for v in served] == [
        None,
        "0",
        "0",
        "44.6",
        "-4",
        "0.000001",
        "-0.00005",
        "123456789.123456",
        "900000000",
    ]


@given(
    st.decimals(-(10**9) + 1, 10**9 - 1, places=6, allow_nan=False), st.sampled_from((False, True))
)
def test_a_double_carries_the_text_of_a_price(price, through_float):
    (served,) = decoded([float(price)], Kind.PRICE)
    assert Decimal(str(served)) == price
    assert "e" not in str(served).lower()


@given(st.integers(0, 180 * 365 * 86_400 * 10**6))
def test_seconds_carry_an_instant_to_the_microsecond(microseconds):
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    seconds = (instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    assert decoded([seconds, None], Kind.INSTANT) == [instant, None]
    (only,) = decoded([seconds], Kind.INSTANT)
    assert only == instant
    assert only.tzinfo is UTC


@dataclass(slots=True)
class Row:
    curve_key: str
    slug: str | None
    day: date
    value: Price | None


def test_rows_are_built_from_selected_shared_and_looked_up_columns():
    selection = Selection(
        names=("curve_key", "value"),
        kinds=(Kind.TEXT, Kind.PRICE),
        shared={"day": date(2026, 3, 2)},
        looked={"slug": ("curve_key", {"a": "first"}.get)},
    )
    build = shape_of(Row).builder(selection)
    assert build([]) == []
    assert build([("a", 1.5), ("b", None)]) == [
        Row("a", "first", date(2026, 3, 2), 1.5),
        Row("b", None, date(2026, 3, 2), None),
    ]
    assert selection.key_of(("a", 1.5), ("day", "curve_key")) == (date(2026, 3, 2), "a")


def test_a_cache_forgets_what_was_used_longest_ago():
    cache = LruCache(3)
    for name in "abc":
        cache.put(name, name)
    assert cache.find("a") == "a"
    cache.put("d", "d", 2)
    assert [cache.find(name) for name in "abcd"] == ["a", None, None, "d"]
    cache.put("e", "e", 4)
    assert cache.find("e") is None
    cache.put("d", "D", 1)
    assert cache.find("d") == "D"
    assert cache.find("a") == "a"
