"""The published and computed figures of the real data, reproduced through the HTTP API.

`aurum load` brings the ERCOT year, the NYMEX settlements and the 23-hour day of ISO-NE into a store
of its own; the figures are then read, or computed from rows read, over HTTP on v2.
"""

import csv
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from aurum_app.factory import create_app
from aurum_core.settings import AurumSettings, StorageSettings
from aurum_testkit.shared import require_shared

pytestmark = [pytest.mark.integration, pytest.mark.shared]
HUBS = ("HB_HOUSTON", "HB_NORTH", "HB_SOUTH", "HB_WEST")


def aurum(*arguments: object) -> str:
    """Run the command line; it must succeed."""
    command = [str(Path(sys.executable).with_name("aurum")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checks() -> dict[str, dict[str, str]]:
    path = require_shared() / "data" / "CHECKS.csv"
    return {row["id"]: row for row in csv.DictReader(path.read_text().splitlines())}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory):
    data = require_shared() / "data"
    store = tmp_path_factory.mktemp("checks")
    ercot = next((data / "ercot_dam_spp_2021" / "raw").glob("*.xlsx"))
    settlements = next((data / "futures_ng_cl").glob("*.parquet"))
    elektra = data / "elektra_isone_2024-03-10" / "consecutive_dst_begin_data.json"
    aurum("load", "ercot-dam-spp", ercot, "--data-dir", store)
    aurum("load", "nymex-settlements", settlements, "--data-dir", store)
    aurum(
        "load", "contract-expiry", data / "futures_ng_cl" / "expiry_table.csv", "--data-dir", store
    )
    aurum("load", "elektra", elektra, "--data-dir", store)
    settings = AurumSettings(storage=StorageSettings(data_dir=store))
    with TestClient(create_app(settings)) as client:
        yield client


def rows(api: TestClient, url: str, **params: object) -> list[dict[str, object]]:
    """Walk every page of a route; numbers come as decimals."""
    found: list[dict[str, object]] = []
    answer = api.get(url, params={"limit": 1000, **params})
    while True:
        assert answer.status_code == 200, answer.text
        body = answer.json(parse_float=Decimal)
        found += body["data"]
        if body["links"]["next"] is None:
            return found
        answer = api.get(body["links"]["next"])


def prices(api: TestClient, location: str, start: str, end: str) -> list[Decimal]:
    found = rows(
        api, "/v2/iso/lmp", iso="ERCOT", market="DA", location=location, start=start, end=end
    )
    return [Decimal(row["price_total"]) for row in found]


def close(value: Decimal | None, check: dict[str, str], part: int = 0) -> None:
    expected = Decimal(check["expected"].split(" / ")[part])
    assert value is not None
    assert abs(value - expected) <= Decimal(check["tolerance"]), (check["ask"], value)


def test_l1_mean_of_hb_north_in_february(api, checks):
    month = prices(api, "HB_NORTH", "2021-02-01", "2021-03-01")
    close(sum(month) / len(month), checks["L1"])
    (row,) = rows(
        api, "/v2/iso/lmp/daily", iso="ERCOT", location="HB_NORTH", market="DA",
        start="2021-02-01", end="2021-03-01", granularity="month",
    )  # fmt: skip
    close(Decimal(row["price_avg"]), checks["L1"])
    assert row["complete"] is True


def test_l2_share_of_scarcity_hours(api, checks):
    days = prices(api, "HB_NORTH", "2021-02-14", "2021-02-20")
    assert len(days) == 144
    close(Decimal(sum(price > 6000 for price in days)) / len(days), checks["L2"])


@pytest.mark.parametrize("day", ["2021-03-14", "2021-11-07"])
def test_l_dst_short_and_long_day(api, checks, day):
    check = checks[f"L-DST-{day}"]
    end = f"{day[:8]}{int(day[8:]) + 1:02d}"
    (row,) = rows(api, "/v2/iso/lmp/daily", iso="ERCOT", location="HB_NORTH", start=day, end=end)
    close(Decimal(row["intervals"]), {**check, "tolerance": "0"})
    close(Decimal(row["price_avg"]), check, 1)
    assert row["minutes"] == row["expected_minutes"] == 60 * int(check["expected"].split(" / ")[0])


def test_l_neg_hours_below_zero(api, checks):
    found = rows(
        api, "/v2/iso/lmp/negative", iso="ERCOT", location="HB_WEST",
        start="2021-01-01", end="2022-01-01",
    )  # fmt: skip
    close(Decimal(len(found)), checks["L-NEG-2021"])
    close(min(Decimal(row["price_total"]) for row in found), checks["L-NEG-2021"], 1)
    starts = [row["interval_start"] for row in found]
    assert starts == sorted(starts, reverse=True)


def test_l_hub_average_is_the_mean_of_four_hubs(api, checks):
    by_hour: dict[object, dict[object, Decimal]] = defaultdict(dict)
    export = api.get(
        "/v2/iso/lmp/export",
        params={
            "iso": "ERCOT",
            "market": "DA",
            "location": ",".join((*HUBS, "HB_HUBAVG")),
            "format": "csv",
        },
    )
    assert export.status_code == 200, export.text
    for row in csv.DictReader(export.text.splitlines()):
        by_hour[row["interval_start"]][row["location"]] = Decimal(row["price_total"])
    assert len(by_hour) == 8760
    largest = max(
        abs(hour["HB_HUBAVG"] - sum(hour[h] for h in HUBS) / 4) for hour in by_hour.values()
    )
    assert largest <= Decimal(checks["L-HUB-2021"]["tolerance"])
    close(largest, {**checks["L-HUB-2021"], "tolerance": "0.0001"})


def test_l_blk_peak_and_off_peak_of_july(api, checks):
    found = rows(
        api, "/v2/iso/lmp/blocks", iso="ERCOT", location="HB_NORTH", market="DA",
        start="2021-07-01", end="2021-08-01", block="5x16,OFFPEAK",
    )  # fmt: skip
    peak, off = found
    for part, (row, name) in enumerate(
        ((peak, "price_avg"), (peak, "hours"), (off, "price_avg"), (off, "hours"))
    ):
        close(Decimal(row[name]), checks["L-BLK-2021"], part)
    assert (peak["block"], off["block"]) == ("5x16", "OFFPEAK")


@pytest.mark.parametrize(
    ("check", "block"), [("L-EL-7x24-I", "7x24"), ("L-EL-2x16-I", "2x16H"), ("L-EL-7x8-I", "7x8")]
)
def test_l_el_blocks_of_a_23_hour_day(api, checks, check, block):
    (row,) = rows(
        api, "/v2/iso/lmp/blocks", iso="ISO-NE", start="2024-03-10", end="2024-03-11", block=block
    )
    close(Decimal(row["price_avg"]), checks[check])


@pytest.fixture(scope="module")
def gas(api) -> str:
    (curve,) = [row for row in rows(api, "/v2/curves", asset_class="gas") if row["root"] == "NG"]
    return curve["slug"]


@pytest.mark.parametrize(
    ("day", "month", "price"),
    [("2021-02-24", "2021-03", "2.854"), ("2021-02-25", "2021-04", "2.777")],
)
def test_c2_the_prompt_rolls_the_day_after_the_last_trade(api, checks, gas, day, month, price):
    assert f"{month} {price}" in checks["C2"]["expected"]
    (row,) = rows(api, f"/v2/curves/{gas}/observations", asof=day, tenor="M1")
    assert row["contract_month"] == f"{month}-01"
    assert Decimal(row["value"]) == Decimal(price)
    assert row["price_type"] == "SETTLE"


def test_the_prompt_is_that_of_the_resolved_as_of(api, gas):
    url = f"/v2/curves/{gas}/observations"
    (row,) = rows(api, url, asof="2021-03-30", asof_policy="on_or_before", tenor="M1")
    day = row["asof_date"]
    (exact,) = rows(api, url, asof=day, tenor="M1")
    assert row == exact
    refused = api.get(url, params={"asof_start": "2021-02-23", "tenor": "M1"})
    assert refused.status_code == 422


def test_c4_calendar_strip_of_gas(api, checks, gas):
    months = rows(
        api, f"/v2/curves/{gas}/observations",
        asof="2019-01-02", start="2020-01-01", end="2021-01-01", tenor_type="MONTHLY",
    )  # fmt: skip
    close(Decimal(len(months)), {**checks["C4"], "expected": "12"})
    close(
        sum(Decimal(row["value"]) for row in months) / 12, {**checks["C4"], "expected": "2.622750"}
    )
    strips = rows(api, f"/v2/curves/{gas}/strips", asof="2019-01-02", strip="CAL")
    (cal,) = [row for row in strips if row["tenor_label"] == "Cal 2020"]
    close(Decimal(cal["value"]), {**checks["C4"], "expected": "2.622750"})
    assert cal["weighting"] == "none"


def test_m_cen_block_hours(api, checks):
    blocks = {row["block"]: row["hours"] for row in rows_of_one_piece(api, 2022)}
    close(Decimal(blocks["5x16"]), checks["M-CEN-2022"])
    close(Decimal(blocks["OFFPEAK"]), checks["M-CEN-2022"], 1)


def rows_of_one_piece(api, year):
    answer = api.get("/v2/metadata/calendars/ERCOT/blocks", params={"year": year})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]
