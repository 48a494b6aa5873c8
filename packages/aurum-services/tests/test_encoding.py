"""Every format says the same, to the digit."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum_core.rows import Price, fields_of, served_number
from aurum_services import columnar
from aurum_services.encoding import batch_of, encode_page
from aurum_services.formats import ARROW, COLUMNS, CSV, EXPORTS, JSON, NDJSON, PARQUET


class Row(msgspec.Struct):
    name: str | None
    price: Price | None
    day: date
    at: datetime | None
    count: int
    index: float | None
    tags: list[str]


prices = st.none() | st.decimals(-(10**9) + 1, 10**9 - 1, places=6)
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001 - aware next
    lambda value: value.replace(tzinfo=UTC)
)
rows = st.lists(
    st.builds(
        Row,
        name=texts,
        price=prices.map(served_number),
        day=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
        at=st.none() | instants,
        count=st.integers(-(2**53), 2**53),
        index=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        tags=st.lists(
            st.text(st.characters(codec="ascii", categories=["L"]), min_size=1), max_size=3
        ),
    ),
    max_size=8,
)


def page(fmt, found, zone=None):
    return encode_page(fmt, found, Row, meta={}, links={}, zone=zone)


def unneutralised(cell: str) -> str:
    return cell.removeprefix("'")


@given(rows)
@settings(deadline=None, max_examples=150)
def test_all_formats_hold_the_same_rows(found):
    data = json.loads(page(JSON, found), parse_float=Decimal)["data"]
    columns = json.loads(page(COLUMNS, found), parse_float=Decimal)["data"]
    assert [
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    ] == data
    lines = page(NDJSON, found).decode().split("\n")[:-1]
    assert [json.loads(line, parse_float=Decimal) for line in lines] == data
    table = pq.read_table(io.BytesIO(page(PARQUET, found)))
    assert table.equals(pa.ipc.open_stream(page(ARROW, found)).read_all())
    assert table.to_pylist() == pa.Table.from_batches([batch_of(found, Row)]).to_pylist()


@given(rows)
@settings(deadline=None, max_examples=150)
def test_csv_numbers_are_the_bytes_of_json_and_texts_come_back(found):
    text = page(CSV, found).decode()
    assert not text.replace("\r\n", "").endswith("\n\n")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == [field.name for field in fields_of(Row)]
    raw = json.loads(page(JSON, found), parse_float=str, parse_int=str)["data"]
    for cells, row in zip(read[1:], raw, strict=True):
        assert [cells[i] or None for i in (1, 2, 3, 4, 5)] == [
            row[name] for name in ("price", "day", "at", "count", "index")
        ]
        assert unneutralised(cells[0]) == (row["name"] or "")


@given(st.text(max_size=20))
@settings(max_examples=500)
def test_no_text_cell_runs_as_a_formula(text):
    cell, last = next(csv.reader(io.StringIO(columnar.csv_text(text) + ",end\r\n", newline="")))
    assert last == "end"
    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert unneutralised(cell) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("44.600000", "44.6"),
        ("100.000000", "100"),
        ("0.000000", "0"),
        ("-0.000001", "-0.000001"),
        ("0.000010", "0.00001"),
        ("999999999.999999", "999999999.999999"),
        ("-4.00", "-4"),
    ],
)
def test_prices_have_no_exponent_and_no_trailing_zeros(value, text):
    assert json.loads(msgspec.json.Encoder(decimal_format="number").encode(
        [served_number(Decimal(value))]), parse_float=str, parse_int=str) == [text]  # fmt: skip
    array = pa.array([Decimal(value)], pa.decimal128(18, 6))
    fields = tuple(f for f in fields_of(Row) if f.name == "price")
    written = b"".join(columnar.encode_batches(CSV, fields, [pa.record_batch([array], ["price"])]))
    assert written == f"price\r\n{text}\r\n".encode()


def test_instants_carry_the_offset_of_the_zone_in_every_text_format():
    start = datetime(2021, 11, 7, 6, 0, tzinfo=UTC)

    def fresh():
        return [
            Row("x", 1, date(2021, 11, 7), start + timedelta(hours=n), n, None, []) for n in (0, 1)
        ]

    zone = ZoneInfo("America/Chicago")
    wanted = ["2021-11-07T01:00:00-05:00", "2021-11-07T01:00:00-06:00"]
    assert [row["at"] for row in json.loads(page(JSON, fresh(), zone))["data"]] == wanted
    assert json.loads(page(COLUMNS, fresh(), zone))["data"]["at"] == wanted
    assert [json.loads(line)["at"] for line in page(NDJSON, fresh(), zone).splitlines()] == wanted
    read = list(csv.DictReader(io.StringIO(page(CSV, fresh(), zone).decode(), newline="")))
    assert [row["at"] for row in read] == wanted
    arrow = pa.ipc.open_stream(page(ARROW, fresh(), zone)).read_all()
    assert arrow.schema.field("at").type == pa.timestamp("us", tz="America/Chicago")


def test_an_empty_page_is_a_whole_document_in_every_format():
    for fmt in EXPORTS.values():
        body = page(fmt, [])
        if fmt is CSV:
            assert body == b"name,price,day,at,count,index,tags\r\n"
        elif fmt is NDJSON:
            assert body == b""
        elif fmt is PARQUET:
            assert pq.read_table(io.BytesIO(body)).num_rows == 0
        else:
            assert pa.ipc.open_stream(body).read_all().num_rows == 0
