"""What a row type says of itself, and how numbers are served."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.rows import Column, Kind, Price, fields_of, served_number


@dataclass(slots=True)
class Row:
    iso: Annotated[str, Column("iso_code")]
    price: Price | None
    day: date
    at: Optional[datetime]  # noqa: UP045 - both spellings are read
    final: bool
    index: float | None = None
    tags: list[str] = field(default_factory=list)


def test_fields_say_name_column_kind_and_null():
    found = {f.name: (f.column, f.kind, f.nullable) for f in fields_of(Row)}
    assert found == {
        "iso": ("iso_code", Kind.TEXT, False),
        "price": ("price", Kind.PRICE, True),
        "day": ("day", Kind.DATE, False),
        "at": ("at", Kind.INSTANT, True),
        "final": ("final", Kind.BOOLEAN, False),
        "index": ("index", Kind.DOUBLE, True),
        "tags": ("tags", Kind.TEXTS, False),
    }


@given(st.decimals(-(10**9) + 1, 10**9 - 1, places=6))
def test_a_served_price_is_the_exact_decimal(price):
    served = served_number(price)
    text = str(served)
    assert "e" not in text.lower()
    assert Decimal(text) == price
    assert "." not in text or not text.endswith("0")


@given(st.decimals(-(10**9) + 1, 10**9 - 1, places=6))
def test_a_double_carries_a_price_exactly(price):
    assert Decimal(str(served_number(float(price)))) == price


@pytest.mark.parametrize(("value", "served"), [(None, None), (44.0, 44), (Decimal("-0.0"), 0)])
def test_edges(value, served):
    assert served_number(value) == served
