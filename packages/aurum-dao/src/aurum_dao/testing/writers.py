"""What every writer of datasets must do: subclass `WriterBehaviour` and give it a store.

```
class TestDuckDbWriter(WriterBehaviour):
    @pytest.fixture
    def store(self, tmp_path): ...
```
"""

# ruff: noqa: S101, S311 - a behaviour suite asserts, and draws its cases

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa
import pytest

from aurum_core.errors import LoadError
from aurum_dao.ports.ingestion import DatasetWriter, LoadSummary
from aurum_dao.ports.ledger import LoadLedger

ASOF = date(2026, 3, 2)
EVENING = datetime(2026, 3, 2, 23, tzinfo=UTC)
HOUR = datetime(2026, 3, 3, 5, tzinfo=UTC)
DAY = timedelta(days=1)


class WriterStore(Protocol):
    """One warehouse with its ledger, as a test sees it."""

    ledger: LoadLedger

    def open_writer(self) -> DatasetWriter:
        """Return a writer of its own, as another process would have it."""
        ...

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query over what is committed."""
        ...

    def rejections(self, load_seq: int) -> Sequence[tuple[str, str]]:
        """Return (row, reason) of what a load refused."""
        ...


def price(**changes: object) -> dict[str, object]:
    """Return one LMP row, complete but for what follows from it."""
    row: dict[str, object] = {
        "iso_code": "PJM",
        "market": "DA",
        "location_id": "WEST",
        "interval_start": HOUR,
        "price_total": 30.0,
        "published_at": EVENING,
    }
    return row | changes


def quote(**changes: object) -> dict[str, object]:
    """Return one curve row, complete but for what follows from it."""
    row: dict[str, object] = {
        "asset_class": "power",
        "iso": "PJM",
        "location": "WEST",
        "market": "DA",
        "block": "PEAK",
        "asof_date": ASOF,
        "tenor_type": "MONTHLY",
        "delivery_start": date(2026, 4, 1),
        "price_type": "MID",
        "units_raw": "$/MWh",
        "value": 40.0,
        "published_at": EVENING,
    }
    return row | changes


def batch(*rows: Mapping[str, object]) -> list[pa.RecordBatch]:
    """Return rows as one batch."""
    return [pa.RecordBatch.from_pylist(list(rows))]


class WriterBehaviour:
    """The behaviour suite of `DatasetWriter`."""

    @pytest.fixture
    def store(self, tmp_path: object) -> WriterStore:
        """Return an empty store; every subclass gives its own."""
        raise NotImplementedError

    @pytest.fixture
    def writer(self, store: WriterStore) -> DatasetWriter:
        """Return a writer of the store."""
        return store.open_writer()

    def load_quotes(
        self, writer: DatasetWriter, *rows: dict[str, object], source: str = "desk"
    ) -> LoadSummary:
        """Load curve rows without a content hash."""
        return writer.load("curves", batch(*rows), source=source)

    def values(self, store: WriterStore) -> list[tuple[int, Decimal]]:
        """Return version and value of every curve row, oldest version first."""
        return store.rows("SELECT version, value FROM market.curve_observation ORDER BY version")

    def test_an_lmp_row_gets_what_follows_from_it(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """The 23-hour day of New York has no hour ending 3."""
        start = datetime(2026, 3, 8, 7, tzinfo=UTC)
        summary = writer.load("lmp", batch(price(interval_start=start)), source="pjm")
        assert (summary.status, summary.inserted, summary.data_version) == ("committed", 1, 1)
        row = store.rows(
            "SELECT market, interval_minutes, interval_end, operating_date, hour_ending, "
            "hour_label, currency, uom, finality, source, version, data_version, withdrawn "
            "FROM market.lmp"
        )
        end = start + timedelta(hours=1)
        assert row == [
            (
                *("DAY_AHEAD_HOURLY", 60, end, date(2026, 3, 8), 4, "04"),
                *("USD", "MWh", "final", "pjm", 1, 1, False),
            )
        ]

    def test_the_repeated_hour_is_labelled(self, store: WriterStore, writer: DatasetWriter) -> None:
        """Hour ending 2 comes twice on the long day, the second time as 02X."""
        first = datetime(2026, 11, 1, 5, tzinfo=UTC)
        rows = [price(interval_start=first + timedelta(hours=n)) for n in range(2)]
        writer.load("lmp", batch(*rows), source="pjm")
        labels = store.rows(
            "SELECT hour_ending, hour_label FROM market.lmp ORDER BY interval_start"
        )
        assert labels == [(2, "02"), (2, "02X")]

    def test_a_curve_row_gets_what_follows_from_it(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """Identity, unit, tenor and the reference row."""
        self.load_quotes(writer, quote())
        row = store.rows(
            "SELECT market, block, currency, per_unit, delivery_end, contract_month, tenor_label, "
            "value FROM market.curve_observation"
        )
        april = date(2026, 4, 1)
        assert row == [
            ("DAY_AHEAD", "5x16", "USD", "MWh", date(2026, 4, 30), april, "2026-04", Decimal(40))
        ]
        reference = store.rows("SELECT slug, weighting, calendar, per_unit FROM ref.curve")
        assert reference == [("power-pjm-west-da-5x16", "block_hours", "PJM", "MWh")]
        assert store.rows("SELECT source, priority FROM ref.source") == [("desk", 100)]

    def test_reload_adds_nothing(self, store: WriterStore, writer: DatasetWriter) -> None:
        """Also without a content hash, row by row."""
        self.load_quotes(writer, quote(), quote(price_type="BID", value=39.0))
        again = self.load_quotes(writer, quote(), quote(price_type="BID", value=39.0))
        assert (again.status, again.unchanged, again.data_version) == ("unchanged", 2, 1)
        assert len(self.values(store)) == 2

    def test_reload_without_publication_time_adds_nothing(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """The row that is current when it is loaded again is the same."""
        self.load_quotes(writer, quote(published_at=None))
        again = self.load_quotes(writer, quote(published_at=None))
        assert (again.status, again.unchanged) == ("unchanged", 1)
        assert store.rows("SELECT published_at, version FROM market.curve_observation") == [
            (None, 1)
        ]

    def test_known_content_is_not_read(self, store: WriterStore, writer: DatasetWriter) -> None:
        """A file without publication times, loaded again after a correction, is no revert."""
        old, new = quote(published_at=None), quote(published_at=None, value=41.0)
        for rows, digest in ((old, "a"), (new, "b")):
            writer.load("curves", batch(rows), source="desk", content_hash=digest)
        again = writer.load("curves", iter(()), source="desk", content_hash="a")
        assert (again.status, again.read, again.unchanged) == ("unchanged", 1, 1)
        assert self.values(store) == [(1, Decimal(40)), (2, Decimal(41))]

    def test_correction_is_a_new_version(self, store: WriterStore, writer: DatasetWriter) -> None:
        """The superseded row stays."""
        self.load_quotes(writer, quote())
        summary = self.load_quotes(writer, quote(value=41.5, published_at=EVENING + DAY))
        assert (summary.inserted, summary.corrected) == (0, 1)
        assert self.values(store) == [(1, Decimal(40)), (2, Decimal("41.5"))]

    def test_revert_is_a_new_version(self, store: WriterStore, writer: DatasetWriter) -> None:
        """Back to the first value is news, too."""
        for days, value in enumerate((40.0, 41.0, 40.0)):
            self.load_quotes(writer, quote(value=value, published_at=EVENING + days * DAY))
        assert [value for _, value in self.values(store)] == [40, 41, 40]

    def test_older_file_adds_nothing(self, store: WriterStore, writer: DatasetWriter) -> None:
        """A row is judged by what was current when it was published."""
        self.load_quotes(writer, quote())
        self.load_quotes(writer, quote(value=41.0, published_at=EVENING + DAY))
        again = self.load_quotes(writer, quote())
        assert again.status == "unchanged"
        assert len(self.values(store)) == 2

    def test_withdrawn_row_is_a_new_version(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """Taking back is a fact of its own, and taking back twice is none."""
        self.load_quotes(writer, quote())
        taken_back = quote(withdrawn=True, published_at=EVENING + DAY)
        assert self.load_quotes(writer, taken_back).corrected == 1
        assert self.load_quotes(writer, taken_back).status == "unchanged"
        flags = store.rows("SELECT withdrawn FROM market.curve_observation ORDER BY version")
        assert flags == [(False,), (True,)]

    def test_version_orders_rows_within_a_file(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """The file's numbers are not the store's."""
        rows = [quote(value=41.0, version=9), quote(value=40.0, version=7)]
        assert self.load_quotes(writer, *rows).corrected == 1
        assert self.load_quotes(writer, *rows).status == "unchanged"
        assert self.values(store) == [(1, Decimal(40)), (2, Decimal(41))]

    def test_identical_duplicates_are_one(self, store: WriterStore, writer: DatasetWriter) -> None:
        """Every row read is counted once."""
        summary = self.load_quotes(writer, quote(), quote(), quote())
        assert (summary.read, summary.inserted, summary.unchanged) == (3, 1, 2)
        assert len(self.values(store)) == 1

    def test_conflicting_duplicates_are_refused(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """Nobody can say which of them holds; the rest of the load goes on."""
        other = quote(price_type="ASK", value=41.0)
        summary = self.load_quotes(writer, quote(), quote(value=43.0), other)
        assert (summary.inserted, summary.quarantined) == (1, 2)
        assert summary.data_version is not None
        reasons = {reason for _, reason in store.rejections(summary.data_version)}
        assert len(reasons) == 1
        assert "conflicting" in reasons.pop()

    def test_refused_rows_keep_their_text(self, store: WriterStore, writer: DatasetWriter) -> None:
        """A row that cannot be read is kept as it came, with the reason."""
        summary = self.load_quotes(writer, quote(value="n/a", units_raw="furlongs/MWh"))
        assert (summary.status, summary.quarantined) == ("unchanged", 1)
        assert "n/a" in summary.rejections[0].row
        assert "value" in summary.rejections[0].reason
        seq = store.ledger.list_loads()[0].load_seq
        assert len(store.rejections(seq)) == 1

    def test_two_sources_of_one_curve_are_two_facts(self, writer: DatasetWriter) -> None:
        """The source is part of a curve row's key."""
        self.load_quotes(writer, quote())
        assert self.load_quotes(writer, quote(value=44.0), source="broker").inserted == 1

    def test_final_price_is_a_new_version(self, writer: DatasetWriter) -> None:
        """Finality is part of what a row says."""
        writer.load("lmp", batch(price(finality="preliminary")), source="pjm")
        final = price(finality="final", published_at=EVENING + DAY)
        assert writer.load("lmp", batch(final), source="pjm").corrected == 1

    def test_dry_run_changes_nothing(self, store: WriterStore, writer: DatasetWriter) -> None:
        """It tells what a load would do."""
        self.load_quotes(writer, quote())
        tried = writer.load("curves", batch(quote(value=99.0)), source="desk", dry_run=True)
        assert (tried.status, tried.corrected, tried.data_version) == ("dry-run", 1, None)
        assert len(self.values(store)) == 1
        assert len(store.ledger.list_loads()) == 1

    def test_failed_load_leaves_nothing(self, store: WriterStore, writer: DatasetWriter) -> None:
        """All or nothing, and the next load goes on."""
        self.load_quotes(writer, quote())

        def broken() -> Iterator[pa.RecordBatch]:
            yield from batch(quote(value=50.0))
            raise RuntimeError("the file ends here")

        with pytest.raises(RuntimeError):
            writer.load("curves", broken(), source="desk")
        assert self.values(store) == [(1, Decimal(40))]
        assert store.ledger.find_open() is None
        assert self.load_quotes(writer, quote(value=51.0)).corrected == 1

    def test_two_loads_exclude_each_other(self, store: WriterStore, writer: DatasetWriter) -> None:
        """The second is refused while the first is open, and welcome afterwards."""

        def slow() -> Iterator[pa.RecordBatch]:
            with pytest.raises(LoadError, match="load is open"):
                self.load_quotes(store.open_writer(), quote(price_type="ASK"))
            yield from batch(quote())

        assert writer.load("curves", slow(), source="desk").inserted == 1
        assert self.load_quotes(store.open_writer(), quote(price_type="ASK")).inserted == 1

    def test_data_version_rises(self, store: WriterStore, writer: DatasetWriter) -> None:
        """Every row carries the load it came with."""
        first = self.load_quotes(writer, quote()).data_version
        second = self.load_quotes(writer, quote(value=41.0)).data_version
        assert first is not None
        assert second is not None
        assert second > first
        found = store.rows("SELECT data_version FROM market.curve_observation ORDER BY 1")
        assert found == [(first,), (second,)]

    def test_unknown_dataset_is_refused(self, writer: DatasetWriter) -> None:
        """By name, with the names there are."""
        with pytest.raises(LoadError, match="curves"):
            writer.load("curvez", batch(quote()), source="desk")

    def test_missing_columns_are_refused(self, store: WriterStore, writer: DatasetWriter) -> None:
        """By name; nothing is loaded."""
        row = {"iso_code": "PJM", "market": "DA"}
        with pytest.raises(LoadError, match="interval_start"):
            writer.load("lmp", batch(row), source="pjm")
        assert store.ledger.find_open() is None

    def test_reference_rows_are_replaced(self, store: WriterStore, writer: DatasetWriter) -> None:
        """A reference table has no versions."""
        row = {"iso_code": "iso-ne", "location_id": "4000", "location_name": "Hub", "zone": "Z"}
        added = writer.load("locations", batch(row), source="isone")
        changed = writer.load("locations", batch(row | {"zone": "Y"}), source="isone")
        again = writer.load("locations", batch(row | {"zone": "Y"}), source="isone")
        assert (added.inserted, changed.corrected, again.status) == (1, 1, "unchanged")
        found = store.rows("SELECT iso_code, zone, timezone FROM ref.location")
        assert found == [("ISONE", "Y", "America/New_York")]

    def test_curve_attributes_are_completed(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """A file of attributes says some and leaves the others as they are."""
        identity = {"asset_class": "power", "iso": "pjm", "location": "WEST", "market": "DA"}
        self.load_quotes(writer, quote(weighting="days"))
        row = identity | {"block": "PEAK", "settle_market": "DAY_AHEAD_HOURLY"}
        new = identity | {"block": "7x8", "settle_market": "DAY_AHEAD_HOURLY"}
        summary = writer.load("curve", batch(row, new), source="desk")
        assert (summary.inserted, summary.corrected) == (1, 1)
        found = store.rows("SELECT block, weighting, settle_market, per_unit FROM ref.curve")
        assert sorted(found) == [
            ("5x16", "days", "DAY_AHEAD_HOURLY", "MWh"),
            ("7x8", "block_hours", "DAY_AHEAD_HOURLY", None),
        ]

    def test_known_location_is_not_touched_by_prices(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """Prices make a location known; they never change one."""
        row = {"iso_code": "PJM", "location_id": "WEST", "location_name": "Western Hub"}
        writer.load("locations", batch(row), source="pjm")
        writer.load("lmp", batch(price(), price(location_id="EAST")), source="pjm")
        names = store.rows("SELECT location_id, location_name FROM ref.location ORDER BY 1")
        assert names == [("EAST", None), ("WEST", "Western Hub")]

    def test_loaded_unit_spelling_is_understood(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """A row refused for its unit goes in once the spelling is known, and only that row."""
        odd = quote(units_raw="zorkmid/MWh", price_type="ASK")
        rows = batch(quote(), odd)
        first = writer.load("curves", rows, source="desk", content_hash="f")
        assert (first.inserted, first.quarantined) == (1, 1)
        spelling = {"units_raw": "Zorkmid/MWh", "currency": "USD", "per_unit": "MWh", "scale": 2.0}
        writer.load("units", batch(spelling), source="desk")
        second = writer.load("curves", rows, source="desk", content_hash="f")
        assert (second.inserted, second.unchanged, second.quarantined) == (1, 1, 0)
        found = store.rows("SELECT value FROM market.curve_observation WHERE price_type = 'ASK'")
        assert found == [(Decimal(80),)]

    def test_reload_refuses_the_same_rows_only_once(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """A file that was read, refused and stored as before leaves no trace of a second time."""
        odd, worse = (quote(units_raw=f"{word}/MWh", price_type=word) for word in ("ASK", "BID"))
        rows = batch(quote(), odd, worse)
        first = writer.load("curves", rows, source="desk", content_hash="f")
        for _ in range(2):
            again = writer.load("curves", rows, source="desk", content_hash="f")
            assert (again.status, again.read, again.unchanged) == ("unchanged", 3, 1)
            assert (again.quarantined, len(again.rejections)) == (2, 2)
            assert again.data_version == first.data_version
        (only,) = store.ledger.list_loads("curves")
        assert len(store.rejections(only.load_seq)) == 2
        spelling = {"units_raw": "ASK/MWh", "currency": "USD", "per_unit": "MWh"}
        writer.load("units", batch(spelling), source="desk")
        for inserted in (1, 0, 0):
            again = writer.load("curves", rows, source="desk", content_hash="f")
            assert (again.inserted, again.quarantined) == (inserted, 1)
        loads = store.ledger.list_loads("curves")
        assert [len(store.rejections(load.load_seq)) for load in loads] == [1, 2]

    def test_a_row_is_what_was_known_at_its_time(self, store: WriterStore) -> None:
        """Whatever the order of loads: at its own time each row is read back, earlier ones stay."""
        chooser = random.Random(7)
        self.load_quotes(store.open_writer(), quote())
        for number in range(3):
            writer, block = store.open_writer(), quote(location=f"P{number}")
            for _ in range(3):
                days = chooser.sample(range(6), chooser.randint(1, 3))
                said = {day: float(chooser.randint(1, 3)) for day in days}
                before = {day: self.known(store, number, day) for day in range(min(days))}
                rows = [
                    block | {"value": value, "published_at": EVENING + day * DAY}
                    for day, value in said.items()
                ]
                self.load_quotes(writer, *rows)
                assert {day: self.known(store, number, day) for day in said} == said
                assert {day: self.known(store, number, day) for day in before} == before
                assert self.load_quotes(writer, *rows).status == "unchanged"

    def known(self, store: WriterStore, number: int, day: int) -> float | None:
        """Return the value of a test curve as it was known on a day."""
        found = store.rows(
            "SELECT value FROM market.curve_observation "
            f"WHERE location = 'P{number}' AND published_at <= '{EVENING + day * DAY}' "
            "ORDER BY published_at DESC, version DESC LIMIT 1"
        )
        return float(found[0][0]) if found else None
