"""What every writer must do with observations: subclass `ObservationWriterBehaviour`.

It complements `WriterBehaviour`, which holds the rules of loads, versions and refusals.
"""

# ruff: noqa: S101 - a behaviour suite asserts

from datetime import UTC, date, datetime, timedelta

import pytest

from aurum_dao.ports.ingestion import DatasetWriter
from aurum_dao.testing.writers import DAY, EVENING, WriterStore, batch


def observation(**changes: object) -> dict[str, object]:
    """Return one row of an EIA series, complete but for what follows from it."""
    row: dict[str, object] = {
        "series_id": "NG.RNGWHHD.D",
        "frequency": "daily",
        "period": "2026-03-02",
        "value": 3.5,
        "published_at": EVENING,
    }
    return row | changes


def index_value(**changes: object) -> dict[str, object]:
    """Return one value of a drought index."""
    row: dict[str, object] = {
        "dataset": "grid",
        "index": "SPI",
        "timescale": "3M",
        "region_type": "COUNTY",
        "region_id": "01001",
        "valid_date": date(2026, 3, 3),
        "value": -1.25,
        "published_at": EVENING,
    }
    return row | changes


def area(**changes: object) -> dict[str, object]:
    """Return one area of the US Drought Monitor; the fraction without drought follows."""
    row: dict[str, object] = {
        "region_type": "STATE",
        "region_id": "06",
        "valid_date": date(2026, 3, 3),
        "d0_frac": 0.215,
        "d1_frac": 0.17,
        "d2_frac": 0.13,
        "d3_frac": 0.08,
        "d4_frac": 0.025,
        "published_at": EVENING,
    }
    return row | changes


def reading(**changes: object) -> dict[str, object]:
    """Return one observation of another provider."""
    row: dict[str, object] = {
        "provider": "FRED",
        "series_id": "DGS10",
        "ts": datetime(2026, 3, 2, tzinfo=UTC),
        "value": "4.06",
        "published_at": EVENING,
    }
    return row | changes


CASES = (
    ("eia", "market.eia_observation", observation(), {"value": 3.6}),
    ("drought-index", "environment.drought_index", index_value(), {"value": -1.5}),
    ("usdm", "environment.usdm_area", area(), {"d0_frac": 0.2}),
    ("external", "external.observation", reading(), {"value": "4.10"}),
)
"""Dataset, table, a row, and what a correction of it says."""

each_dataset = pytest.mark.parametrize(("name", "table", "row", "change"), CASES)


class ObservationWriterBehaviour:
    """The behaviour suite of `DatasetWriter` for series and drought."""

    @pytest.fixture
    def store(self, tmp_path: object) -> WriterStore:
        """Return an empty store; every subclass gives its own."""
        raise NotImplementedError

    @pytest.fixture
    def writer(self, store: WriterStore) -> DatasetWriter:
        """Return a writer of the store."""
        return store.open_writer()

    @each_dataset
    def test_correction_and_revert_are_versions_and_repeats_are_none(
        self,
        store: WriterStore,
        writer: DatasetWriter,
        name: str,
        table: str,
        row: dict[str, object],
        change: dict[str, object],
    ) -> None:
        """The rule of every fact holds for each of them."""
        said = [
            row,
            row | change | {"published_at": EVENING + DAY},
            row | {"published_at": EVENING + 2 * DAY},
        ]
        for number, one in enumerate(said, 1):
            summary = writer.load(name, batch(one), source="desk")
            assert (summary.inserted, summary.corrected) == ((1, 0) if number == 1 else (0, 1))
            assert writer.load(name, batch(one), source="desk").status == "unchanged"
        assert writer.load(name, batch(*said), source="desk").status == "unchanged"
        versions = store.rows(f"SELECT version, source FROM {table} ORDER BY version")
        assert versions == [(1, "desk"), (2, "desk"), (3, "desk")]
        assert store.rows("SELECT source FROM ref.source") == [("desk",)]

    @each_dataset
    def test_row_is_taken_back(
        self,
        store: WriterStore,
        writer: DatasetWriter,
        name: str,
        table: str,
        row: dict[str, object],
        change: dict[str, object],
    ) -> None:
        """Taking back is a fact of its own; a dry run before it changes nothing."""
        del change
        writer.load(name, batch(row), source="desk")
        gone = row | {"withdrawn": True, "published_at": EVENING + DAY}
        assert writer.load(name, batch(gone), source="desk", dry_run=True).corrected == 1
        assert writer.load(name, batch(gone), source="desk").corrected == 1
        flags = store.rows(f"SELECT withdrawn FROM {table} ORDER BY version")
        assert flags == [(False,), (True,)]

    @each_dataset
    def test_not_a_number_is_refused_and_the_rest_is_loaded(
        self,
        store: WriterStore,
        writer: DatasetWriter,
        name: str,
        table: str,
        row: dict[str, object],
        change: dict[str, object],
    ) -> None:
        """No NaN and no infinity is ever stored."""
        (column,) = change
        for text in (float("nan"), float("-inf")):
            mixed = batch(row | {column: text}) + batch(row | {"withdrawn": None})
            if isinstance(row[column], str):
                mixed = batch(row | {column: str(text)}, row)
            writer.load(name, mixed, source="desk")
        assert store.rows(f"SELECT count(*) FROM {table}") == [(1,)]
        refused = store.rejections(store.ledger.list_loads()[0].load_seq)
        assert [column in reason for _, reason in refused] == [True]

    def test_missing_values_are_null_and_keep_their_text(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """A point, nothing at all and null are no value; they are never zero."""
        months = [f"2026-{n:02d}" for n in range(1, 5)]
        rows = [
            observation(frequency="monthly", period=month, value=value)
            for month, value in zip(months, (" . ", "", None, "3.50"), strict=True)
        ]
        writer.load("eia", batch(*rows), source="eia")
        found = store.rows("SELECT value, raw_value FROM market.eia_observation ORDER BY period")
        assert found == [(None, "."), (None, None), (None, None), (3.5, "3.50")]
        days = [datetime(2026, 3, n, tzinfo=UTC) for n in (2, 3)]
        writer.load(
            "external", batch(reading(ts=days[0], value="."), reading(ts=days[1])), source="fred"
        )
        found = store.rows("SELECT value, value_raw FROM external.observation ORDER BY ts")
        assert found == [(None, "."), (4.06, "4.06")]

    def test_a_period_says_when_it_is(self, store: WriterStore, writer: DatasetWriter) -> None:
        """A week is named by its last day, an hour of the grid by its end."""
        hour = {
            "series_id": None,
            "dataset": "electricity/rto/region-data",
            "facets": '{"type": "D", "respondent": "PJM"}',
        }
        rows = [
            observation(frequency="weekly", period="2025-09-12", dataset=None, facets=None),
            observation(frequency="hourly", period="2025-03-09T07", **hour),
            observation(frequency="local-hourly", period="2025-03-09T03-0400", **hour),
            observation(frequency="local-hourly", period="2025-03-09T03-04", **hour),
        ]
        summary = writer.load("eia", batch(*rows), source="eia")
        assert (summary.inserted, summary.unchanged) == (3, 1)
        found = store.rows(
            "SELECT series_id, frequency, period, period_start, period_end "
            "FROM market.eia_observation ORDER BY frequency"
        )
        demand = "electricity.rto.region-data;respondent=PJM;type=D"
        six, seven = (datetime(2025, 3, 9, n, tzinfo=UTC) for n in (6, 7))
        saturday = datetime(2025, 9, 6, tzinfo=UTC)
        assert found == [
            (demand, "hourly", "2025-03-09T07", six, seven),
            (demand, "local-hourly", "2025-03-09T03-04", six, seven),
            ("NG.RNGWHHD.D", "weekly", "2025-09-12", saturday, saturday + timedelta(days=7)),
        ]

    def test_token_of_another_frequency_is_refused(self, writer: DatasetWriter) -> None:
        """With the token and the frequency in the reason."""
        rows = [observation(period="2026-03"), observation()]
        summary = writer.load("eia", batch(*rows), source="eia")
        assert (summary.inserted, summary.quarantined) == (1, 1)
        assert "'2026-03'" in summary.rejections[0].reason
        assert "daily" in summary.rejections[0].reason

    def test_area_without_drought_is_what_remains(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """Fractions sum to one; a file may leave out the one that follows."""
        other = area(region_id="48", none_frac=0.5)
        summary = writer.load("usdm", batch(area(none_frac=None), other), source="ndmc")
        assert (summary.inserted, summary.quarantined) == (1, 1)
        assert "sum to 1" in summary.rejections[0].reason
        ((region, rest),) = store.rows("SELECT region_id, none_frac FROM environment.usdm_area")
        assert region == "06"
        assert abs(rest - 0.38) < 1e-9

    def test_fraction_of_a_second_is_not_lost(
        self, store: WriterStore, writer: DatasetWriter
    ) -> None:
        """A load reads what is known of its own span, to the microsecond."""
        row = reading(ts=datetime(2026, 3, 2, 1, 2, 3, 456_789, tzinfo=UTC))
        writer.load("external", batch(row), source="fred")
        changed = row | {"value": "4.2", "published_at": EVENING + DAY}
        assert writer.load("external", batch(changed), source="fred").corrected == 1
        versions = store.rows("SELECT version FROM external.observation ORDER BY 1")
        assert versions == [(1,), (2,)]
