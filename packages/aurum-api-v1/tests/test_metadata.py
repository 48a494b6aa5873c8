"""Reference data under the old contract."""

import pytest

DIMENSIONS = ("asset_class", "iso", "location", "market", "product", "block", "tenor_type")


def data(bench, url, **params):
    answer = bench.get(url, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_dimensions_name_every_dimension_and_count_on_request(bench):
    plain = bench.get("/v1/metadata/dimensions").json()
    assert tuple(plain["data"]) == DIMENSIONS
    assert plain["data"]["iso"] == ["ERCOT", "PJM"]
    assert plain["counts"] is None
    counted = bench.get("/v1/metadata/dimensions", include_counts="true", per_dim_limit=5).json()
    assert counted["counts"]["iso"] == [
        {"value": "ERCOT", "count": 3},
        {"value": "PJM", "count": 2},
    ]
    assert tuple(counted["counts"]) == DIMENSIONS
    assert bench.reference.asked[-1].per_dimension == 5
    assert bench.get("/v1/metadata/dimensions", per_dim_limit=5001).status_code == 422


def test_locations(bench):
    rows = data(bench, "/v1/metadata/locations")
    assert tuple(rows[0]) == (
        "iso", "location_id", "location_name", "location_type", "zone", "hub", "timezone",
    )  # fmt: skip
    assert [row["iso"] for row in rows] == ["ERCOT", "PJM"]
    assert [r["iso"] for r in data(bench, "/v1/metadata/locations", iso="pjm")] == ["PJM"]
    found = data(bench, "/v1/metadata/locations/ercot/HB_NORTH")
    assert found["location_id"] == "HB_NORTH"
    missing = bench.get("/v1/metadata/locations/ERCOT/NOWHERE")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Location not found"})


def test_units(bench):
    found = data(bench, "/v1/metadata/units")
    assert set(found) == {"currencies", "units"}
    assert "USD" in found["currencies"]
    assert "MWh" in found["units"]
    narrow = data(bench, "/v1/metadata/units", prefix="mw")
    assert narrow["currencies"] == []
    assert all(unit.lower().startswith("mw") for unit in narrow["units"])
    rows = data(bench, "/v1/metadata/units/mapping", prefix="c/k")
    assert rows == [{"units_raw": "c/kWh", "currency": "USD", "per_unit": "kWh"}]


def test_calendars(bench):
    names = {row["name"]: row["timezone"] for row in data(bench, "/v1/metadata/calendars")}
    assert names["ERCOT"] == "America/Chicago"
    assert data(bench, "/v1/metadata/calendars/pjm/blocks") == [
        "5x16", "2x16H", "7x8", "OFFPEAK", "7x24",
    ]  # fmt: skip


def test_hours_know_the_long_day(bench):
    url = "/v1/metadata/calendars/PJM/hours"
    assert data(bench, url, block="7x8", date="2025-11-02")[:4] == ["01", "02", "02X", "03"]
    assert data(bench, url, block="PEAK", date="2025-11-03")[0] == "08"


def test_expand_lists_instants_of_half_open_days(bench):
    url = "/v1/metadata/calendars/ERCOT/expand"
    hours = data(bench, url, block="5x16", start="2025-07-03", end="2025-07-05")
    assert len(hours) == 16, "the fourth of July is no peak day"
    assert hours[0] == "2025-07-03T11:00:00Z"


@pytest.mark.parametrize(
    ("url", "params", "status", "detail"),
    [
        ("/v1/metadata/calendars/MARS/blocks", {}, 404, "Calendar not found"),
        (
            "/v1/metadata/calendars/MARS/hours",
            {"block": "5x16", "date": "2025-01-01"},
            404,
            "Calendar not found",
        ),
        ("/v1/metadata/calendars/PJM/hours", {"block": "9x9", "date": "2025-01-01"}, 422, "block"),
        ("/v1/metadata/calendars/PJM/hours", {"block": "5x16"}, 422, "date"),
        ("/v1/metadata/calendars/PJM/hours", {"block": "5x16", "date": "2025-1-1"}, 422, "date"),
        (
            "/v1/metadata/calendars/PJM/expand",
            {"block": "5x16", "start": "2025-01-02", "end": "2025-01-01"},
            422,
            "end",
        ),
        (
            "/v1/metadata/calendars/PJM/expand",
            {"block": "5x16", "start": "2020-01-01", "end": "2025-01-01"},
            422,
            "end",
        ),
    ],
)
def test_what_is_not_there(bench, url, params, status, detail):
    answer = bench.get(url, **params)
    assert answer.status_code == status
    told = answer.json()["detail"]
    assert told == detail or told[0]["loc"] == ["query", detail]


def test_lists_come_in_one_piece(bench):
    meta = bench.get("/v1/metadata/calendars").json()["meta"]
    assert meta["count"] == meta["total"] == 9
    assert meta["has_more"] is False
