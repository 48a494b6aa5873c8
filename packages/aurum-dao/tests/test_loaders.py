"""Files of publishers to rows: the real ones where they are at hand, small ones always."""

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from aurum_core.errors import LoadError
from aurum_dao.adapters.duckdb.snapshots import read_current
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.sqlite.engine import open_load_ledger
from aurum_dao.loaders import FORMATS, ReadOptions, find_format, load_file
from aurum_dao.loaders.demo import demo_batches, load_demo
from aurum_dao.loaders.ercot_dam_spp import read_ercot_dam_spp
from aurum_dao.loaders.nymex_settlements import contract_month_of
from aurum_dao.schemas.catalogue import DATASETS

PLAIN = ReadOptions()


def shared_folder():
    """Return the design folder: AURUM_TEST_SHARED, else a `shared` beside a parent, else None."""
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


class Store:
    def __init__(self, folder, ledger):
        self.directory = folder / "warehouse"
        self.ledger = ledger
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


LINES = """iso,point,start,lmp,note
PJM,00123,2026-03-03T05:00:00Z,30.5,a
PJM,00123,2026-03-03T06:00:00Z,-3.25,"b
c"
"""
OPTIONS = ReadOptions(
    columns={
        "iso_code": "iso",
        "location_id": "point",
        "interval_start": "start",
        "price_total": "lmp",
    },
    constants={"market": "DA"},
)


@pytest.fixture
def csv_file(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text(LINES)
    return path


def test_csv_columns_are_mapped_and_identifiers_keep_zeros(store, csv_file):
    seen = []
    summary = store.load("lmp", csv_file, source="pjm", options=OPTIONS, progress=seen.append)
    assert (summary.inserted, seen) == (2, [2])
    found = store.rows("SELECT location_id, price_total, source, source_ref FROM market.lmp")
    assert ("00123", Decimal("-3.25"), "pjm", "prices.csv") in found


def test_file_is_recognised_by_its_content(store, csv_file):
    store.load("lmp", csv_file, options=OPTIONS)
    renamed = csv_file.rename(csv_file.with_name("copy.csv"))
    read = []
    again = store.load("lmp", renamed, options=OPTIONS, progress=read.append)
    assert (again.status, again.unchanged, read) == ("unchanged", 2, [])
    forced = store.load("lmp", renamed, options=OPTIONS, force=True, progress=read.append)
    assert (forced.status, forced.unchanged, read) == ("unchanged", 2, [2])


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".arrows", ".csv.gz"])
def test_every_container_holds_the_same_rows(store, csv_file, tmp_path, suffix):
    table = pa.table(
        {
            "iso_code": pa.array(["PJM", "PJM"]).dictionary_encode(),
            "market": pa.array(["DA", "DA"], pa.large_string()),
            "location_id": ["00123", "00123"],
            "interval_start": pa.array(
                [datetime(2026, 3, 3, 5, tzinfo=UTC), datetime(2026, 3, 3, 6, tzinfo=UTC)],
                pa.timestamp("ns", tz="America/New_York"),
            ),
            "price_total": [30.5, -3.25],
        }
    )
    path, options = tmp_path / f"prices{suffix}", PLAIN
    if suffix == ".parquet":
        pyarrow.parquet.write_table(table, path)
    elif suffix == ".arrow":
        pyarrow.feather.write_feather(table, str(path))
    elif suffix == ".arrows":
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)
    else:
        import gzip

        path.write_bytes(gzip.compress(csv_file.read_bytes()))
        options = OPTIONS
    assert store.load("lmp", path, options=options).inserted == 2
    rows = store.rows("SELECT interval_start, price_total FROM market.lmp ORDER BY 1")
    assert rows[0] == (datetime(2026, 3, 3, 5, tzinfo=UTC), Decimal("30.5"))


def test_file_that_cannot_be_read_is_named(store, tmp_path):
    broken = tmp_path / "prices.parquet"
    broken.write_bytes(b"not parquet")
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("a,b\n1,2\n1,2,3\n")
    for path in (broken, ragged, tmp_path / "absent.csv", tmp_path / "prices.txt"):
        with pytest.raises(LoadError, match=path.name):
            store.load("lmp", path)
    assert store.ledger.find_open() is None


def test_mapped_column_that_is_not_there_is_named(store, csv_file):
    with pytest.raises(LoadError, match="price"):
        store.load("lmp", csv_file, options=ReadOptions(columns={"price_total": "price"}))


def test_unknown_format_is_named():
    with pytest.raises(LoadError, match="ercot-dam-spp"):
        find_format("ercot")
    assert set(FORMATS) >= {"curves", "lmp", "locations", "curve-alias", "elektra"}
    assert set(FORMATS) >= {*DATASETS, "eia-daily", "alfred"}


EXPIRY_LINES = """cmdty,tick.prefix,Last.Trade,First.Notice,First.Delivery,Last.Delivery,Year,Month,Month.Letter
cmeng,NG,2021-02-24,2021-02-25,2021-03-01,2021-03-31,2021.0,3.0,H
cmeng,NG,2021-03-29,2021-03-30,2021-04-01,2021-04-30,2021.0,4.0,J
"""


def test_expiry_table_becomes_listed_contracts(store, tmp_path):
    path = tmp_path / "expiry_table.csv"
    path.write_text(EXPIRY_LINES)
    assert store.load("contract-expiry", path).inserted == 2
    found = store.rows("SELECT * FROM ref.contract_expiry ORDER BY contract_month")
    assert found[0] == (
        "NG",
        date(2021, 3, 1),
        date(2021, 2, 24),
        date(2021, 3, 1),
        date(2021, 3, 31),
    )


def test_position_rolls_on_the_day_after_the_last_trade():
    listed = {"NG": ((date(2021, 2, 24), date(2021, 3, 1)), (date(2021, 3, 29), date(2021, 4, 1)))}
    assert contract_month_of("NG", date(2021, 2, 24), 1, listed) == date(2021, 3, 1)
    assert contract_month_of("NG", date(2021, 2, 25), 1, listed) == date(2021, 4, 1)
    assert contract_month_of("NG", date(2021, 2, 25), 2, listed) is None
    assert contract_month_of("XX", date(2021, 2, 25), 1, listed) is None


def test_settlements_take_their_month_from_the_expiry_table(store, tmp_path):
    (tmp_path / "expiry_table.csv").write_text(EXPIRY_LINES)
    path = tmp_path / "settlements.csv"
    path.write_text(
        "asof_date,root,contract_index,price\n"
        "2021-02-24,NG,1,2.854\n2021-02-25,NG,1,2.777\n2021-02-25,NG,2,9.9\n2021-02-25,XX,1,9.9\n"
    )
    summary = store.load("nymex-settlements", path)
    assert (summary.inserted, summary.quarantined) == (2, 2)
    found = store.rows(
        "SELECT o.asof_date, delivery_start, value, price_type, r.weighting, r.trading_calendar, "
        "r.root FROM market.curve_observation o JOIN ref.curve r USING (curve_key) ORDER BY 1"
    )
    common = ("SETTLE", "none", "NYMEX", "NG")
    assert found == [
        (date(2021, 2, 24), date(2021, 3, 1), Decimal("2.854"), *common),
        (date(2021, 2, 25), date(2021, 4, 1), Decimal("2.777"), *common),
    ]


def test_settlements_without_an_expiry_table_are_refused(store, tmp_path):
    path = tmp_path / "settlements.csv"
    path.write_text("asof_date,root,contract_index,price\n")
    with pytest.raises(LoadError, match="expiry table"):
        store.load("nymex-settlements", path)


def elektra(folder, hours, day="2024-03-10", iso="iso_ne"):
    data = [{"flow_date": day, "hour_ending": n, "price": "20.5"} for n in hours]
    path = folder / "elektra.json"
    path.write_text(json.dumps({"iso": iso, "node": "ISONE MASS HUB", "data": data}))
    return path


def test_ordinal_hours_skip_the_hour_that_is_not(store, tmp_path):
    assert store.load("elektra", elektra(tmp_path, range(1, 24))).inserted == 23
    labels = [row[0] for row in store.rows("SELECT hour_label FROM market.lmp ORDER BY 1")]
    assert "03" not in labels
    assert labels[-1] == "24"


def test_ordinal_hour_that_the_day_does_not_have_is_refused(store, tmp_path):
    with pytest.raises(LoadError, match="no hour number 24"):
        store.load("elektra", elektra(tmp_path, [24]))


def test_workbook_that_is_none_is_refused(tmp_path):
    pytest.importorskip("python_calamine", reason="the extra `files` is absent")
    path = tmp_path / "prices.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(LoadError, match=r"prices\.xlsx"):
        list(read_ercot_dam_spp(path, PLAIN))


class TestDemo:
    TODAY = date(2026, 11, 24)

    def test_same_day_same_rows(self):
        first, second = ([load.batches for load in demo_batches(self.TODAY)] for _ in range(2))
        assert first == second

    def test_second_load_changes_nothing(self, store):
        first = load_demo(store.writer, self.TODAY)
        assert not [s for s in first if s.quarantined or s.status != "committed"]
        assert {s.status for s in load_demo(store.writer, self.TODAY)} == {"unchanged"}

    def test_next_day_agrees_with_the_day_before(self, store):
        load_demo(store.writer, self.TODAY)
        later = {s.dataset: s for s in load_demo(store.writer, date(2026, 11, 25))}
        assert later["lmp"].quarantined == later["curves"].quarantined == 0
        changed = store.rows(
            "SELECT count(*) FROM market.lmp WHERE version > 1 AND finality = 'preliminary'"
        )
        assert changed == [(0,)]

    def test_there_is_something_of_everything(self, store):
        load_demo(store.writer, self.TODAY)
        lmp = store.rows(
            "SELECT count(DISTINCT iso_code), count(DISTINCT market), "
            "count(*) FILTER (hour_label = '02X'), min(price_total) < 0, "
            "count(DISTINCT finality) FROM market.lmp"
        )
        assert lmp == [(7, 3, 18, True, 2)]
        curves = store.rows(
            "SELECT list(DISTINCT price_type ORDER BY price_type), count(DISTINCT asof_date), "
            "count(*) FILTER (withdrawn), count(*) FILTER (version = 2) "
            "FROM market.curve_observation"
        )
        assert curves == [(["ASK", "BID", "MID", "SETTLE"], 6, 1, 2)]
        weightings = store.rows("SELECT DISTINCT weighting FROM ref.curve ORDER BY 1")
        assert weightings == [("block_hours",), ("days",), ("none",)]
        outside = store.rows(
            "SELECT count(*) FROM ref.location WHERE location_id NOT LIKE 'DEMO_%'"
        )
        assert outside == [(0,)]

    def test_nothing_is_published_after_the_day_it_is_shown(self, store):
        load_demo(store.writer, self.TODAY)
        midnight = datetime(2026, 11, 25, 5, tzinfo=UTC)
        for table in ("market.lmp", "market.curve_observation"):
            ((newest,),) = store.rows(f"SELECT max(published_at) FROM {table}")
            assert newest < midnight


class TestRealData:
    pytestmark = needs_shared

    def test_ercot_year(self, store):
        path = SHARED / "data/ercot_dam_spp_2021/raw"
        pytest.importorskip("python_calamine", reason="the extra `files` is absent")
        summary = store.load("ercot-dam-spp", next(path.glob("*.xlsx")))
        assert (summary.inserted, summary.quarantined) == (131_400, 0)
        tidy = pyarrow.parquet.read_table(path.parent / "tidy.parquet")
        expected = zip(
            *(tidy[n].to_pylist() for n in ("location_id", "interval_start", "price_total")),
            strict=True,
        )
        found = store.rows("SELECT location_id, interval_start, price_total FROM market.lmp")
        assert sorted(found) == sorted((p, s, Decimal(str(v))) for p, s, v in expected)
        days = store.rows(
            "SELECT operating_date, count(*), avg(price_total) FROM market.lmp "
            "WHERE location_id = 'HB_NORTH' AND operating_date IN ('2021-03-14', '2021-11-07') "
            "GROUP BY 1 ORDER BY 1"
        )
        assert [(n, round(mean, 6)) for _, n, mean in days] == [(23, 17.989565), (25, 39.43)]
        february = store.rows(
            "SELECT avg(price_total) FROM market.lmp WHERE location_id = 'HB_NORTH' "
            "AND operating_date BETWEEN '2021-02-01' AND '2021-02-28'"
        )
        assert february[0][0] == pytest.approx(1485.4915, abs=0.0001)

    def test_nymex_settlements(self, store):
        folder = SHARED / "data/futures_ng_cl"
        store.load("contract-expiry", folder / "expiry_table.csv")
        summary = store.load("nymex-settlements", next(folder.glob("*.parquet")))
        assert (summary.inserted, summary.quarantined) == (36_648, 0)
        natural_gas = "JOIN ref.curve r USING (curve_key) WHERE r.root = 'NG'"
        prompt = store.rows(
            "SELECT o.asof_date, min(delivery_start), min_by(value, delivery_start) "
            f"FROM market.curve_observation o {natural_gas} "
            "AND o.asof_date IN ('2021-02-24', '2021-02-25') GROUP BY 1 ORDER BY 1"
        )
        assert [row[1:] for row in prompt] == [
            (date(2021, 3, 1), Decimal("2.854")),
            (date(2021, 4, 1), Decimal("2.777")),
        ]
        strip = store.rows(
            f"SELECT count(*), avg(value) FROM market.curve_observation o {natural_gas} "
            "AND o.asof_date = '2019-01-02' AND year(delivery_start) = 2020"
        )
        assert strip[0] == (12, pytest.approx(2.622750, abs=1e-6))

    def test_isone_short_day(self, store):
        path = SHARED / "data/elektra_isone_2024-03-10/consecutive_dst_begin_data.json"
        assert store.load("elektra", path).inserted == 23
        ((mean,),) = store.rows("SELECT avg(price_total) FROM market.lmp")
        assert mean == pytest.approx(22.25087, abs=1e-6)
