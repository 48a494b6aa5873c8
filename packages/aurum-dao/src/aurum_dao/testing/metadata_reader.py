"""The behaviour suite of `MetadataReader`."""

# ruff: noqa: S101, D102 - a suite asserts; its test names say what is true

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from aurum_dao.ports.curves import CurveFilter
from aurum_dao.ports.metadata import DimensionQuery, LocationQuery
from aurum_dao.ports.paging import AsOf, Window
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.testing.curve_reader import APR, MAY, MON, TUE, WED, load
from aurum_dao.testing.facts import SOURCES, corrected, curve, location, price, quote
from aurum_dao.testing.stores import ReaderStore, ReaderSuite, walk


@dataclass(slots=True)
class Place:
    """What the suite reads of a location."""

    iso_code: str
    location_id: str
    location_name: str | None
    valid_from: date


class MetadataReaderBehaviour(ReaderSuite):
    """The behaviour suite of `MetadataReader`."""

    def test_dimensions_count_observations_at_the_resolved_date(self) -> None:
        gone = quote("b", TUE, MAY, 1)

        async def scenario(store: ReaderStore) -> None:
            query = DimensionQuery(pin=store.pin(), asof=AsOf(today=WED), where=CurveFilter())
            found = await store.metadata.list_dimensions(query)
            assert found["location"] == [("A", 2), ("B", 1), ("C", 1)]
            assert found["iso"] == [("ERCOT", 1), ("PJM", 3)]
            assert found["tenor_type"] == [("DAILY", 1), ("MONTHLY", 3)]
            assert found["product"] == []
            exact = replace(query, asof=AsOf(today=WED, day=MON))
            assert (await store.metadata.list_dimensions(exact))["location"] == [("A", 1)]
            narrow = replace(query, where=CurveFilter(location=("A", "B")), per_dimension=1)
            assert (await store.metadata.list_dimensions(narrow))["location"] == [("A", 2)]
            begun = replace(query, prefix="da")
            assert (await store.metadata.list_dimensions(begun))["tenor_type"] == [("DAILY", 1)]
            assert (await store.metadata.list_dimensions(begun))["iso"] == []

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 1),
                quote("a", TUE, APR, 1),
                quote("a", TUE, APR, 1, price_type="BID"),
                quote("b", TUE, APR, 1),
                gone,
                quote("c", TUE, APR, 1, tenor_type="DAILY"),
                curves=[curve("c", iso="ERCOT")],
            ),
            load(corrected(gone, withdrawn=True)),
        )

    def test_a_foreign_source_adds_no_dimension(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            query = DimensionQuery(pin=store.pin(), asof=AsOf(today=WED), where=CurveFilter())
            found = await store.metadata.list_dimensions(query)
            assert found["location"] == []

        self.check(scenario, load(quote("a", TUE, APR, 1, source="desk-marks")))

    def test_locations_show_their_newest_entry_or_that_of_a_day(self) -> None:
        old = location("PJM", "WEST", date(2020, 1, 1), valid_to=date(2024, 1, 1))

        async def scenario(store: ReaderStore) -> None:
            query = LocationQuery()

            async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                return await store.metadata.list_locations(query, Place, window)

            rows = await walk(read, 1)
            assert [(r.iso_code, r.location_id, r.valid_from.year) for r in rows] == [
                ("ERCOT", "HB_NORTH", 2010),
                ("PJM", "EAST", 2022),
                ("PJM", "WEST", 2024),
            ]
            query = LocationQuery(day=date(2023, 12, 31), iso=("PJM",))
            assert [r.valid_from.year for r in await walk(read, 1)] == [2022, 2020]
            query = LocationQuery(day=date(2021, 1, 1))
            assert [r.location_id for r in await walk(read, 5)] == ["HB_NORTH", "WEST"]
            query = LocationQuery(location_id="WEST", iso=("PJM",))
            assert len(await walk(read, 5)) == 1
            query = LocationQuery(location_type=("NODE",))
            assert [r.location_id for r in await walk(read, 5)] == ["EAST"]

        self.check(
            scenario,
            {
                "ref.location": [
                    location("PJM", "WEST", date(2024, 1, 1)),
                    old,
                    location("PJM", "EAST", date(2022, 1, 1), location_type="NODE"),
                    location("ERCOT", "HB_NORTH", date(2010, 1, 1), location_name="100%_North!"),
                ]
            },
        )

    def test_a_prefix_means_itself(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for prefix, found in (
                ("hb_", ["HB_NORTH"]),
                ("100%_n", ["HB_NORTH"]),
                ("100%_North!", ["HB_NORTH"]),
                ("h%", []),
                ("hbx", ["HBX"]),
                ("!", []),
                ("'; DROP", []),
            ):
                query = LocationQuery(prefix=prefix)
                page = await store.metadata.list_locations(query, Place, Window(limit=9))
                assert [row.location_id for row in page.rows] == found

        since = date(2010, 1, 1)
        self.check(
            scenario,
            {
                "ref.location": [
                    location("ERCOT", "HB_NORTH", since, location_name="100%_North!"),
                    location("ERCOT", "HBX", since, location_name=None),
                ]
            },
        )

    def test_datasets_tell_what_they_hold(self) -> None:
        noon = datetime(2026, 3, 3, 17, tzinfo=UTC)

        async def scenario(store: ReaderStore) -> None:
            spans = {s.name: s for s in await store.metadata.list_datasets(pin=store.pin())}
            assert list(spans) == list(DATASETS)
            curves, prices = spans["curves"], spans["lmp"]
            assert (curves.row_count, curves.data_version) == (0, None)
            assert (curves.earliest, curves.latest, curves.last_load) == (None, None, None)
            assert (prices.row_count, prices.data_version) == (2, 1)
            assert prices.earliest == prices.latest == date(2026, 3, 3)
            assert prices.last_load is not None
            assert prices.last_load.utcoffset() is not None

        rows = [price(noon, 1), price(noon, 2, location_id="EAST")]
        private = price(noon, 3, source="desk-marks")
        self.check(scenario, {"market.lmp": [*rows, private], "ref.source": SOURCES})
