"""Goldens 2 and 4 through the whole house: file, writer, reader, service, HTTP."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from aurum_app.factory import create_app
from aurum_app.resources import open_writer
from aurum_core.settings import AurumSettings, StorageSettings
from aurum_testkit.shared import require_shared

pytestmark = [pytest.mark.integration, pytest.mark.shared]
SERIES = {
    "g2_lmp_hourly.csv": ("DAY_AHEAD_HOURLY", "HOURLY"),
    "g2_lmp_rt5.csv": ("REAL_TIME_5_MIN", "RT5"),
    "g2_lmp_mixed.csv": ("REAL_TIME_5_MIN", "MIXED"),
}


def lmp_batch(path: Path, market: str, location: str, *, iso: str = "PJM") -> pa.RecordBatch:
    rows = list(csv.DictReader(path.read_text().splitlines()))
    return pa.RecordBatch.from_pydict(
        {
            "iso_code": [iso] * len(rows),
            "market": [market] * len(rows),
            "location_id": [location] * len(rows),
            "interval_start": [row["interval_start_utc"] for row in rows],
            "interval_minutes": [int(row["interval_minutes"]) for row in rows],
            "price_total": [row["price_total"] for row in rows],
            "currency": ["USD"] * len(rows),
            "uom": ["MWh"] * len(rows),
            "finality": ["final"] * len(rows),
        }
    )


def curve_batch(path: Path) -> pa.RecordBatch:
    rows = list(csv.DictReader(path.read_text().splitlines()))
    same = {
        "asset_class": "power",
        "iso": "PJM",
        "location": "WEST",
        "market": "DA",
        "block": "5x16",
        "price_type": "MID",
        "currency": "USD",
        "per_unit": "MWh",
    }
    own = ("asof_date", "tenor_type", "delivery_start", "delivery_end", "published_at")
    columns = {name: [row[name] for row in rows] for name in own}
    columns["value"] = [row["mid"] or None for row in rows]
    columns["version"] = [int(row["version"]) for row in rows]
    columns["withdrawn"] = [row["withdrawn"].lower() == "true" for row in rows]
    return pa.RecordBatch.from_pydict(
        {**columns, **{name: [value] * len(rows) for name, value in same.items()}}
    )


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    golden = require_shared("golden")
    settings = AurumSettings(storage=StorageSettings(data_dir=tmp_path_factory.mktemp("goldens")))
    with open_writer(settings) as writer:
        for name, (market, location) in SERIES.items():
            batch = lmp_batch(golden / name, market, location)
            summary = writer.load("lmp", [batch], source="golden")
            assert (summary.inserted, summary.quarantined) == (batch.num_rows, 0), summary
        miso = lmp_batch(golden / "g2_lmp_hourly.csv", "DAY_AHEAD_HOURLY", "EST", iso="MISO")
        assert writer.load("lmp", [miso], source="golden").quarantined == 0
        summary = writer.load(
            "curves", [curve_batch(golden / "g4_curve_observation.csv")], source="desk"
        )
        assert summary.quarantined == 0, summary
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def days():
    return json.loads(require_shared("golden", "g2_lmp_dst.json").read_text())


def rows(api, url: str) -> list[dict[str, object]]:
    answer = api.get(url)
    assert answer.status_code == 200, answer.text
    return answer.json(parse_float=Decimal)["data"]


def check_days(found, expected):
    assert len(found) == len(expected)
    for row in found:
        golden = expected[row["operating_date"]]
        for name in ("intervals", "minutes", "expected_minutes"):
            if name in golden:
                assert row[name] == golden[name], (row["operating_date"], name)
        assert Decimal(row["price_avg"]) == Decimal(golden["price_avg"])
        if "coverage" in golden:
            assert Decimal(row["coverage"]) == Decimal(golden["coverage"])
            assert row["complete"] is golden["complete"]
            assert Decimal(row["price_min"]) == Decimal(golden["price_min"])
            assert Decimal(row["price_max"]) == Decimal(golden["price_max"])
            assert row["negative_intervals"] == golden["negative_intervals"]
            assert row["negative_minutes"] == golden["negative_minutes"]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("HOURLY", "pjm_hourly_operating_day"),
        ("RT5", "pjm_rt5_operating_day"),
        ("MIXED", "mixed_granularity_operating_day"),
    ],
)
def test_daily_averages_of_operating_days(api, days, location, name):
    check_days(rows(api, f"/v2/iso/lmp/daily?iso=PJM&location={location}"), days[name])


def test_miso_days_are_est_all_year(api, days):
    check_days(
        rows(api, "/v2/iso/lmp/daily?iso=MISO&location=EST"),
        days["same_hours_bucketed_by_EST__MISO_market_day"],
    )


@pytest.mark.parametrize("day", ["2025-03-10", "2025-11-03"])
def test_peak_and_off_peak_averages(api, days, day):
    golden = days["pjm_hourly_operating_day"][day]
    end = f"{day[:8]}{int(day[8:]) + 1:02d}"
    found = rows(
        api,
        f"/v2/iso/lmp/blocks?iso=PJM&location=HOURLY&start={day}&end={end}&block=5x16,OFFPEAK",
    )
    peak, off = (Decimal(row["price_avg"]) for row in found)
    assert peak == Decimal(golden["price_avg_on_peak"])
    assert off == Decimal(golden["price_avg_off_peak"])


def test_v1_serves_the_same_daily_averages(api, days):
    answer = api.get("/v1/iso/lmp/daily?location_id=HOURLY&limit=100")
    found = [Decimal(str(row["price_avg"])) for row in answer.json()["data"]]
    wanted = [Decimal(day["price_avg"]) for day in days["pjm_hourly_operating_day"].values()]
    assert found == wanted


@pytest.fixture(scope="module")
def golden4():
    return json.loads(require_shared("golden", "g4_curve_diff.json").read_text())


def curve(api, query: str) -> dict[str, Decimal | None]:
    found = rows(api, f"/v2/curves/observations?{query}")
    return {row["delivery_start"]: row["value"] for row in found}


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("curve_2025_09_11_latest", "asof=2025-09-11"),
        ("curve_2025_09_11_known_at_22h", "asof=2025-09-11&known_at=2025-09-11T22:00:00Z"),
        ("curve_2025_09_12_latest", "asof=2025-09-12"),
        ("curve_2025_09_12_known_at_sep12_2200", "asof=2025-09-12&known_at=2025-09-12T22:00:00Z"),
    ],
)
def test_curves_as_of_and_as_known(api, golden4, name, query):
    wanted = {day: None if v is None else Decimal(v) for day, v in golden4[name].items()}
    assert curve(api, query) == wanted


@pytest.mark.parametrize(
    ("name", "known"),
    [("diff_latest", ""), ("diff_known_at_sep12_2200", "&known_at=2025-09-12T22:00:00Z")],
)
def test_differences(api, golden4, name, known):
    found = rows(api, f"/v2/curves/diff?asof_a=2025-09-11&asof_b=2025-09-12&iso=PJM{known}")
    wanted = golden4[name]
    assert [row["delivery_start"] for row in found] == [row["delivery_start"] for row in wanted]
    names = {"value_a": "mid_a", "value_b": "mid_b", "diff_abs": "diff_abs", "diff_pct": "diff_pct"}
    for row, golden in zip(found, wanted, strict=True):
        assert row["status"] == golden["status"], golden
        for ours, theirs in names.items():
            value = golden[theirs]
            assert row[ours] == (None if value is None else Decimal(value)), (golden, ours)


def test_a_difference_is_antisymmetric(api):
    forth = rows(api, "/v2/curves/diff?asof_a=2025-09-11&asof_b=2025-09-12&iso=PJM")
    back = rows(api, "/v2/curves/diff?asof_a=2025-09-12&asof_b=2025-09-11&iso=PJM")
    swapped = {"added": "removed", "removed": "added"}
    assert [
        (swapped.get(r["status"], r["status"]), r["diff_abs"] and -r["diff_abs"]) for r in back
    ] == [(r["status"], r["diff_abs"]) for r in forth]


def test_v1_gives_the_difference_as_a_fraction(api, golden4):
    answer = api.get("/v1/curves/diff?asof_a=2025-09-11&asof_b=2025-09-12&iso=PJM")
    found = {row["contract_month"]: row for row in answer.json(parse_float=Decimal)["data"]}
    for golden in golden4["diff_latest"]:
        row = found[golden["delivery_start"]]
        if golden["diff_pct"] is None:
            assert row["diff_pct"] is None
        else:
            assert abs(row["diff_pct"] * 100 - Decimal(golden["diff_pct"])) < Decimal("0.00005")
