"""Rules of observations, files of single series, and warehouses that are older than their tables."""

import asyncio
import gzip
import json
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.errors import LoadError
from aurum_dao.adapters.duckdb.ddl import create_statements
from aurum_dao.adapters.duckdb.runner import open_duckdb_runner
from aurum_dao.adapters.duckdb.snapshots import Current, publish, read_current, snapshot_path
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.memory.metadata import MemoryMetadataReader
from aurum_dao.adapters.memory.tables import MemoryWarehouse
from aurum_dao.adapters.sqlite.engine import open_load_ledger
from aurum_dao.loaders import ReadOptions, load_file
from aurum_dao.ports.paging import Pin
from aurum_dao.schemas.catalogue import DATASETS, DROUGHT_INDEX, EIA, EXTERNAL, LMP, USDM
from aurum_dao.testing.observation_writers import area, index_value, observation, reading
from aurum_dao.testing.writers import batch, price
from aurum_dao.warehouse.metadata import WarehouseMetadataReader
from aurum_dao.warehouse.validation import Stamp, check_dataset

STAMP = Stamp(source="desk", source_ref="f", ingested_at=datetime(2026, 3, 3, tzinfo=UTC))
YOUNG = ("eia_observation", "environment", "external")


def check(dataset, *rows):
    return check_dataset(dataset, pa.Table.from_pylist(list(rows)), STAMP)


@pytest.mark.parametrize(
    ("dataset", "row", "words"),
    [
        (EIA, observation(series_id=" "), "series_id is missing"),
        (EIA, observation(series_id="a;b"), "not name=value"),
        (EIA, observation(period=None), "period is missing"),
        (EIA, observation(frequency="fortnightly"), "Unknown frequency"),
        (EIA, observation(period="2026-02-30"), "not in the calendar"),
        (EIA, observation(period="2026-03-02T05"), "not a period of frequency daily"),
        (EIA, observation(value="much"), "value cannot be read"),
        (EIA, observation(value="NaN"), "value cannot be read"),
        (EIA, observation(facets="[1]"), "facets is not an object"),
        (EIA, observation(facets='{"a": {"b": 1}}'), "facets is not an object"),
        (EIA, observation(facets='{"a": "b;c"}'), "semicolon"),
        (EIA, observation(facets="{"), "facets cannot be read"),
        (
            EIA,
            observation(series_id="a.b;x=1", dataset="a/b", facets='{"x": "2"}'),
            "series_id does not agree",
        ),
        (
            EIA,
            observation(period_start=datetime(2026, 3, 2, 5, tzinfo=UTC)),
            "period_start does not agree",
        ),
        (
            EIA,
            observation(period_end=datetime(2026, 3, 2, tzinfo=UTC)),
            "period_end does not agree",
        ),
        (DROUGHT_INDEX, index_value(timescale=None), "timescale is missing"),
        (DROUGHT_INDEX, index_value(timescale="a while"), "timescale is not"),
        (DROUGHT_INDEX, index_value(region_type="a:b"), "region_type is not"),
        (DROUGHT_INDEX, index_value(valid_date="2026-03"), "valid_date cannot be read"),
        (DROUGHT_INDEX, index_value(coverage=1.5), "coverage is not between"),
        (DROUGHT_INDEX, index_value(source_url="javascript:x"), "source_url"),
        (USDM, area(d0_frac=None), "d0_frac is missing"),
        (USDM, area(d0_frac=21.5), "d0_frac is not between"),
        (USDM, area(d4_frac=-0.025), "d4_frac is not between"),
        (USDM, area(none_frac=0.38 + 2e-6), "do not sum to 1"),
        (USDM, area(d0_frac=0.62, d1_frac=0.405, d2_frac=0.235), "none_frac is not between"),
        (USDM, area(none_frac=float("inf")), "none_frac cannot be read"),
        (EXTERNAL, reading(provider=None), "provider is missing"),
        (EXTERNAL, reading(ts="2026-03-02"), "ts cannot be read"),
        (EXTERNAL, reading(value=".."), "value cannot be read"),
    ],
)
def test_row_is_refused(dataset, row, words):
    checked = check(dataset, row)
    assert checked.table.num_rows == 0
    assert words in checked.rejections[0].reason


def test_one_series_has_one_id():
    rows = [
        observation(series_id="electricity/retail-sales;stateid=CO; sectorid=RES"),
        observation(series_id="electricity.retail-sales;sectorid=RES;stateid=CO"),
    ]
    ids = check(EIA, *rows).table["series_id"].to_pylist()
    assert ids == ["electricity.retail-sales;sectorid=RES;stateid=CO"]


def test_facets_have_one_spelling():
    row = observation(dataset="/a/b/", facets='{ "y": 2, "x": "1" }')
    (found,) = check(EIA, row).table.to_pylist()
    assert (found["dataset"], found["facets"]) == ("a/b", '{"x":"1","y":"2"}')
    assert (found["series_id"], found["data_column"]) == ("NG.RNGWHHD.D", "value")


@pytest.mark.parametrize(
    ("cells", "values", "texts"),
    [
        (pa.array(["3.50", ".", " ", None]), [3.5, None, None, None], ["3.50", ".", None, None]),
        (pa.array(["1", "."]).dictionary_encode(), [1.0, None], ["1", "."]),
        (pa.array([3.5, None]), [3.5, None], ["3.5", None]),
        (pa.array([7, None]), [7.0, None], ["7", None]),
        (pa.nulls(2), [None, None], [None, None]),
    ],
)
def test_missing_values_are_null_in_every_type(cells, values, texts):
    count = len(cells)
    raw = pa.table(
        {
            "series_id": ["s"] * count,
            "frequency": ["daily"] * count,
            "period": [f"2026-03-0{n + 1}" for n in range(count)],
            "value": cells,
        }
    )
    table = check_dataset(EIA, raw, STAMP).table
    assert (table["value"].to_pylist(), table["raw_value"].to_pylist()) == (values, texts)


def test_published_text_alone_is_the_value():
    row = {k: v for k, v in observation().items() if k != "value"}
    (found,) = check(EIA, row | {"raw_value": "4.10"}).table.to_pylist()
    assert (found["value"], found["raw_value"]) == (4.1, "4.10")
    (found,) = check(EIA, row | {"value": None, "raw_value": "W"}).table.to_pylist()
    assert (found["value"], found["raw_value"]) == (None, "W")


def test_codes_have_one_spelling():
    (found,) = check(DROUGHT_INDEX, index_value(index="spi", timescale="3m")).table.to_pylist()
    assert (found["index"], found["timescale"], found["region_id"]) == ("SPI", "3M", "01001")
    (found,) = check(EXTERNAL, reading()).table.to_pylist()
    assert found["provider"] == "fred"


PARTS = st.lists(st.integers(0, 1_000), min_size=6, max_size=6).filter(any)


@given(st.lists(PARTS, min_size=1, max_size=20))
def test_parts_of_a_whole_are_fractions(parts):
    rows = []
    for n, part in enumerate(parts):
        names = ("none_frac", "d0_frac", "d1_frac", "d2_frac", "d3_frac", "d4_frac")
        shares = {name: x / sum(part) for name, x in zip(names, part, strict=True)}
        if n % 2:
            shares["none_frac"] = None
        rows.append(area(region_id=str(n)) | shares)
    found = check(USDM, *rows)
    assert found.rejections == []
    for row, part in zip(found.table.to_pylist(), parts, strict=True):
        assert row["none_frac"] == pytest.approx(part[0] / sum(part), abs=1e-6)
        assert row["none_frac"] >= 0


def test_empty_loads_are_checked():
    for dataset, row in (
        (EIA, observation()),
        (USDM, area()),
        (DROUGHT_INDEX, index_value()),
        (EXTERNAL, reading()),
    ):
        empty = pa.Table.from_pylist([row]).slice(0, 0)
        assert check_dataset(dataset, empty, STAMP).table.num_rows == 0


class Store:
    def __init__(self, folder, ledger):
        self.directory = folder / "warehouse"
        self.writer = DuckDbWriter(self.directory, ledger)

    def load(self, name, path, **options):
        return load_file(self.writer, name, path, **options)

    def rows(self, text):
        path = read_current(self.directory).path(self.directory)
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SET TimeZone='UTC'")
            return connection.execute(text).fetchall()


@pytest.fixture
def store(tmp_path):
    ledger = open_load_ledger(tmp_path / "operational.db")
    yield Store(tmp_path, ledger)
    ledger.close()


def write(path, text):
    path.write_text(text)
    return path


def test_daily_prices_become_henry_hub(store, tmp_path):
    daily = write(tmp_path / "daily.csv", "Date,Price\r\n2026-03-02,3.50\r\n2026-03-03,\r\n")
    monthly = write(tmp_path / "monthly.csv", "Month,Price\n2026-03,3.45\n")
    for path, rows in ((daily, 2), (monthly, 1)):
        summary = store.load("eia-daily", path)
        assert (summary.dataset, summary.inserted, summary.quarantined) == ("eia", rows, 0)
    found = store.rows(
        "SELECT series_id, frequency, period, period_end, value, raw_value, source, dataset, unit "
        "FROM market.eia_observation ORDER BY series_id, period"
    )
    told = ("eia", "natural-gas/pri/fut", "dollars per million Btu")
    third, fourth = (datetime(2026, 3, n, tzinfo=UTC) for n in (3, 4))
    assert found == [
        ("NG.RNGWHHD.D", "daily", "2026-03-02", third, 3.5, "3.50", *told),
        ("NG.RNGWHHD.D", "daily", "2026-03-03", fourth, None, None, *told),
        (
            *("NG.RNGWHHD.M", "monthly", "2026-03", datetime(2026, 4, 1, tzinfo=UTC)),
            *(3.45, "3.45"),
            *told,
        ),
    ]


def test_late_value_is_a_correction(store, tmp_path):
    store.load("eia-daily", write(tmp_path / "a.csv", "Date,Price\n2026-03-02,3.5\n2026-03-03,\n"))
    newer = write(tmp_path / "b.csv", "Date,Price\n2026-03-02,3.5\n2026-03-03,3.6\n")
    summary = store.load("eia-daily", newer)
    assert (summary.inserted, summary.corrected, summary.unchanged) == (0, 1, 1)


def test_file_of_other_columns_is_refused(store, tmp_path):
    path = write(tmp_path / "odd.csv", "Day,Close\n2026-03-02,3.5\n")
    with pytest.raises(LoadError, match="Date,Price or Month,Price"):
        store.load("eia-daily", path)


def vintages(path, *observations, units="lin"):
    rows = [
        {"realtime_start": known, "realtime_end": "9999-12-31", "date": day, "value": value}
        for known, day, value in observations
    ]
    content = json.dumps({"units": units, "observations": rows}).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def test_vintages_are_versions(store, tmp_path):
    path = vintages(
        tmp_path / "fred_GDP.json.gz",
        ("2026-04-30", "2026-01-01", "100.5"),
        ("2026-05-28", "2026-01-01", "100.7"),
        ("2026-05-28", "2026-04-01", "."),
    )
    summary = store.load("alfred", path)
    assert (summary.dataset, summary.inserted, summary.corrected) == ("external", 2, 1)
    found = store.rows(
        "SELECT provider, series_id, ts, value, value_raw, version, published_at, source "
        "FROM external.observation ORDER BY ts, version"
    )
    first, second = (datetime(2026, n, 1, tzinfo=UTC) for n in (1, 4))
    april, may = (
        datetime(2026, month, day, 3, 59, 59, 999_999, tzinfo=UTC)
        for month, day in ((5, 1), (5, 29))
    )
    assert found == [
        ("fred", "GDP", first, 100.5, "100.5", 1, april, "fred"),
        ("fred", "GDP", first, 100.7, "100.7", 2, may, "fred"),
        ("fred", "GDP", second, None, ".", 1, may, "fred"),
    ]


def test_later_download_of_the_same_values_adds_nothing(store, tmp_path):
    first = vintages(tmp_path / "DGS10.json", ("2026-03-03", "2026-03-02", "4.06"))
    assert store.load("alfred", first).inserted == 1
    second = vintages(tmp_path / "DGS10.json", ("2026-03-04", "2026-03-02", "4.06"))
    assert store.load("alfred", second).status == "unchanged"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("observations.json", '{"observations": []}', "set series_id"),
        ("DGS10.json", "not json", "as FRED"),
        ("DGS10.json", "[1]", "as FRED"),
        ("DGS10.json", '{"observations": [{"date": "2026-03-02"}]}', "as FRED"),
        ("DGS10.json", '{"observations": [{"date": "soon", "value": "1"}]}', "as FRED"),
        ("DGS10.json", '{"units": "pch", "observations": []}', "not the levels"),
    ],
)
def test_document_that_is_no_series_is_refused(store, tmp_path, name, content, words):
    with pytest.raises(LoadError, match=words):
        store.load("alfred", write(tmp_path / name, content))


def add_old_snapshot(directory):
    """Publish a snapshot as the release before these datasets wrote it."""
    directory.mkdir()
    path = snapshot_path(directory, 1)
    with duckdb.connect(str(path)) as connection:
        for statement in create_statements():
            if not any(name in statement for name in YOUNG):
                connection.execute(statement)
        connection.execute("INSERT INTO ref.source VALUES ('pjm', 100, NULL)")
    publish(directory, Current(path.name, 1))


async def held(directory):
    async with open_duckdb_runner(directory, poll_seconds=60) as runner:
        reader = WarehouseMetadataReader(runner)
        pin = Pin(data_version=runner.data_version())
        return {span.name: span for span in await reader.list_datasets(pin=pin)}


def test_older_warehouse_is_listed_and_gains_tables_with_its_next_load(store):
    add_old_snapshot(store.directory)
    before = asyncio.run(held(store.directory))
    assert list(before) == list(DATASETS)
    assert {(s.row_count, s.earliest, s.data_version) for s in before.values()} == {(0, None, None)}
    assert store.writer.load("lmp", batch(price()), source="pjm").data_version == 2
    between = asyncio.run(held(store.directory))
    assert (between["lmp"].row_count, between["eia"].row_count) == (1, 0)
    store.writer.load("eia", batch(observation()), source="eia")
    store.writer.load("usdm", batch(area()), source="ndmc")
    after = asyncio.run(held(store.directory))
    assert {name: span.row_count for name, span in after.items()} == {
        "curves": 0,
        "lmp": 1,
        "eia": 1,
        "drought-index": 0,
        "usdm": 1,
        "external": 0,
    }
    assert after["eia"].earliest == after["eia"].latest == datetime(2026, 3, 2, tzinfo=UTC)
    assert after["usdm"].latest == date(2026, 3, 3)


def test_empty_datasets_are_listed_from_memory():
    spans = asyncio.run(
        MemoryMetadataReader(MemoryWarehouse()).list_datasets(pin=Pin(data_version=0))
    )
    assert [(s.name, s.row_count, s.latest) for s in spans] == [(n, 0, None) for n in DATASETS]


def test_columns_are_those_of_the_domain():
    assert [d.table for d in (EIA, DROUGHT_INDEX, USDM, EXTERNAL)] == [
        "market.eia_observation",
        "environment.drought_index",
        "environment.usdm_area",
        "external.observation",
    ]
    for dataset in DATASETS.values():
        names = {c.name for c in dataset.all_columns}
        assert {dataset.span, *dataset.key, *dataset.order} <= names
    assert LMP is DATASETS["lmp"]


def shared_folder():
    import os

    named = os.environ.get("AURUM_TEST_SHARED")
    candidates = (
        [Path(named)] if named else [p / "shared" for p in Path(__file__).resolve().parents]
    )
    return next((path for path in candidates if (path / "golden").is_dir()), None)


SHARED = shared_folder()
needs_shared = [
    pytest.mark.shared,
    pytest.mark.skipif(SHARED is None, reason="no design folder: set AURUM_TEST_SHARED"),
]


class TestRealData:
    pytestmark = needs_shared

    def test_henry_hub(self, store):
        for name, rows in (("daily", 6_032), ("monthly", 288)):
            path = SHARED / f"data/henry_hub/{name}.csv"
            summary = store.load("eia-daily", path)
            assert (summary.inserted, summary.quarantined) == (rows, 0)
            assert store.load("eia-daily", path, force=True).status == "unchanged"
        empty = store.rows("SELECT period FROM market.eia_observation WHERE value IS NULL")
        assert empty == [("2018-01-05",)]
        assert self.months_that_agree(store) == (275, 288, Decimal("0.01"))

    def months_that_agree(self, store):
        days, months = (
            store.rows(
                "SELECT period, raw_value FROM market.eia_observation "
                f"WHERE series_id = 'NG.RNGWHHD.{letter}' AND value IS NOT NULL ORDER BY period"
            )
            for letter in "DM"
        )
        means = {}
        for month, rows in groupby(days, key=lambda row: row[0][:7]):
            values = [Decimal(text) for _, text in rows]
            mean = sum(values) / len(values)
            means[month] = mean.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        gaps = [abs(means[month] - Decimal(text)) for month, text in months]
        return sum(gap == 0 for gap in gaps), len(gaps), max(gaps)

    def test_treasury_yields(self, store):
        path = SHARED / "data/fred_dgs10/openbb_observations_DGS10.json.gz"
        summary = store.load("alfred", path, options=ReadOptions(constants={"unit": "Percent"}))
        assert (summary.inserted, summary.quarantined) == (16_805, 0)
        found = store.rows(
            "SELECT series_id, count(*), count(*) FILTER (value_raw = '.'), count(value), min(ts), "
            "max(ts), min(unit) FROM external.observation GROUP BY 1"
        )
        first, last = datetime(1962, 1, 2, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
        assert found == [("DGS10", 16_805, 717, 16_088, first, last, "Percent")]
