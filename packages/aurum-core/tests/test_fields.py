"""Strict fields: what a client may write, and nothing that only looks like it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from aurum_core.dto.fields import (
    CommaList,
    Instant,
    InstantOrDate,
    IsoDate,
    IsoMonth,
    PlainDecimal,
    PlainInt,
    Price,
    Zone,
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (IsoDate, "2024-02-29", date(2024, 2, 29)),
        (IsoMonth, "2024-02", date(2024, 2, 1)),
        (PlainInt, "17", 17),
        (PlainDecimal, "-0.50", Decimal("-0.50")),
        (Instant, "2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        (Instant, "2024-01-01T00:00-05:00", datetime(2024, 1, 1, 5, tzinfo=UTC)),
        (Instant, "2024-01-01T00:00:00 05:00", datetime(2023, 12, 31, 19, tzinfo=UTC)),
        (InstantOrDate, "2024-01-01", date(2024, 1, 1)),
        (CommaList, "PJM, ERCOT,PJM", ("PJM", "ERCOT")),
    ],
)
def test_these_are_read(kind, text, value):
    assert TypeAdapter(kind).validate_python(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (IsoDate, "0"),
        (IsoDate, "2024-01-01T00:00:00"),
        (IsoDate, "2023-02-29"),
        (IsoDate, "20240101"),
        (IsoDate, "\u0662\u0660\u0662\u0664-01-01"),
        (IsoDate, 0),
        (IsoDate, "0001-01-01"),
        (Instant, "9999-12-31T23:59:59-10:00"),
        (IsoMonth, "2024-13"),
        (IsoMonth, "2024-1"),
        (PlainInt, "1_000"),
        (PlainInt, " 1"),
        (PlainInt, "+1"),
        (PlainInt, "1.0"),
        (PlainInt, "9" * 5000),
        (PlainInt, True),
        (PlainDecimal, "1e400"),
        (PlainDecimal, "NaN"),
        (PlainDecimal, "Infinity"),
        (Instant, "2024-01-01T00:00:00"),
        (Instant, "1704067200"),
        (InstantOrDate, "2024-01"),
        (CommaList, "PJM,,ERCOT"),
        (CommaList, ""),
        (Zone, "Mars/Olympus"),
        (Zone, "../../etc/passwd"),
    ],
)
def test_these_are_refused(kind, text):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


def test_a_price_is_exact_and_a_json_number():
    adapter = TypeAdapter(Price)
    assert adapter.validate_json("44.600000") == Decimal("44.6")
    assert adapter.dump_json(Decimal("44.600000")) == b"44.6"
    assert adapter.json_schema(mode="serialization") == {"type": "number"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Instant, "2021-01-02T00:00:00+25:00"), (IsoDate, "2023-02-29"), (IsoMonth, "2024-13")],
)
def test_a_refusal_is_our_own_sentence(kind, text):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(text)
    (error,) = refused.value.errors()
    assert error["msg"].startswith("Value error, must be ")
    assert "timedelta" not in error["msg"]
