"""Row types follow their DTOs; fields narrow them; computed values become rows."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from aurum_api_v2 import rows
from aurum_core.dto.curves import CurvePoint, CurvePointVersion
from aurum_core.dto.iso import LmpAverage, LmpPriceVersion
from aurum_core.errors import RuleError
from aurum_core.rows import Kind, fields_of


def test_a_row_type_has_the_fields_of_its_dto_in_order():
    for row_type, dto in ((rows.CURVE_POINT, CurvePointVersion), (rows.LMP_PRICE, LmpPriceVersion)):
        assert row_type.__struct_fields__ == tuple(dto.model_fields)


def test_columns_and_kinds_come_through():
    found = {f.name: f for f in fields_of(rows.LMP_PRICE)}
    assert found["iso"].column == "iso_code"
    assert found["location"].column == "location_id"
    assert found["price_total"].kind is Kind.PRICE
    assert found["price_energy"].nullable
    assert found["interval_start"].kind is Kind.INSTANT


def test_fields_narrow_in_the_rows_own_order():
    narrow = rows.narrowed(rows.CURVE_POINT, ("value", "slug"), rows.CURVE_POINT_FIELDS)
    assert narrow.__struct_fields__ == ("slug", "value")
    assert narrow is rows.narrowed(rows.CURVE_POINT, ("slug", "value"), rows.CURVE_POINT_FIELDS)
    assert fields_of(narrow)[1].kind is Kind.PRICE


def test_without_fields_the_clocks_are_left_out():
    default = rows.narrowed(rows.CURVE_POINT, (), rows.CURVE_POINT_FIELDS)
    assert default.__struct_fields__ == tuple(CurvePoint.model_fields)
    asked = rows.narrowed(rows.CURVE_POINT, ("version", "published_at"), rows.CURVE_POINT_FIELDS)
    assert asked.__struct_fields__ == ("version", "published_at")


def test_an_unknown_field_is_named_with_those_there_are():
    with pytest.raises(RuleError, match="price_total"):
        rows.narrowed(rows.LMP_PRICE, ("price",))


@dataclass
class Inner:
    code: str


@dataclass
class Computed:
    inner: Inner
    iso_code: str
    price_avg: Decimal


def test_computed_values_are_read_by_column_dots_nest():
    narrow = rows.narrowed(rows.row_type_of(LmpAverage, rows.ISO_COLUMNS), ("iso", "price_avg"))
    (row,) = rows.projected([Computed(Inner("x"), "PJM", Decimal("36.100000"))], narrow)
    assert (row.iso, row.price_avg) == ("PJM", 36.1)
    nested = rows.row_type_of(LmpAverage, {"iso": "inner.code"})
    (row,) = rows.projected(
        [Computed(Inner("x"), "PJM", Decimal(1))], rows.narrowed(nested, ("iso",))
    )
    assert row.iso == "x"
    assert rows.projected([row], type(row)) == [row]
