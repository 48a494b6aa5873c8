"""The behaviour suite of `LmpReader`: versions, ranges, windows, sums, pages."""

# ruff: noqa: S101, D102 - a suite asserts; its test names say what is true

import asyncio
import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aurum_core.rows import Column, Price
from aurum_dao.ports.iso import BlockRule, Grain, LmpQuery, LmpWindow
from aurum_dao.ports.paging import Page, Window
from aurum_dao.testing.facts import SOURCES, Row, corrected, price
from aurum_dao.testing.stores import (
    ReaderStore,
    ReaderSuite,
    Tables,
    walk,
    walk_back,
)

ALL = Window(limit=10_000)
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EASTERN = BlockRule("America/New_York", 8, 23, (0, 1, 2, 3, 4), (date(2026, 3, 4),))
PROPERTY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)


@dataclass(slots=True)
class Interval:
    """What the suite reads of a price."""

    iso: Annotated[str, Column("iso_code")]
    market: str
    location_id: str
    interval_start: datetime
    interval_minutes: int
    interval_end: datetime
    operating_date: date
    price_total: Price
    price_energy: Price | None
    finality: str
    version: int


def load(*prices: Row) -> Tables:
    """Return a load of prices."""
    return {"market.lmp": prices, "ref.source": SOURCES}


async def totals(store: ReaderStore, query: LmpQuery) -> list[Any]:
    """Return the prices of every row."""
    page = await store.prices.list_prices(query, Interval, ALL)
    return [row.price_total for row in page.rows]


class LmpReaderBehaviour(ReaderSuite):
    """The behaviour suite of `LmpReader`."""

    def test_final_beats_preliminary_whenever_published(self) -> None:
        final = price(NOON, 30)
        late = corrected(final, price_total=Decimal(99), finality="preliminary")

        async def scenario(store: ReaderStore) -> None:
            assert await totals(store, LmpQuery(pin=store.pin())) == [30]
            early = store.pin(known_at=final["published_at"] - timedelta(seconds=1))
            assert await totals(store, LmpQuery(pin=early)) == []

        self.check(scenario, load(final), load(late))

    def test_the_newest_version_of_an_interval_counts(self) -> None:
        first = price(NOON, 30, finality="preliminary")
        second = corrected(first, price_total=Decimal(31))
        third = corrected(second, price_total=Decimal(32), finality="final")

        async def scenario(store: ReaderStore) -> None:
            for version, value in ((1, 30), (2, 31), (3, 32)):
                assert await totals(store, LmpQuery(pin=store.pin(version=version))) == [value]
            known = store.pin(known_at=second["published_at"])
            assert await totals(store, LmpQuery(pin=known)) == [31]

        self.check(scenario, load(first), load(second), load(third))

    def test_a_page_is_full_however_many_versions_lie_before_it(self) -> None:
        versions = [price(NOON, 0)]
        for number in range(1, 60):
            total = Decimal(number)
            versions.append(corrected(versions[-1], price_total=total, data_version=1))

        async def scenario(store: ReaderStore) -> None:
            async def read(window: Window) -> Page[Interval]:
                return await store.prices.list_prices(LmpQuery(pin=store.pin()), Interval, window)

            for limit in (1, 2, 3):
                assert [row.price_total for row in await walk(read, limit)] == [59, 7, 8]
            assert [row.price_total for row in await walk_back(read, 1)] == [59, 7, 8]

        self.check(scenario, load(*versions, price(NOON + HOUR, 7), price(NOON + 2 * HOUR, 8)))

    def test_a_withdrawn_interval_is_gone(self) -> None:
        gone = price(NOON, 30)

        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin())
            assert await totals(store, query) == [31]
            newest = await store.prices.list_newest(replace(query, location=("WEST",)))
            assert newest == []
            sums = await store.prices.list_sums(query, "hour", ALL)
            assert [s.location_id for s in sums.rows] == ["EAST"]

        self.check(
            scenario,
            load(gone, price(NOON, 31, location_id="EAST")),
            load(corrected(gone, withdrawn=True)),
        )

    def test_ranges_are_half_open_in_instants_or_operating_days(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin(), start=NOON, end=NOON + 2 * HOUR)
            assert await totals(store, query) == [0, 1]
            query = LmpQuery(pin=store.pin(), first_day=date(2026, 3, 4), end_day=date(2026, 3, 5))
            assert await totals(store, query) == [12, 13]

        rows = [price(NOON + hours * HOUR, hours) for hours in (0, 1, 2, 11, 12, 13)]
        self.check(scenario, load(*rows))

    def test_series_are_narrowed_by_each_filter(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            pin = store.pin()
            ercot = ("ERCOT", "REAL_TIME_15_MIN")
            for query, found in (
                (LmpQuery(pin=pin, iso=("ERCOT",)), [2]),
                (LmpQuery(pin=pin, market=("DAY_AHEAD_HOURLY",)), [3, 1]),
                (LmpQuery(pin=pin, pairs=(ercot, ("PJM", "DAY_AHEAD_HOURLY"))), [2, 3, 1]),
                (LmpQuery(pin=pin, pairs=(ercot,), iso=("PJM",)), [2]),
                (LmpQuery(pin=pin, location=("EAST",)), [3]),
                (LmpQuery(pin=pin, location_type=("NODE",)), [3]),
                (LmpQuery(pin=pin, source=("broker",)), [3]),
                (LmpQuery(pin=pin, source=("desk-marks",)), []),
                (LmpQuery(pin=store.pin(tenant="desk"), source=("desk-marks",)), [9]),
            ):
                assert await totals(store, query) == found

        self.check(
            scenario,
            load(
                price(NOON, 1),
                price(NOON, 2, minutes=15, iso_code="ERCOT", market="REAL_TIME_15_MIN"),
                price(NOON, 3, location_id="EAST", location_type="NODE", source="broker"),
                price(NOON + HOUR, 9, source="desk-marks"),
            ),
        )

    def test_windows_give_each_market_its_own_range(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            newest = await store.prices.list_newest(LmpQuery(pin=store.pin(), start=NOON + DAY))
            assert [(n.iso_code, n.interval_end) for n in newest] == [
                ("ERCOT", NOON + HOUR),
                ("PJM", NOON + 3 * HOUR),
            ]
            windows = tuple(
                LmpWindow(n.iso_code, n.market, n.interval_end - 2 * HOUR, n.interval_end)
                for n in newest
            )
            query = LmpQuery(pin=store.pin(), windows=windows, iso=("MISO",), start=NOON + DAY)
            assert await totals(store, query) == [9, 1, 2]
            one = replace(query, windows=windows[1:])
            assert await totals(store, one) == [1, 2]

        rows = [price(NOON + hours * HOUR, hours) for hours in range(3)]
        self.check(scenario, load(*rows, price(NOON, 9, iso_code="ERCOT")))

    def test_a_price_is_negative_in_its_current_version(self) -> None:
        up, down = price(NOON, -5), price(NOON + HOUR, 5)

        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin(), negative=True, newest_first=True)
            assert await totals(store, query) == [-3, -7]
            assert await totals(store, replace(query, pin=store.pin(version=1))) == [-3, -5]
            stream = store.prices.iter_prices(query, Interval)
            batches = [batch.to_pylist() async for batch in stream]
            assert [row["price_total"] for rows in batches for row in rows] == [-3, -7]
            newest = await store.prices.list_newest(query)
            assert [n.interval_end for n in newest] == [NOON + 3 * HOUR]

        self.check(
            scenario,
            load(up, down, price(NOON + 2 * HOUR, -3)),
            load(
                corrected(up, price_total=Decimal(4)),
                corrected(down, price_total=Decimal(-7)),
            ),
        )

    def test_newest_first_reverses_time_alone(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin(), newest_first=True)
            page = await store.prices.list_prices(query, Interval, ALL)
            found = [(row.interval_start, row.location_id) for row in page.rows]
            assert found == [(NOON + HOUR, "WEST"), (NOON, "EAST"), (NOON, "WEST")]

        rows = [price(NOON, 1), price(NOON, 2, location_id="EAST"), price(NOON + HOUR, 3)]
        self.check(scenario, load(*rows))

    def test_a_bucket_sums_price_by_minutes(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin())
            page = await store.prices.list_sums(query, "hour", ALL)
            first, second = page.rows
            assert (first.bucket, first.minutes, first.intervals) == (NOON, 60, 4)
            assert first.price_minutes == 15 * (10 - 20 + 30 + 40)
            assert first.price_min == -20
            assert first.price_max == 40
            assert first.price_sum == 60
            assert first.price_square_sum == 3000
            assert (first.negative_intervals, first.negative_minutes) == (1, 15)
            assert (second.bucket, second.currency, second.uom) == (NOON + HOUR, "USD", "MWh")
            buckets: tuple[tuple[Grain, date], ...] = (
                ("day", date(2026, 3, 3)),
                ("month", date(2026, 3, 1)),
                ("range", date(2026, 3, 3)),
            )
            for grain, bucket in buckets:
                (row,) = (await store.prices.list_sums(query, grain, ALL)).rows
                assert (row.bucket, row.minutes) == (bucket, 75)
            named = replace(query, first_day=date(2026, 2, 27), end_day=date(2026, 4, 1))
            (row,) = (await store.prices.list_sums(named, "range", ALL)).rows
            assert row.bucket == date(2026, 2, 27)

        quarter = timedelta(minutes=15)
        values = (10, -20, 30, 40, 50)
        rows = [price(NOON + i * quarter, v, minutes=15) for i, v in enumerate(values)]
        self.check(scenario, load(*rows))

    def test_a_scarcity_price_can_be_squared(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            page = await store.prices.list_sums(LmpQuery(pin=store.pin()), "day", ALL)
            assert page.rows[0].price_square_sum == 2 * Decimal("123456.123456") ** 2

        rows = [price(NOON + i * HOUR, "123456.123456") for i in range(2)]
        self.check(scenario, load(*rows))

    def test_of_an_hour_only_one_interval_length_counts(self) -> None:
        five = timedelta(minutes=5)

        async def scenario(store: ReaderStore) -> None:
            page = await store.prices.list_sums(LmpQuery(pin=store.pin()), "hour", ALL)
            assert [s.minutes for s in page.rows] == [60, 60]
            assert [int(s.price_max) for s in page.rows] == [100, 7]
            (day,) = (await store.prices.list_sums(LmpQuery(pin=store.pin()), "day", ALL)).rows
            assert (day.minutes, day.intervals) == (120, 13)

        rows = [price(NOON, 100), *(price(NOON + i * five, 5, minutes=5) for i in range(3))]
        rows += [price(NOON + HOUR + i * five, 7, minutes=5) for i in range(12)]
        rows += [price(NOON + HOUR, 200)]
        self.check(scenario, load(*rows))

    def test_rows_of_different_units_are_never_summed(self) -> None:
        """Also where an hour of one series has several, and where grids are mixed."""
        euros, therms = {"currency": "EUR"}, {"uom": "MMBtu"}
        five = timedelta(minutes=5)
        units: list[Any] = [("EUR", "MWh", 100), ("USD", "MMBtu", 7), ("USD", "MWh", 10)]
        grains: tuple[Grain, ...] = ("hour", "day", "month", "range")

        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin(), iso=("PJM",))
            for grain in grains:
                page = await store.prices.list_sums(query, grain, ALL)
                assert [
                    (s.currency, s.uom, int(s.price_max), int(s.price_min), s.minutes)
                    for s in page.rows
                ] == [(*unit, unit[2], 15) for unit in units]
                assert len(await _sums(store, query, grain, 1)) == len(units)
            blocks = (await store.prices.list_block_sums(query, EASTERN, "day", ALL)).rows
            assert [(s.currency, s.uom, s.peak_max, s.peak_minutes) for s in blocks] == [
                (*unit, 15) for unit in units
            ]
            assert await _blocks(store, query, 1) == blocks
            mixed = replace(query, iso=("ERCOT",))
            page = await store.prices.list_sums(mixed, "hour", ALL)
            assert [(s.currency, s.minutes, int(s.price_max)) for s in page.rows] == [
                ("EUR", 15, 5),
                ("USD", 60, 1),
            ]

        quarter = timedelta(minutes=15)
        self.check(
            scenario,
            load(
                price(NOON, 10, minutes=15),
                price(NOON + quarter, 100, minutes=15, **euros),
                price(NOON + 2 * quarter, 7, minutes=15, **therms),
                price(NOON, 1, iso_code="ERCOT"),
                *(
                    price(NOON + i * five, 5, minutes=5, iso_code="ERCOT", **euros)
                    for i in range(3)
                ),
            ),
        )

    def test_blocks_follow_the_rules_clock(self) -> None:
        """Tuesday is worked, Wednesday is the rule's holiday; hours ending 8 to 23 are daytime."""
        start = datetime(2026, 3, 3, 5, tzinfo=UTC)  # midnight in New York

        async def scenario(store: ReaderStore) -> None:
            query = LmpQuery(pin=store.pin(), first_day=date(2026, 3, 3), end_day=date(2026, 3, 5))
            page = await store.prices.list_block_sums(query, EASTERN, "day", ALL)
            found = [(s.peak_minutes, s.day_minutes, s.night_minutes) for s in page.rows]
            assert found == [(960, 0, 480), (0, 960, 480)]
            assert [s.bucket for s in page.rows] == [date(2026, 3, 3), date(2026, 3, 4)]
            first = page.rows[0]
            assert [first.peak_min, first.peak_max] == [7, 22]
            assert first.day_min is None
            assert first.day_price_minutes == 0
            grains: tuple[Grain, ...] = ("month", "range")
            for grain in grains:
                (row,) = (await store.prices.list_block_sums(query, EASTERN, grain, ALL)).rows
                assert row.peak_minutes + row.day_minutes + row.night_minutes == 2880
                assert row.bucket == date(2026, 3, 1 if grain == "month" else 3)

        rows = [price(start + hour * HOUR, hour % 24) for hour in range(-3, 50)]
        self.check(scenario, load(*rows))

    def test_golden_2_hourly(self) -> None:
        self._golden("g2_lmp_hourly.csv", "pjm_hourly_operating_day")

    def test_golden_2_five_minutes(self) -> None:
        self._golden("g2_lmp_rt5.csv", "pjm_rt5_operating_day")

    def test_golden_2_mixed_intervals(self) -> None:
        self._golden("g2_lmp_mixed.csv", "mixed_granularity_operating_day")

    def _golden(self, file: str, section: str) -> None:
        expected = json.loads(self.golden_file("g2_lmp_dst.json").read_text())[section]
        path = self.golden_file(file)

        async def scenario(store: ReaderStore) -> None:
            page = await store.prices.list_sums(LmpQuery(pin=store.pin()), "day", ALL)
            found = {str(s.bucket): s for s in page.rows if str(s.bucket) in expected}
            assert found.keys() == expected.keys()
            for day, sums in found.items():
                answer = expected[day]
                average = (sums.price_minutes / sums.minutes).quantize(Decimal("0.000001"))
                assert average == Decimal(answer["price_avg"])
                assert sums.price_min == Decimal(answer["price_min"])
                assert sums.price_max == Decimal(answer["price_max"])
                names = ("intervals", "minutes", "negative_intervals", "negative_minutes")
                assert [getattr(sums, n) for n in names] == [answer[n] for n in names]

        self.check(scenario, load(*golden_2(path)))

    @PROPERTY
    @given(data=st.data())
    def test_a_walk_is_the_full_set_while_corrections_arrive(self, data: st.DataObject) -> None:
        first, second = data.draw(_loads())
        limit = data.draw(st.integers(1, 7))
        offset = data.draw(st.integers(1, 20))
        changes = data.draw(_queries)

        async def run() -> None:
            async with self.open_store() as store:
                await store.add(load(*first))
                query = LmpQuery(pin=store.pin(), **changes)
                expected = await self._expected(changes, first)

                async def correct(number: int) -> None:
                    if number == 1:
                        await store.add(load(*second))

                async def read(window: Window) -> Page[Interval]:
                    return await store.prices.list_prices(query, Interval, window)

                assert await walk(read, limit, between=correct) == expected
                assert await walk_back(read, limit) == expected
                page = await read(Window(limit=limit, offset=offset))
                assert page.rows == expected[offset : offset + limit]
                stream = store.prices.iter_prices(query, Interval)
                assert sum([batch.num_rows async for batch in stream]) == len(expected)

        asyncio.run(run())

    @PROPERTY
    @given(data=st.data())
    def test_corrected_data_reads_as_the_plain_rule_says(self, data: st.DataObject) -> None:
        loads = data.draw(_loads())
        changes = data.draw(_queries)
        limit = data.draw(st.integers(1, 5))

        grains: tuple[Grain, ...] = ("hour", "day", "range")

        async def answers(store: ReaderStore) -> list[Any]:
            for rows in loads:
                await store.add(load(*rows))
            query = LmpQuery(pin=store.pin(), **changes)
            return [
                (await store.prices.list_prices(query, Interval, ALL)).rows,
                await store.prices.list_newest(query),
                *[await _sums(store, query, grain, limit) for grain in grains],
                await _blocks(store, query, limit),
            ]

        async def run() -> None:
            async with self.open_store() as store, self.open_plain_store() as plain:
                assert await answers(store) == await answers(plain)

        asyncio.run(run())

    async def _expected(self, changes: Mapping[str, Any], *loads: Sequence[Row]) -> list[Interval]:
        async with self.open_plain_store() as plain:
            for rows in loads:
                await plain.add(load(*rows))
            query = LmpQuery(pin=plain.pin(), **changes)
            return (await plain.prices.list_prices(query, Interval, ALL)).rows


async def _sums(store: ReaderStore, query: LmpQuery, grain: Grain, limit: int) -> list[Any]:
    async def read(window: Window) -> Page[Any]:
        return await store.prices.list_sums(query, grain, window)

    rows = await walk(read, limit)
    assert await walk_back(read, limit) == rows
    return rows


async def _blocks(store: ReaderStore, query: LmpQuery, limit: int) -> list[Any]:
    async def read(window: Window) -> Page[Any]:
        return await store.prices.list_block_sums(query, EASTERN, "day", window)

    return await walk(read, limit)


_facts = st.lists(
    st.tuples(
        st.sampled_from(("PJM", "ERCOT")),
        st.sampled_from(("EAST", "WEST")),
        st.integers(0, 3),
        st.sampled_from((15, 60)),
        st.integers(-3, 3),
        st.sampled_from(("final", "preliminary")),
        st.sampled_from(("exchange", "broker", "desk-marks")),
    ),
    max_size=40,
    unique_by=lambda fact: fact[:4],
)
_corrections = st.lists(
    st.tuples(
        st.integers(0, 39),
        st.integers(-9, 9),
        st.booleans(),
        st.sampled_from(("final", "preliminary")),
    ),
    max_size=12,
    unique_by=lambda correction: correction[0],
)
_CHANGES: tuple[Mapping[str, Any], ...] = (
    {},
    {"newest_first": True},
    {"negative": True},
    {"negative": True, "newest_first": True},
    {"iso": ("PJM",), "location": ("WEST",)},
    {"pairs": (("ERCOT", "DAY_AHEAD_HOURLY"),), "start": NOON + HOUR},
    {"location": ("EAST",), "newest_first": True},
    {"source": ("broker",)},
)
_queries = st.sampled_from(_CHANGES)


@st.composite
def _loads(draw: Any) -> tuple[list[Row], list[Row]]:  # noqa: ANN401 - hypothesis gives it
    first = [
        price(
            NOON + hours * HOUR,
            value,
            minutes=minutes,
            iso_code=iso,
            location_id=place,
            finality=finality,
            source=source,
        )
        for iso, place, hours, minutes, value, finality, source in draw(_facts)
    ]
    second = [
        corrected(first[place], price_total=Decimal(value), withdrawn=withdrawn, finality=finality)
        for place, value, withdrawn, finality in draw(_corrections)
        if place < len(first)
    ]
    return first, second


def golden_2(path: Path) -> list[Row]:
    """Return the rows of one of golden 2's files as prices of PJM."""
    with path.open(newline="") as file:
        return [
            price(
                datetime.fromisoformat(row["interval_start_utc"]),
                row["price_total"],
                minutes=int(row["interval_minutes"]),
                operating_date=date.fromisoformat(row["operating_date"]),
                hour_ending=int(row["hour_ending"]),
                hour_label=row["hour_label"],
            )
            for row in csv.DictReader(file)
        ]
