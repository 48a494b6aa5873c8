"""v2 over the demo set: pages, formats, pins, conditional reads."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.integration
PAGED = (
    "/v2/curves",
    "/v2/curves/observations",
    "/v2/curves/strips",
    "/v2/metadata/locations",
    "/v2/iso/lmp/last-24h",
    "/v2/iso/lmp/negative",
    "/v2/iso/lmp/hourly?iso=PJM",
    "/v2/iso/lmp/daily",
    "/v2/iso/lmp?iso=ERCOT&market=DA",
)


def with_(url: str, **params: object) -> str:
    """Add parameters to a URL that may have some."""
    extra = "&".join(f"{name}={value}" for name, value in params.items())
    return f"{url}{'&' if '?' in url else '?'}{extra}"


def walk(client, url: str, rel: str = "next") -> list[list[dict[str, object]]]:
    """Return the pages from a URL on, following `next` or `prev`."""
    pages = []
    while url is not None:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        pages.append(body["data"])
        assert body["meta"]["returned"] == len(body["data"])
        url = body["links"][rel]
        assert len(pages) < 2_000
    return pages


@pytest.mark.parametrize("url", PAGED)
def test_pages_forward_and_back_are_the_same_rows(client, url):
    whole = [row for page in walk(client, with_(url, limit=1000)) for row in page]
    limit = max(2, len(whole) // 7)
    pages = walk(client, with_(url, limit=limit))
    assert [row for page in pages for row in page] == whole
    assert all(len(page) == limit for page in pages[:-1])
    last = client.get(with_(url, limit=limit)).json()
    while last["links"]["next"]:
        last = client.get(last["links"]["next"]).json()
    back = [last["data"]]
    if last["links"]["prev"]:
        back = [*walk(client, last["links"]["prev"], "prev")[::-1], last["data"]]
    assert [row for page in back for row in page] == whole


@pytest.mark.parametrize("url", PAGED)
def test_all_formats_are_equal_in_content(client, url):
    def body(fmt: str) -> bytes:
        answer = client.get(with_(url, limit=40, format=fmt))
        assert answer.status_code == 200, answer.text
        return answer.content

    rows = json.loads(body("json"))["data"]
    assert rows
    columns = json.loads(body("columns"))["data"]
    assert [
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    ] == rows
    assert [json.loads(line) for line in body("ndjson").splitlines()] == rows
    parquet = pq.read_table(io.BytesIO(body("parquet")))
    assert parquet.equals(pa.ipc.open_stream(body("arrow")).read_all())
    assert parquet.num_rows == len(rows)
    assert parquet.column_names == list(rows[0])
    read = list(csv.DictReader(io.StringIO(body("csv").decode(), newline="")))
    assert len(read) == len(rows)
    for text, row in zip(
        read, json.loads(body("json"), parse_float=str, parse_int=str)["data"], strict=True
    ):
        for name, value in row.items():
            if isinstance(value, list):
                assert text[name] == ";".join(value)
            elif not isinstance(value, bool):
                assert text[name] == (value or ""), name


@pytest.mark.parametrize("url", ["/v2/curves/export", "/v2/iso/lmp/export?iso=PJM"])
@pytest.mark.parametrize("fmt", ["csv", "ndjson", "parquet", "arrow"])
def test_an_export_is_the_whole_list(client, url, fmt):
    listed = url.replace("/curves/export", "/curves/observations").replace("/lmp/export", "/lmp")
    rows = [row for page in walk(client, with_(listed, limit=1000)) for row in page]
    answer = client.get(with_(url, format=fmt))
    assert answer.status_code == 200
    assert answer.headers["x-aurum-data-version"]
    if fmt == "csv":
        assert len(answer.text.splitlines()) == len(rows) + 1
    elif fmt == "ndjson":
        assert [json.loads(line) for line in answer.text.splitlines()] == rows
    else:
        body = io.BytesIO(answer.content)
        table = pq.read_table(body) if fmt == "parquet" else pa.ipc.open_stream(body).read_all()
        assert table.num_rows == len(rows)


@pytest.mark.parametrize("url", PAGED)
def test_conditional_reads(client, url):
    url = with_(url, limit=5)
    answer = client.get(url)
    tag = answer.headers["etag"]
    again = client.get(url, headers={"If-None-Match": f'"other", W/{tag}'})
    assert again.status_code == 304
    assert again.content == b""
    for name in ("etag", "cache-control", "vary", "x-request-id", "x-api-version"):
        assert name in again.headers, name
    head = client.head(url)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"] == tag
    other = client.get(url, headers={"Accept-Encoding": "identity"})
    assert other.headers["etag"] != tag or "content-encoding" not in answer.headers
    assert client.get(url, headers={"Accept": "text/csv"}).headers["etag"] != tag


def test_a_cursor_opens_only_its_own_walk(client):
    link = client.get("/v2/iso/lmp?iso=PJM&limit=2").json()["links"]["next"]
    cursor = link.partition("cursor=")[2]
    for url in (
        f"/v2/iso/lmp?iso=ERCOT&limit=2&cursor={cursor}",
        f"/v2/iso/lmp?limit=2&cursor={cursor}",
        f"/v2/iso/lmp/negative?iso=PJM&limit=2&cursor={cursor}",
        f"/v2/iso/lmp?iso=PJM&limit=2&cursor={cursor[:-3]}AAA",
        "/v2/iso/lmp?iso=PJM&limit=2&cursor=eyJvZmZzZXQiOiAyfQ",
    ):
        answer = client.get(url)
        assert answer.status_code == 400, url
        assert answer.json()["type"].endswith("#cursor-invalid")
    assert client.get(f"/v2/iso/lmp?iso=PJM&limit=7&fields=iso&cursor={cursor}").status_code == 200


def test_fields_and_zone(client):
    (row,) = client.get(
        "/v2/iso/lmp?iso=ERCOT&limit=1&fields=interval_start,version,price_total&tz=America/Chicago"
    ).json()["data"]
    assert list(row) == ["interval_start", "price_total", "version"] or set(row) == {
        "interval_start",
        "price_total",
        "version",
    }
    assert row["interval_start"][-6:] in ("-05:00", "-06:00")


def test_pins_and_knowledge_time(client):
    newest = client.get("/v2/curves/observations?limit=1").json()["meta"]["data_version"]
    assert client.get(f"/v2/curves/observations?data_version={newest + 1}").status_code == 422
    assert client.get("/v2/curves/observations?data_version=0").json()["data"] == []
    long_ago = "2000-01-01T00:00:00Z"
    assert client.get(f"/v2/curves/observations?known_at={long_ago}").json()["data"] == []
    assert client.get("/v2/iso/lmp?asof=2000-01-01").json()["data"] == []


def test_immutable_needs_as_of_and_data_version(client):
    body = client.get("/v2/curves/observations?limit=1").json()
    asof, version = body["data"][0]["asof_date"], body["meta"]["data_version"]

    def caching(query: str) -> str:
        return client.get(f"/v2/curves/observations?limit=1&{query}").headers["cache-control"]

    assert "immutable" in caching(f"asof={asof}&data_version={version}")
    assert "immutable" not in caching(f"asof={asof}")
    assert caching("") == "public, max-age=120, stale-while-revalidate=60, stale-if-error=360"
    yesterday = (datetime.now(UTC) - timedelta(days=9)).date()
    assert "max-age=3600" in caching(f"asof={yesterday}")


def test_as_of_selection(client):
    history = client.get(
        "/v2/curves/observations?limit=1000&asof_start=2000-01-01&block=5x16"
    ).json()
    dates = sorted({row["asof_date"] for row in history["data"]})
    assert len(dates) > 1
    assert history["meta"]["asof"] is None
    newest = dates[-1]
    before = client.get(
        f"/v2/curves/observations?asof={newest}&asof_policy=on_or_before&block=5x16&limit=5"
    ).json()
    assert {row["asof_date"] for row in before["data"]} == {newest}
    assert before["meta"]["asof"] == newest
    for wrong in (
        f"asof={newest}&asof_start={newest}",
        "asof_policy=on_or_before",
        f"asof_start={newest}&asof_end={newest}",
    ):
        assert client.get(f"/v2/curves/observations?{wrong}").status_code == 422


def test_latest_serves_v2(client):
    answer = client.get("/latest/curves?limit=1")
    assert answer.status_code == 200
    assert answer.headers["content-location"].startswith("/v2/curves")
    assert answer.json()["links"]["self"].startswith("/v2/curves")


def test_one_curve_by_slug_and_by_key(client):
    (curve,) = client.get("/v2/curves?limit=1&asset_class=power").json()["data"]
    by_slug = client.get(f"/v2/curves/{curve['slug']}").json()["data"]
    assert by_slug == client.get(f"/v2/curves/{curve['curve_key']}").json()["data"] == curve
    for route in ("observations", "strips", "versions"):
        answer = client.get(f"/v2/curves/{curve['slug']}/{route}?limit=3")
        assert answer.status_code == 200, answer.text
        assert {row["curve_key"] for row in answer.json()["data"]} == {curve["curve_key"]}
    a, b = sorted(
        {
            row["asof_date"]
            for row in client.get(
                f"/v2/curves/{curve['slug']}/observations?asof_start=2000-01-01&limit=1000"
            ).json()["data"]
        }
    )[-2:]
    diff = client.get(f"/v2/curves/{curve['slug']}/diff?asof_a={a}&asof_b={b}").json()["data"]
    assert {row["status"] for row in diff} <= {
        "changed",
        "unchanged",
        "added",
        "removed",
        "unpriced",
    }
    assert diff


def test_search_finds_by_words(client):
    found = client.get("/v2/curves?q=pjm+5x16").json()["data"]
    assert found
    assert all("pjm" in row["slug"] and "5x16" in row["slug"] for row in found)
    assert client.get("/v2/curves?q=nosuchword").json()["data"] == []


@pytest.mark.parametrize(
    ("url", "status", "parameter"),
    [
        ("/v2/curves/diff?asof_a=2026-01-01&asof_b=2026-01-02", 422, "curve_key"),
        ("/v2/curves/diff?asof_a=2026-01-01&asof_b=2026-01-01&iso=PJM", 422, "asof_b"),
        ("/v2/curves/diff?asof_a=2020-01-01&asof_b=2026-01-01&iso=PJM", 422, "asof_b"),
        ("/v2/curves/observations?iso=MARS", 422, "iso"),
        ("/v2/curves/observations?block=9x9", 422, "block"),
        ("/v2/curves/observations?tenor=M1", 422, "tenor"),
        ("/v2/iso/lmp?start=2026-01-02&end=2026-01-01", 422, "end"),
        ("/v2/iso/lmp?market=SPOT", 422, "market"),
        ("/v2/iso/lmp/blocks?start=2026-01-01&end=2026-01-02", 422, "calendar"),
        ("/v2/metadata/calendars/PJM/hours?block=9x9&date=2026-01-01", 422, "block"),
        ("/v2/metadata/units/convert?value=1&from=USD/MWh&to=EUR/MWh", 422, "to"),
        ("/v2/metadata/units/convert?value=1&from=furlong&to=MWh", 422, "from"),
    ],
)
def test_a_broken_rule_is_named(client, url, status, parameter):
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert parameter in [error["parameter"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "url",
    [
        "/v2/curves/no-such-curve",
        "/v2/metadata/calendars/MARS/blocks",
        "/v2/metadata/locations/PJM/nowhere",
        "/v2/metadata/datasets/nothing",
        "/v2/iso/lmp/blocks?iso=PJM&calendar=MARS&start=2026-01-01&end=2026-01-02",
        "/v2/nothing",
    ],
)
def test_what_is_not_there_is_404(client, url):
    answer = client.get(url)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404


def test_demo_rows_say_that_they_are_synthetic(client):
    for url in ("/v2/curves/observations", "/v2/iso/lmp/last-24h"):
        body = client.get(url).json()
        assert body["meta"]["source"] == "synthetic"
        assert all(row["location"].startswith("DEMO_") for row in body["data"])
    for url in ("/v1/curves", "/v1/iso/lmp/last-24h"):
        assert client.get(url).headers["x-aurum-source"] == "synthetic"


def test_both_surfaces_walk_the_same_rows(client):
    v2 = [
        (row["curve_key"], row["tenor_label"], row["value"])
        for page in walk(client, "/v2/curves/observations?limit=1000")
        for row in page
    ]
    v1, cursor = [], None
    while True:
        answer = client.get(
            "/v1/curves", params={"limit": 500, **({"cursor": cursor} if cursor else {})}
        )
        body = answer.json()
        v1 += [(row["curve_key"], row["tenor_label"], row["mid"]) for row in body["data"]]
        cursor = body["meta"]["next_cursor"]
        if not cursor:
            break
    assert v1 == v2


def test_the_dst_days_of_the_demo_are_whole(client):
    rows = client.get("/v2/iso/lmp/daily?iso=PJM&market=DA&start=2026-11-01&end=2026-11-02").json()
    for row in rows["data"]:
        assert row["expected_minutes"] == 1500


def test_unit_converts_prices_and_says_how(client):
    url = "/v2/curves/observations?asset_class=power&block=5x16&limit=3"
    plain = client.get(url).json()["data"]
    body = client.get(f"{url}&unit=USD/kWh").json()
    assert body["meta"]["details"]["conversions"] == [
        {"unit_from": "USD/MWh", "unit_to": "USD/kWh", "factor": "0.001"}
    ]
    for old, new in zip(plain, body["data"], strict=True):
        assert (new["currency"], new["per_unit"]) == ("USD", "kWh")
        assert new["value"] == pytest.approx(old["value"] / 1000, abs=5e-7)
    (row,) = client.get("/v2/iso/lmp?iso=PJM&limit=1&unit=USD/MMBtu&fields=price_total").json()[
        "data"
    ]
    assert row["uom"] == "MMBtu"
    (old,) = client.get("/v2/iso/lmp?iso=PJM&limit=1&fields=price_total").json()["data"]
    assert row["price_total"] == pytest.approx(old["price_total"] / 3.412141633, abs=5e-7)
    for wrong in ("EUR/MWh", "USD/Mcf", "furlong"):
        answer = client.get(f"{url}&unit={wrong}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["parameter"] == "unit"


def test_v1_names_its_successor_with_the_paths_own_values(client):
    (row, *_) = client.get("/v2/metadata/locations?limit=1").json()["data"]
    answer = client.get(f"/v1/metadata/locations/{row['iso']}/{row['location']}")
    wanted = f'</v2/metadata/locations/{row["iso"]}/{row["location"]}>; rel="successor-version"'
    assert wanted in answer.headers["link"]


def test_off_peak_is_built_from_the_siblings_of_one_curve(client):
    curves = client.get("/v2/curves?iso=PJM&limit=100").json()["data"]
    (peak,) = [row for row in curves if row["block"] == "5x16" and row["market"] == "DAY_AHEAD"]
    family = {row["slug"] for row in curves if row["block"] in ("2x16H", "7x8")}
    strips = client.get(f"/v2/curves/{peak['slug']}/strips?block=OFFPEAK,5x16&strip=CAL&limit=100")
    rows = strips.json()["data"]
    assert {row["block"] for row in rows} == {"OFFPEAK", "5x16"}
    for row in rows:
        assert set(row["built_from"]) == (family if row["block"] == "OFFPEAK" else set())


@pytest.mark.parametrize(
    ("url", "parameter"),
    [
        ("/v2/iso/lmp?iso=PJM&iso=ERCOT", "iso"),
        ("/v2/iso/lmp?limit=1&limit=2", "limit"),
        ("/v2/iso/lmp?location_type=ZZ", "location_type"),
        ("/v2/metadata/locations?location_type=ZZ", "location_type"),
        ("/v2/iso/lmp?start=2021-01-02T00:00:00%2B25:00", "start"),
    ],
)
def test_what_was_let_through_once_is_refused(client, url, parameter):
    answer = client.get(url)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert "timedelta" not in answer.text


def test_averages_of_demo_places_say_that_they_are_synthetic(client):
    for route in (
        "hourly?iso=PJM",
        "daily?iso=PJM",
        "blocks?iso=PJM&start=2026-01-01&end=2027-01-01",
    ):
        body = client.get(f"/v2/iso/lmp/{route}").json()
        if body["data"]:
            assert body["meta"]["source"] == "synthetic", route
    assert client.get("/v2/iso/lmp/daily?iso=PJM").json()["data"]


def test_meta_names_the_as_of_date_of_every_kind_of_read(client):
    asof = client.get("/v2/curves/observations?block=5x16&limit=1").json()["data"][0]["asof_date"]
    strips = client.get(f"/v2/curves/strips?asof={asof}&block=5x16&limit=2").json()
    assert strips["data"]
    assert strips["meta"]["asof"] == asof
    assert client.get(f"/v2/iso/lmp?asof={asof}&limit=1").json()["meta"]["asof"] == asof


def test_v1_gives_back_only_cursors_that_it_takes(client):
    rows = client.get("/v2/curves/observations?asof_start=2000-01-01&block=5x16&limit=1000").json()
    a, b = sorted({row["asof_date"] for row in rows["data"]})[-2:]
    first = client.get(f"/v1/curves/diff?asof_a={a}&asof_b={b}&iso=PJM&limit=2").json()["meta"]
    second = client.get(
        f"/v1/curves/diff?asof_a={a}&asof_b={b}&iso=PJM&limit=2&cursor={first['next_cursor']}"
    ).json()["meta"]
    assert second["prev_cursor"] is None
