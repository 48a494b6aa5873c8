"""Curves, differences and strips under the old contract."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

META = (
    "request_id", "query_time_ms", "next_cursor", "prev_cursor", "has_more", "count", "total",
    "offset", "limit",
)  # fmt: skip
POINT = (
    "curve_key", "tenor_label", "tenor_type", "contract_month", "asof_date", "mid", "bid", "ask",
    "price_type",
)  # fmt: skip


def test_envelope_and_rows_carry_every_field_in_order(bench):
    body = bench.get("/v1/curves", limit=2).json()
    assert tuple(body) == ("meta", "data")
    assert tuple(body["meta"]) == META
    assert all(tuple(row) == POINT for row in body["data"])
    meta = body["meta"]
    assert (meta["request_id"], meta["count"], meta["limit"]) == ("test-request", 2, 2)
    assert (meta["offset"], meta["total"], meta["has_more"]) == (0, None, True)
    assert body["data"][0] == {
        "curve_key": "aa",
        "tenor_label": "2026-04",
        "tenor_type": "MONTHLY",
        "contract_month": "2026-04-01",
        "asof_date": "2026-03-03",
        "mid": 40,
        "bid": 1.5,
        "ask": None,
        "price_type": "MID",
    }


def walk(bench, url, **params):
    """Return every row forward, then every row of the way back."""
    page = bench.get(url, **params).json()
    rows = list(page["data"])
    while page["meta"]["next_cursor"]:
        page = bench.get(url, **{**params, "cursor": page["meta"]["next_cursor"]}).json()
        rows += page["data"]
    back = list(page["data"])
    while page["meta"]["prev_cursor"]:
        page = bench.get(url, **{**params, "prev_cursor": page["meta"]["prev_cursor"]}).json()
        back = page["data"] + back
        assert page["meta"]["next_cursor"], "after walking back, next_cursor is there again"
    return rows, back


@pytest.mark.parametrize("limit", [1, 4, 37, 500])
def test_pages_forward_and_back_are_the_whole_set(bench, limit):
    forward, back = walk(bench, "/v1/curves", limit=limit)
    assert len(forward) == 37
    assert forward == back
    assert [r["tenor_label"] for r in forward[:2]] == ["2026-04", "2026-05"]


def test_limit_over_the_maximum_is_clamped_and_said(bench):
    meta = bench.get("/v1/curves", limit=1000).json()["meta"]
    assert meta["limit"] == 500
    assert bench.get("/v1/curves", limit=1001).status_code == 422


def test_csv_is_the_json_under_its_file_name(bench):
    rows = bench.get("/v1/curves", limit=5, offset=3).json()
    answer = bench.get("/v1/curves", limit=5, offset=3, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="curves.csv"'
    assert answer.headers["x-next-cursor"] == rows["meta"]["next_cursor"]
    assert answer.headers["x-prev-cursor"] == rows["meta"]["prev_cursor"]
    read = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert tuple(read[0]) == POINT
    raw = json.loads(
        bench.get("/v1/curves", limit=5, offset=3).text, parse_int=str, parse_float=str
    )
    assert read[1:] == [[row[n] or "" for n in POINT] for row in raw["data"]]


def test_asof_is_exact_and_a_past_one_stays_fresh_longer(bench):
    assert bench.get("/v1/curves", asof="2026-03-02").json()["data"][0]["mid"] == 39
    assert bench.get("/v1/curves", asof="2026-02-02").json()["data"] == []
    assert bench.curves.asked[-1].asof.policy == "exact"


def test_filters_reach_the_reader_in_canonical_form(bench):
    answer = bench.get(
        "/v1/curves", iso="iso-ne", asset_class="Power", market="da", block="PEAK", unknown="1"
    )
    assert answer.status_code == 200
    where = bench.curves.asked[-1].where
    assert (where.iso, where.asset_class, where.market) == (("ISONE",), ("power",), ("DAY_AHEAD",))
    assert where.block == ("5x16",)
    bench.get("/v1/curves", block="peak")
    assert bench.curves.asked[-1].where.block == ("5x16", "6x16")
    bench.get("/v1/curves", block="peak", iso="CAISO")
    assert bench.curves.asked[-1].where.block == ("6x16",)
    bench.get("/v1/curves", block="my own", iso="")
    assert (where := bench.curves.asked[-1].where).block == ("my own",)
    assert where.iso == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("asof", "20260303"),
        ("asof", "2026-03-03T00:00:00"),
        ("asof", "2026-13-01"),
        ("asof", "0"),
        ("tenor_type", "monthly"),
        ("tenor_type", "DAILY"),
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "1_0"),
        ("limit", "x"),
        ("offset", "-1"),
        ("offset", "100001"),
        ("format", "xml"),
    ],
)
def test_broken_parameters_are_named(bench, name, value):
    answer = bench.get("/v1/curves", **{name: value})
    assert answer.status_code == 422
    (entry,) = answer.json()["detail"]
    assert entry["loc"] == ["query", name]
    assert set(entry) == {"type", "loc", "msg"}


def test_diff_is_a_fraction_and_rounds_once(bench):
    body = bench.get(
        "/v1/curves/diff", asof_a="2026-03-02", asof_b="2026-03-03", curve_key="aa", limit=1
    ).json()
    assert body["data"] == [
        {
            "curve_key": "aa",
            "tenor_label": "2026-04",
            "tenor_type": "MONTHLY",
            "contract_month": "2026-04-01",
            "asof_a": "2026-03-02",
            "mid_a": 39,
            "asof_b": "2026-03-03",
            "mid_b": 40,
            "diff_abs": 1,
            "diff_pct": 0.025641,
        }
    ]
    forward, _ = walk(
        bench, "/v1/curves/diff", asof_a="2026-03-02", asof_b="2026-03-03", iso="PJM", limit=7
    )
    assert len(forward) == 37
    assert forward[3]["tenor_label"] == "2026-07"


def test_diff_has_guard_rails(bench):
    days = {"asof_a": "2026-03-02", "asof_b": "2026-03-03"}
    assert bench.get("/v1/curves/diff", **days).status_code == 422
    same = bench.get("/v1/curves/diff", asof_a="2026-03-02", asof_b="2026-03-02", iso="PJM")
    assert same.json()["detail"][0]["loc"] == ["query", "asof_b"]
    assert bench.get("/v1/curves/diff", asof_a="2026-03-02", iso="PJM").status_code == 422


def test_quoted_strips_win_and_computed_ones_stand_beside_them(bench):
    rows = bench.get("/v1/curves/strips", type="QUARTER", limit=500).json()["data"]
    assert all(tuple(row) == POINT for row in rows)
    by_name = {(r["curve_key"], r["tenor_label"]): r for r in rows}
    assert by_name["aa", "2026-Q3"]["mid"] == 99.5
    assert by_name["aa", "2026-Q3"]["ask"] == 100
    assert by_name["bb", "2026-Q3"]["mid"] == 7
    assert by_name["aa", "2026-Q4"]["mid"] == 47
    assert by_name["aa", "2026-Q4"]["contract_month"] is None
    order = [(r["curve_key"], r["tenor_label"]) for r in rows]
    assert order == sorted(order)
    calendars = bench.get("/v1/curves/strips", type="CALENDAR").json()["data"]
    assert {r["tenor_label"] for r in calendars} == {"Cal 2026", "Cal 2027"}
    assert {r["mid"] for r in calendars} == {None}, "months are missing"
    assert bench.get("/v1/curves/strips", type="MONTHLY").status_code == 422
    assert bench.get("/v1/curves/strips").status_code == 422


def test_a_quote_of_an_older_day_does_not_stand_beside_newer_months(bench, monkeypatch):
    quote = next(row for row in bench.curves.rows if row["tenor_type"] == "QUARTER")
    quote["asof_date"] = date(2026, 3, 2)
    read = bench.curves.list_observations

    async def newest_quoted(query, row_type, window):
        asof = replace(query.asof, day=date(2026, 3, 2))
        return await read(replace(query, asof=asof), row_type, window)

    monkeypatch.setattr(bench.curves, "list_observations", newest_quoted)
    rows = bench.get("/v1/curves/strips", type="QUARTER", curve_key="aa").json()["data"]
    found = {row["tenor_label"]: (row["mid"], row["asof_date"]) for row in rows}
    assert found["2026-Q3"] == (44, "2026-03-03")


@pytest.mark.parametrize(
    ("asset_class", "summer"), [("power", "5.5"), ("gas", None)], ids=["Apr-Sep", "Apr-Oct"]
)
def test_a_summer_is_the_one_that_the_market_means(bench, asset_class, summer):
    bench.curves.asset_class = asset_class
    rows = bench.get("/v1/curves/strips", type="SEASON", curve_key="bb").json()["data"]
    labels = [row["tenor_label"] for row in rows]
    assert len(labels) == len(set(labels))
    values = {row["tenor_label"]: row["mid"] for row in rows}
    assert values["Winter 2026-27"] == 12
    if summer:
        assert Decimal(str(values["Summer 2026"])) == Decimal(summer)
    else:
        assert values["Summer 2026"] == 6


def test_strips_walk_on_signed_cursors_and_old_offsets(bench):
    whole = bench.get("/v1/curves/strips", type="QUARTER").json()["data"]
    page = bench.get("/v1/curves/strips", type="QUARTER", limit=3).json()
    rows = list(page["data"])
    while page["meta"]["next_cursor"]:
        cursor = page["meta"]["next_cursor"]
        page = bench.get("/v1/curves/strips", type="QUARTER", limit=3, cursor=cursor).json()
        rows += page["data"]
    assert rows == whole
    skipped = bench.get("/v1/curves/strips", type="QUARTER", offset=4).json()
    assert skipped["data"] == whole[4:]
    assert skipped["meta"]["offset"] == 4


def test_demo_rows_are_marked(bench):
    assert "x-aurum-source" not in bench.get("/v1/curves").headers
    for row in bench.curves.rows:
        row["source"] = "synthetic"
    for url, extra in (
        ("/v1/curves", {}),
        ("/v1/curves", {"format": "csv"}),
        ("/v1/curves/diff", {"asof_a": "2026-03-02", "asof_b": "2026-03-03", "iso": "PJM"}),
        ("/v1/curves/strips", {"type": "QUARTER"}),
    ):
        assert bench.get(url, **extra).headers["x-aurum-source"] == "synthetic"


def test_a_walk_keeps_the_day_it_began_on(bench):
    bench.clock.instant = datetime(2026, 3, 5, 4, 50, tzinfo=UTC)  # 23:50 in New York
    page = bench.get("/v1/curves", limit=3).json()
    bench.clock.instant += timedelta(minutes=30)
    bench.services.data_clock.version = 8
    bench.get("/v1/curves", limit=3, cursor=page["meta"]["next_cursor"])
    assert bench.curves.asked[-1].asof.today == date(2026, 3, 4)
    assert bench.curves.asked[-1].pin.data_version == 7
