"""ISO prices under the old contract."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

LMP = (
    "iso_code", "market", "delivery_date", "interval_start", "interval_end", "interval_minutes",
    "location_id", "location_name", "location_type", "price_total", "price_energy",
    "price_congestion", "price_loss", "currency", "uom", "settlement_point", "source_run_id",
    "ingest_ts", "record_hash", "metadata",
)  # fmt: skip
AVERAGE = (
    "iso_code", "market", "interval_start", "location_id", "currency", "uom", "price_avg",
    "price_min", "price_max", "price_stddev", "sample_count",
)  # fmt: skip
ROUTES = ("/v1/iso/lmp/last-24h", "/v1/iso/lmp/negative", "/v1/iso/lmp/hourly", "/v1/iso/lmp/daily")


def fields_of(url: str) -> tuple[str, ...]:
    return AVERAGE if url.endswith(("hourly", "daily")) else LMP


@pytest.mark.parametrize("url", ROUTES)
def test_every_field_in_order_and_csv_says_the_same(bench, url):
    answer = bench.get(url, limit=3)
    rows = json.loads(answer.text, parse_int=str, parse_float=str)["data"]
    assert all(tuple(row) == fields_of(url) for row in rows)
    file = bench.get(url, limit=3, format="csv")
    name = "iso-lmp-" + url.rpartition("/")[2] + ".csv"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    read = list(csv.reader(io.StringIO(file.text, newline="")))
    assert tuple(read[0]) == fields_of(url)
    text = [
        ["" if row[n] is None else row[n] for n in fields_of(url) if n != "metadata"]
        for row in rows
    ]
    assert [cells[: len(text[0])] for cells in read[1:]] == text


def test_words_of_v1_stand_for_the_series(bench):
    rows = bench.get("/v1/iso/lmp/last-24h").json()["data"]
    assert {row["market"] for row in rows} == {"DAY_AHEAD", "REAL_TIME"}
    for word in ("DA", "day_ahead", "DAY_AHEAD_HOURLY"):
        found = bench.get("/v1/iso/lmp/last-24h", market=word).json()["data"]
        assert {row["market"] for row in found} == {"DAY_AHEAD"}
    settled = bench.get("/v1/iso/lmp/last-24h", market="RT", iso_code="ercot").json()["data"]
    assert [row["price_total"] for row in settled] == [10]


@pytest.mark.parametrize(
    "filters",
    [
        {"market": "no such"},
        {"iso_code": "no such"},
        {"iso_code": "no such", "market": "RT"},
        {"iso_code": "WECC", "market": "RT"},
    ],
)
def test_words_that_are_not_known_match_nothing(bench, filters):
    for url in ROUTES:
        answer = bench.get(url, **filters)
        assert answer.status_code == 200
        assert answer.json()["data"] == []


def test_settlement_point_hash_and_component(bench):
    rows = {row["iso_code"]: row for row in bench.get("/v1/iso/lmp/last-24h").json()["data"]}
    assert rows["ERCOT"]["settlement_point"] == "HB_NORTH"
    assert rows["ERCOT"]["metadata"] is None
    assert rows["CAISO"]["settlement_point"] is None
    assert rows["CAISO"]["metadata"] == {"price_ghg": 2.5}
    before = rows["CAISO"]["record_hash"]
    assert len(before) == 64
    bench.prices.rows[-1]["location_name"] = "renamed"
    again = bench.get("/v1/iso/lmp/last-24h", iso_code="CAISO").json()["data"][0]
    assert again["record_hash"] == before
    bench.prices.rows[-1]["price_total"] += 1
    changed = bench.get("/v1/iso/lmp/last-24h", iso_code="CAISO").json()["data"][0]
    assert changed["record_hash"] != before


def test_negative_prices_only(bench):
    body = bench.get("/v1/iso/lmp/negative").json()
    assert [row["price_total"] for row in body["data"]] == [-1.25]
    assert all(row["price_total"] < 0 for row in body["data"])
    assert bench.prices.asked[-1].newest_first


def test_averages_name_their_bucket_by_its_start_in_utc(bench):
    (daily,) = bench.get("/v1/iso/lmp/daily", iso_code="ERCOT", market="DA").json()["data"]
    assert daily["interval_start"] == "2026-03-02T06:00:00Z"
    assert (daily["price_avg"], daily["sample_count"]) == (0.625, 4)
    assert daily["price_stddev"] == 1.493039
    hourly = bench.get("/v1/iso/lmp/hourly", iso_code="ERCOT", market="DA").json()["data"]
    assert hourly[0]["interval_start"] == "2026-03-02T06:00:00Z"
    assert hourly[0]["price_stddev"] is None


@pytest.mark.parametrize(
    ("start", "end", "asked"),
    [
        ("2026-03-02", "2026-03-03", (None, None, date(2026, 3, 2), date(2026, 3, 3))),
        ("2026-03-02", None, (None, None, date(2026, 3, 2), None)),
        (
            "2026-03-02T07:00:00",
            "2026-03-02T09:00:00+01:00",
            (datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC), None, None),
        ),
        (
            "2026-03-02 07:00",
            "2026-03-03",
            (datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 3, 6, tzinfo=UTC), None, None),
        ),
        (None, "2026-03-02T07:00:00Z", (None, datetime(2026, 3, 2, 7, tzinfo=UTC), None, None)),
    ],
)
def test_a_range_is_of_instants_or_of_operating_days(bench, start, end, asked):
    answer = bench.get("/v1/iso/lmp/hourly", iso_code="ERCOT", start=start, end=end)
    assert answer.status_code == 200, answer.text
    query = bench.prices.asked[-1]
    assert (query.start, query.end, query.first_day, query.end_day) == asked


def test_a_mixed_range_without_an_iso_begins_at_midnight_utc(bench):
    bench.get("/v1/iso/lmp/daily", start="2026-03-02", end="2026-03-03T00:00:00Z")
    assert bench.prices.asked[-1].start == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("url", ["/v1/iso/lmp/hourly", "/v1/iso/lmp/daily"])
def test_start_after_end_is_400_and_equal_ends_are_empty(bench, url):
    answer = bench.get(url, start="2026-03-03", end="2026-03-02")
    assert (answer.status_code, answer.json()) == (400, {"detail": "start_after_end"})
    assert bench.get(url, start="2026-03-02", end="2026-03-02").json()["data"] == []


@pytest.mark.parametrize(
    ("url", "name", "value"),
    [
        ("/v1/iso/lmp/hourly", "start", "yesterday"),
        ("/v1/iso/lmp/hourly", "start", "2026-02-30"),
        ("/v1/iso/lmp/hourly", "end", "20260302"),
        ("/v1/iso/lmp/hourly", "end", "2026-03-02T25:00:00Z"),
        ("/v1/iso/lmp/daily", "end", "0001-01-01T00:00:00+14:00"),
        ("/v1/iso/lmp/daily", "start", "1772409600"),
        ("/v1/iso/lmp/daily", "limit", "2001"),
        ("/v1/iso/lmp/last-24h", "limit", "0"),
        ("/v1/iso/lmp/negative", "limit", "1001"),
        ("/v1/iso/lmp/negative", "format", "CSV"),
    ],
)
def test_broken_parameters_are_named(bench, url, name, value):
    answer = bench.get(url, **{name: value})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]


def test_demo_locations_are_marked(bench):
    for url in ROUTES:
        assert "x-aurum-source" not in bench.get(url).headers
    for row in bench.prices.rows:
        row["location_id"] = "DEMO_HUB"
    for url in ROUTES:
        assert bench.get(url).headers["x-aurum-source"] == "synthetic"


def test_limit_says_whether_there_is_more(bench):
    meta = bench.get("/v1/iso/lmp/last-24h", limit=2).json()["meta"]
    assert (meta["has_more"], meta["count"], meta["limit"]) == (True, 2, 2)
    assert meta["next_cursor"] is None
