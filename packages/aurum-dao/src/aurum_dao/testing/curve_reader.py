"""The behaviour suite of `CurveReader`: as-of rule, sources, price types, diffs, catalogue."""

# ruff: noqa: S101, D102 - a suite asserts; its test names say what is true

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from aurum_core.errors import NotFoundError
from aurum_core.rows import Price
from aurum_dao.ports.curves import (
    CatalogueQuery,
    CurveDiffQuery,
    CurveFilter,
    CurveQuery,
    VersionQuery,
)
from aurum_dao.ports.paging import AsOf, Pin, Window
from aurum_dao.testing.facts import SOURCES, Row, corrected, curve, key_of, quote
from aurum_dao.testing.stores import ReaderStore, ReaderSuite, Tables, walk, walk_back

MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
APR, MAY, JUN = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
ALL = Window(limit=1000)


@dataclass(slots=True)
class Quote:
    """What the suite reads of an observation."""

    curve_key: str
    slug: str
    iso: str | None
    asof_date: date
    tenor_type: str
    delivery_start: date
    delivery_end: date
    price_type: str
    source: str
    value: Price | None
    version: int
    published_at: datetime | None


@dataclass(slots=True)
class Difference:
    """What the suite reads of a diff."""

    curve_key: str
    source: str
    tenor_type: str
    delivery_start: date
    delivery_end: date
    price_type: str
    tenor_label: str
    value_a: Price | None
    value_b: Price | None
    diff_abs: Price | None
    status: str
    asof_a: date
    location: str | None


@dataclass(slots=True)
class Version:
    """What the suite reads of a version."""

    asof_date: date
    delivery_start: date
    value: Price | None
    version: int
    withdrawn: bool


@dataclass(slots=True)
class Entry:
    """What the suite reads of the catalogue."""

    slug: str
    block: str | None
    first_asof: date
    last_asof: date
    asof_count: int
    sources: tuple[str, ...]
    price_types: tuple[str, ...]


def load(*quotes: Row, curves: Sequence[Row] = (), **more: Sequence[Row]) -> Tables:
    """Return a load of quotes, with the reference rows of their curves."""
    names = {row["curve_key"][0] for row in quotes}
    known = {row["curve_key"] for row in curves}
    return {
        "market.curve_observation": quotes,
        "ref.source": SOURCES,
        "ref.curve": [*curves, *(curve(n) for n in sorted(names) if key_of(n) not in known)],
        **{f"ref.{name}": rows for name, rows in more.items()},
    }


def query_of(pin: Pin, asof: AsOf | date | None = None, **changes: Any) -> CurveQuery:  # noqa: ANN401 - fields of the query
    """Return a query at an as-of: a date is exact, None the newest up to Wednesday."""
    if not isinstance(asof, AsOf):
        asof = AsOf(today=WED, day=asof)
    return CurveQuery(pin=pin, asof=asof, **changes)


async def values_of(store: ReaderStore, query: CurveQuery) -> list[tuple[Any, ...]]:
    """Return (curve's letter, as-of, delivery, value) of every row."""
    rows = await rows_of(store, query)
    return [(q.curve_key[0], q.asof_date, q.delivery_start, q.value) for q in rows]


async def rows_of(store: ReaderStore, query: CurveQuery, names: str = "abcg") -> list[Quote]:
    """Return every row; a curve asked for by name reads as it does among others."""
    page = await store.curves.list_observations(query, Quote, ALL)
    if not query.where.curve_keys:
        alone: list[Quote] = []
        for name in names:
            where = replace(query.where, curve_keys=(key_of(name),))
            one = replace(query, where=where)
            alone += (await store.curves.list_observations(one, Quote, ALL)).rows
        assert alone == page.rows
    return page.rows


class CurveReaderBehaviour(ReaderSuite):
    """The behaviour suite of `CurveReader`."""

    def test_an_exact_date_is_that_date_alone(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            assert await values_of(store, query_of(store.pin(), MON)) == [("a", MON, APR, 40)]
            assert await values_of(store, query_of(store.pin(), date(2026, 3, 1))) == []

        self.check(scenario, load(quote("a", MON, APR, 40), quote("a", TUE, APR, 41)))

    def test_on_or_before_is_the_newest_of_each_curve(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            asof = AsOf(today=WED, day=TUE, policy="on_or_before")
            assert await values_of(store, query_of(store.pin(), asof)) == [
                ("a", MON, APR, 40),
                ("b", TUE, APR, 51),
            ]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 40),
                quote("a", WED, APR, 42),
                quote("b", MON, APR, 50),
                quote("b", TUE, APR, 51),
            ),
        )

    def test_the_latest_is_of_each_curve_and_never_mixes_dates(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            page = await store.curves.list_observations(query_of(store.pin()), Quote, ALL)
            found = [(q.curve_key[0], q.asof_date, q.delivery_start) for q in page.rows]
            assert found == [("a", TUE, APR), ("b", MON, APR), ("b", MON, MAY)]
            assert page.asof is None
            only = CurveFilter(curve_keys=(key_of("b"),))
            one = query_of(store.pin(), where=only)
            assert (await store.curves.list_observations(one, Quote, ALL)).asof == MON

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 1),
                quote("a", MON, MAY, 2),
                quote("a", TUE, APR, 3),
                quote("b", MON, APR, 4),
                quote("b", MON, MAY, 5),
                quote("b", date(2026, 3, 5), APR, 6),  # after today
            ),
        )

    @pytest.mark.parametrize("days", [30, 31, 32, 365, 366, 367, 3000])
    def test_the_latest_is_found_however_old(self, days: int) -> None:
        old = WED - timedelta(days=days)

        async def scenario(store: ReaderStore) -> None:
            found = await values_of(store, query_of(store.pin()))
            assert found == [("a", TUE, APR, 2), ("b", old, APR, 3)]

        self.check(
            scenario,
            load(quote("a", old, APR, 1), quote("a", TUE, APR, 2), quote("b", old, APR, 3)),
        )

    def test_a_withdrawn_newest_date_gives_way_to_the_one_before(self) -> None:
        gone = quote("a", TUE, APR, 41)

        async def scenario(store: ReaderStore) -> None:
            assert await values_of(store, query_of(store.pin())) == [("a", MON, APR, 40)]
            before = query_of(store.pin(version=1))
            assert await values_of(store, before) == [("a", TUE, APR, 41)]
            assert await values_of(store, query_of(store.pin(), TUE)) == []

        self.check(
            scenario,
            load(quote("a", MON, APR, 40), gone),
            load(corrected(gone, withdrawn=True)),
        )

    def test_a_withdrawn_contract_leaves_the_rest_of_its_date(self) -> None:
        gone = quote("a", TUE, APR, 41)

        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                found = await values_of(store, query_of(store.pin(), asof))
                assert found == [("a", TUE, MAY, 42)]

        self.check(
            scenario,
            load(quote("a", MON, APR, 40), gone, quote("a", TUE, MAY, 42)),
            load(corrected(gone, withdrawn=True, value=None)),
        )

    def test_a_withdrawn_row_may_come_back(self) -> None:
        first = quote("a", TUE, APR, 41)
        gone = corrected(first, withdrawn=True)
        back = corrected(gone, withdrawn=False, value=43)

        async def scenario(store: ReaderStore) -> None:
            assert await values_of(store, query_of(store.pin())) == [("a", TUE, APR, 43)]

        self.check(scenario, load(first), load(gone), load(back))

    def test_known_at_shows_what_was_known_then(self) -> None:
        first = quote("a", MON, APR, 40)
        second = corrected(first, value=44)

        async def scenario(store: ReaderStore) -> None:
            early, late = first["published_at"], second["published_at"]
            for instant, value in ((early, 40), (late - timedelta(seconds=1), 40), (late, 44)):
                found = await values_of(store, query_of(store.pin(known_at=instant), MON))
                assert [row[-1] for row in found] == [value]
            before = store.pin(known_at=early - timedelta(seconds=1))
            assert await values_of(store, query_of(before, MON)) == []

        self.check(scenario, load(first), load(second))

    def test_the_newest_published_wins_not_the_last_loaded(self) -> None:
        newer = quote("a", MON, APR, 44)
        older = corrected(newer, later=-timedelta(hours=1), value=40)
        unpublished = corrected(
            older, value=45, published_at=None, ingested_at=newer["ingested_at"] + timedelta(days=1)
        )

        async def scenario(store: ReaderStore) -> None:
            at = query_of(store.pin(version=2), MON)
            assert [row[-1] for row in await values_of(store, at)] == [44]
            at = query_of(store.pin(), MON)
            assert [row[-1] for row in await values_of(store, at)] == [45]

        self.check(scenario, load(newer), load(older), load(unpublished))

    def test_a_pinned_walk_does_not_see_a_later_load(self) -> None:
        quotes = [quote("a", MON, APR + timedelta(days=31 * i), i) for i in range(6)]

        async def scenario(store: ReaderStore) -> None:
            query = query_of(store.pin())
            before = await store.curves.list_observations(query, Quote, ALL)

            async def correct(number: int) -> None:
                if number == 1:
                    later = quote("a", TUE, APR, 9, data_version=2)
                    rows = [corrected(quotes[4], value=99), later]
                    await store.add(load(*rows, corrected(quotes[5], withdrawn=True)))

            async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                return await store.curves.list_observations(query, Quote, window)

            assert await walk(read, 2, between=correct) == before.rows
            newest = await values_of(store, query_of(store.pin()))
            assert newest == [("a", TUE, APR, 9)]

        self.check(scenario, load(*quotes))

    def test_a_curve_is_read_from_the_best_source_that_has_rows(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                rows = await rows_of(store, query_of(store.pin(), asof))
                found = [(q.curve_key[0], q.asof_date, q.source, q.value) for q in rows]
                assert found == [("a", TUE, "broker", 41), ("b", TUE, "exchange", 52)]
            named = query_of(store.pin(), where=CurveFilter(source=("exchange",)))
            assert [row[-1] for row in await values_of(store, named)] == [40, 52]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 40),
                quote("a", TUE, APR, 41, source="broker"),
                quote("b", TUE, APR, 51, source="broker"),
                quote("b", TUE, APR, 52),
                quote("b", TUE, MAY, 53, source="broker"),
            ),
        )

    def test_a_source_whose_rows_were_withdrawn_has_none(self) -> None:
        gone = quote("a", TUE, APR, 40)

        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                assert await values_of(store, query_of(store.pin(), asof)) == [("a", TUE, APR, 41)]

        self.check(
            scenario,
            load(gone, quote("a", TUE, APR, 41, source="broker")),
            load(corrected(gone, withdrawn=True)),
        )

    def test_the_source_is_chosen_before_deliveries_are_narrowed(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                query = query_of(store.pin(), asof, delivery=(MAY,))
                assert await values_of(store, query) == []

        self.check(
            scenario, load(quote("a", TUE, APR, 40), quote("a", TUE, MAY, 41, source="broker"))
        )

    def test_a_tenants_source_is_that_tenants_alone(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            assert [r[-1] for r in await values_of(store, query_of(store.pin()))] == [40]
            desk = store.pin(tenant="desk")
            assert [r[-1] for r in await values_of(store, query_of(desk))] == [77, 1]
            stolen = CurveFilter(source=("desk-marks",))
            assert await values_of(store, query_of(store.pin(), where=stolen)) == []
            history = AsOf(today=WED, start=MON)
            assert [r[-1] for r in await values_of(store, query_of(store.pin(), history))] == [40]
            versions = VersionQuery(pin=store.pin(), curve_key="a" * 64)
            page = await store.curves.list_versions(versions, Version, ALL)
            assert [v.value for v in page.rows] == [40]
            with pytest.raises(NotFoundError):
                await store.curves.get_curve("b" * 64, pin=store.pin(), today=WED)
            assert (await store.curves.get_curve("b" * 64, pin=desk, today=WED)).asof_count == 1

        self.check(
            scenario,
            load(
                quote("a", TUE, APR, 40),
                quote("a", TUE, APR, 77, source="desk-marks"),
                quote("b", MON, APR, 1, source="desk-marks"),
            ),
        )

    def test_rows_of_an_unregistered_source_are_nobodys(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            assert await values_of(store, query_of(store.pin())) == []

        self.check(scenario, load(quote("a", TUE, APR, 40, source="unknown")))

    def test_without_a_price_type_a_contract_shows_its_best(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                query = query_of(store.pin(), asof)
                rows = await rows_of(store, query)
                found = [(q.delivery_start, q.price_type, q.value) for q in rows]
                assert found == [(APR, "MID", 1), (MAY, "SETTLE", 3), (JUN, "LAST", 5)]
                bids = replace(query, price_type=("BID",))
                assert [r[-1] for r in await values_of(store, bids)] == [6]

        self.check(
            scenario,
            load(
                quote("a", TUE, APR, 1),
                quote("a", TUE, APR, 2, price_type="SETTLE"),
                quote("a", TUE, MAY, 3, price_type="SETTLE"),
                quote("a", TUE, MAY, 4, price_type="LAST"),
                quote("a", TUE, JUN, 5, price_type="LAST"),
                quote("a", TUE, JUN, 6, price_type="BID"),
            ),
        )

    def test_a_withdrawn_mid_gives_way_to_the_settlement(self) -> None:
        gone = quote("a", TUE, APR, 1)

        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                assert [r[-1] for r in await values_of(store, query_of(store.pin(), asof))] == [2]

        self.check(
            scenario,
            load(gone, quote("a", TUE, APR, 2, price_type="SETTLE")),
            load(corrected(gone, withdrawn=True)),
        )

    def test_a_price_type_finds_the_newest_date_that_has_it(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            query = query_of(store.pin(), price_type=("MID",))
            assert await values_of(store, query) == [("a", MON, APR, 1)]
            query = query_of(store.pin(), tenor_type=("DAILY",))
            assert await values_of(store, query) == []

        self.check(
            scenario,
            load(quote("a", MON, APR, 1), quote("a", TUE, APR, 2, price_type="SETTLE")),
        )

    def test_deliveries_are_half_open_or_listed(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE):
                query = query_of(store.pin(), asof, start=APR, end=JUN)
                assert [r[2] for r in await values_of(store, query)] == [APR, MAY]
                query = query_of(store.pin(), asof, delivery=(JUN, APR))
                assert [r[2] for r in await values_of(store, query)] == [APR, JUN]

        self.check(scenario, load(*(quote("a", TUE, day, 1) for day in (APR, MAY, JUN))))

    def test_a_walk_passes_over_curves_that_show_nothing(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            query = query_of(store.pin(), delivery=(MAY, JUN))

            async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                return await store.curves.list_observations(query, Quote, window)

            for limit in (1, 2, 5):
                found = [(q.curve_key[0], q.delivery_start) for q in await walk(read, limit)]
                assert found == [("a", JUN), (last, MAY), (last, JUN)]

        for last in "bcdef":
            names = "abcdef"[: "abcdef".index(last) + 1]
            rows = [quote(name, TUE, APR, 1) for name in names]
            shown = [quote("a", TUE, JUN, 1), quote(last, TUE, MAY, 1), quote(last, TUE, JUN, 1)]
            self.check(scenario, load(*rows, *shown))

    def test_a_page_is_full_however_many_versions_lie_before_it(self) -> None:
        versions = [quote("a", TUE, APR, 0)]
        for number in range(1, 60):
            versions.append(corrected(versions[-1], value=number, data_version=1))
        rest = [quote("a", TUE, MAY, 7), quote("b", TUE, APR, 8)]

        async def scenario(store: ReaderStore) -> None:
            for where in (CurveFilter(), CurveFilter(source=("exchange", "broker"))):
                query = query_of(store.pin(), where=where)

                async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                    return await store.curves.list_observations(query, Quote, window)  # noqa: B023 - awaited here

                for limit in (1, 2, 3):
                    assert [q.value for q in await walk(read, limit)] == [59, 7, 8]
                assert [q.value for q in await walk_back(read, 1)] == [59, 7, 8]

        self.check(scenario, load(*versions, *rest))

    def test_a_history_is_half_open_and_resolves_every_date(self) -> None:
        gone = quote("a", TUE, APR, 41)

        async def scenario(store: ReaderStore) -> None:
            asof = AsOf(today=WED, start=MON, end=date(2026, 3, 5))
            query = query_of(store.pin(), asof)
            assert await values_of(store, query) == [("a", MON, APR, 40), ("a", WED, APR, 42)]
            asof = AsOf(today=WED, start=MON, end=WED)
            query = query_of(store.pin(version=1), asof)
            assert await values_of(store, query) == [("a", MON, APR, 40), ("a", TUE, APR, 41)]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 40),
                quote("a", MON, APR, 39, source="broker"),
                gone,
                quote("a", WED, APR, 42, source="broker"),
            ),
            load(corrected(gone, withdrawn=True)),
        )

    def test_a_long_history_is_read_whole(self) -> None:
        days = [MON - timedelta(days=i) for i in range(40)]

        async def scenario(store: ReaderStore) -> None:
            asof = AsOf(today=WED, start=date(2025, 1, 1))
            found = await values_of(store, query_of(store.pin(), asof))
            assert [(r[0], r[1], r[3]) for r in found] == [
                (name, day, 1 if name == "a" and day.day % 2 else 2)
                for name in "ab"
                for day in sorted(days)
            ]

        rows = [quote(name, day, APR, 2, source="broker") for name in "ab" for day in days]
        odd = [quote("a", day, APR, 1) for day in days if day.day % 2]
        self.check(scenario, load(*rows, *odd))

    def test_a_curve_is_named_by_hash_old_key_or_slug(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for name in (key_of("a"), key_of("a").upper(), "old-1", "POWER-pjm-a-da-5x16"):
                where = CurveFilter(curve_keys=(name,))
                assert len(await values_of(store, query_of(store.pin(), where=where))) == 1
                detail = await store.curves.get_curve(name, pin=store.pin(), today=WED)
                assert detail.curve_key == key_of("a")
            where = CurveFilter(curve_keys=("nobody",))
            assert await values_of(store, query_of(store.pin(), where=where)) == []
            with pytest.raises(NotFoundError):
                await store.curves.get_curve("nobody", pin=store.pin(), today=WED)

        aliases = [{"old_key": "old-1", "curve_key": key_of("a")}]
        self.check(
            scenario,
            load(quote("a", TUE, APR, 1), quote("b", TUE, APR, 1), curve_alias=aliases),
        )

    def test_dimensions_narrow_without_regard_to_case(self) -> None:
        async def scenario(store: ReaderStore) -> None:
            for where, letters in (
                (CurveFilter(iso=("pjm",)), ["a", "b"]),
                (CurveFilter(iso=("PJM", "ERCOT"), location=("b", "c")), ["b", "c"]),
                (CurveFilter(block=("7x8",)), ["c"]),
                (CurveFilter(block=("7x8",), iso=("PJM",)), []),
            ):
                found = await values_of(store, query_of(store.pin(), where=where))
                assert [row[0] for row in found] == letters

        curves = [curve("c", iso="ERCOT", block="7x8")]
        rows = [quote(name, TUE, APR, 1) for name in "abc"]
        self.check(scenario, load(*rows, curves=curves))

    def test_prices_are_served_exactly(self) -> None:
        values = ("0", "-4", "0.000001", "-0.00005", "123456789.123456", "44.6", None)
        rows = [
            quote("a", TUE, APR + timedelta(days=31 * i), value) for i, value in enumerate(values)
        ]

        async def scenario(store: ReaderStore) -> None:
            page = await store.curves.list_observations(query_of(store.pin(), TUE), Quote, ALL)
            served = [None if q.value is None else f"{q.value:f}" for q in page.rows]
            assert [q.value is None or "e" not in str(q.value).lower() for q in page.rows]
            assert [None if s is None else Decimal(s) for s in served] == [
                None if v is None else Decimal(v) for v in values
            ]
            months = await store.curves.list_months(query_of(store.pin(), TUE))
            assert [m.value for m in months] == [None if v is None else Decimal(v) for v in values]

        self.check(scenario, load(*rows))

    def test_a_stream_holds_what_the_pages_hold(self) -> None:
        gone = quote("b", TUE, MAY, 9)

        async def scenario(store: ReaderStore) -> None:
            for asof in (None, TUE, AsOf(today=WED, start=MON)):
                query = query_of(store.pin(), asof)
                page = await store.curves.list_observations(query, Quote, ALL)
                stream = store.curves.iter_observations(query, Quote)
                rows = [row for batch in [b async for b in stream] for row in batch.to_pylist()]
                assert [list(row) for row in rows[:1]] == [list(Quote.__slots__)]
                keys = ("curve_key", "slug", "delivery_start", "price_type", "asof_date", "version")
                assert [[r[k] for k in keys] for r in rows] == [
                    [getattr(q, k) for k in keys] for q in page.rows
                ]
                assert [r["value"] for r in rows] == [Decimal(str(q.value)) for q in page.rows]
                assert [r["published_at"] for r in rows] == [q.published_at for q in page.rows]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 1),
                quote("a", TUE, APR, 2),
                quote("a", TUE, MAY, 3, price_type="SETTLE"),
                quote("b", TUE, APR, 4),
                gone,
            ),
            load(corrected(gone, withdrawn=True), corrected(quote("a", TUE, APR, 2), value=8)),
        )

    def test_every_version_is_listed_newest_first(self) -> None:
        first = quote("a", MON, APR, 1)
        second = corrected(first, value=2)
        third = corrected(second, withdrawn=True, later=-timedelta(hours=1))

        async def scenario(store: ReaderStore) -> None:
            query = VersionQuery(pin=store.pin(), curve_key="power-pjm-a-da-5x16")

            async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                return await store.curves.list_versions(query, Version, window)

            rows = await walk(read, 1)
            assert [(v.delivery_start, v.version, v.withdrawn) for v in rows] == [
                (APR, 2, False),
                (APR, 3, True),
                (APR, 1, False),
                (MAY, 1, False),
            ]
            query = replace(query, delivery_start=MAY, asof=MON)
            assert len(await walk(read, 5)) == 1
            query = replace(query, curve_key="nobody")
            assert await walk(read, 5) == []

        self.check(scenario, load(first, quote("a", MON, MAY, 1)), load(second), load(third))

    def test_the_catalogue_lists_what_holds_something_by_slug(self) -> None:
        gone = quote("c", TUE, APR, 1)

        async def scenario(store: ReaderStore) -> None:
            query = CatalogueQuery(pin=store.pin(), today=WED)

            async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                return await store.curves.list_curves(query, Entry, window)

            assert await walk(read, 1) == [
                Entry(
                    "power-pjm-a-da-5x16",
                    "5x16",
                    MON,
                    TUE,
                    2,
                    ("broker", "exchange"),
                    ("BID", "MID"),
                ),
                Entry("power-pjm-b-da-5x16", "5x16", MON, MON, 1, ("exchange",), ("MID",)),
            ]
            query = replace(query, words=("PJM", "-b-"))
            assert [e.slug for e in await walk(read, 5)] == ["power-pjm-b-da-5x16"]
            query = replace(query, words=(), where=CurveFilter(source=("broker",)))
            assert [(e.slug[10], e.asof_count) for e in await walk(read, 5)] == [("a", 1)]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 1),
                quote("a", TUE, APR, 1, source="broker", price_type="BID"),
                quote("b", MON, APR, 1),
                quote("b", date(2026, 4, 4), APR, 1),
                gone,
                curves=[curve("d")],
            ),
            load(corrected(gone, withdrawn=True)),
        )

    def test_siblings_differ_by_block_alone(self) -> None:
        family = [curve("a", location="HUB"), curve("b", location="HUB", block="7x8")]
        others = [curve("c", block="7x8"), curve("d", location="HUB", block="2x16H")]

        async def scenario(store: ReaderStore) -> None:
            pin = store.pin()
            assert await store.curves.list_siblings(key_of("a"), pin=pin) == {"7x8": key_of("b")}
            assert await store.curves.list_siblings("nobody", pin=pin) == {}
            details = await store.curves.list_details([key_of("b"), key_of("x")], pin=pin)
            assert list(details) == [key_of("b")]

        rows = [quote(name, TUE, APR, 1) for name in "abc"]
        self.check(scenario, load(*rows, curves=[*family, *others]))

    def test_expiries_are_listed_by_month(self) -> None:
        def expiry(month: date) -> Row:
            named = dict.fromkeys(("first_delivery", "last_delivery"))
            last = month - timedelta(days=3)
            return {"root": "NG", "contract_month": month, "last_trade": last, **named}

        async def scenario(store: ReaderStore) -> None:
            found = await store.curves.list_expiries("NG")
            assert [e.contract_month for e in found] == [APR, MAY]
            assert await store.curves.list_expiries("CL") == []

        self.check(scenario, {"ref.contract_expiry": [expiry(MAY), expiry(APR)]})

    def test_each_side_of_a_diff_is_resolved_by_itself(self) -> None:
        gone = quote("a", MON, JUN, 5)

        async def scenario(store: ReaderStore) -> None:
            query = CurveDiffQuery(
                pin=store.pin(), asof_a=MON, asof_b=TUE, where=CurveFilter(iso=("PJM",))
            )
            page = await store.curves.list_diff(query, Difference, ALL)
            assert [(d.delivery_start, d.price_type, d.status, d.diff_abs) for d in page.rows] == [
                (APR, "MID", "changed", 1.5),
                (MAY, "MID", "added", None),
                (MAY, "SETTLE", "removed", None),
            ]
            assert {(d.asof_a, d.location) for d in page.rows} == {(MON, "A")}
            query = replace(query, status=("added", "changed"))
            page = await store.curves.list_diff(query, Difference, ALL)
            assert [d.status for d in page.rows] == ["changed", "added"]
            query = replace(query, status=(), price_type=("SETTLE",))
            page = await store.curves.list_diff(query, Difference, ALL)
            assert [(d.delivery_start, d.status) for d in page.rows] == [
                (APR, "added"),
                (MAY, "removed"),
            ]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 1),
                quote("a", TUE, APR, "2.5"),
                quote("a", TUE, APR, 7, price_type="SETTLE"),
                quote("a", MON, MAY, 3, price_type="SETTLE"),
                quote("a", TUE, MAY, 4),
                gone,
            ),
            load(corrected(gone, withdrawn=True)),
        )

    def test_a_diff_never_subtracts_one_unit_from_another(self) -> None:
        cents, euros = {"per_unit": "kWh"}, {"currency": "EUR"}

        async def scenario(store: ReaderStore) -> None:
            query = CurveDiffQuery(
                pin=store.pin(), asof_a=MON, asof_b=TUE, where=CurveFilter(iso=("PJM",))
            )
            page = await store.curves.list_diff(query, Difference, ALL)
            assert [(d.status, d.value_a, d.value_b, d.diff_abs) for d in page.rows] == [
                ("unpriced", 60, 6, None),
                ("unpriced", 60, 60, None),
                ("changed", 60, 61, 1),
            ]
            query = replace(query, status=("unpriced",))
            page = await store.curves.list_diff(query, Difference, ALL)
            assert [d.delivery_start for d in page.rows] == [APR, MAY]

        self.check(
            scenario,
            load(
                quote("a", MON, APR, 60),
                quote("a", TUE, APR, 6, **cents),
                quote("a", MON, MAY, 60),
                quote("a", TUE, MAY, 60, **euros),
                quote("a", MON, JUN, 60, **euros),
                quote("a", TUE, JUN, 61, **euros),
            ),
        )

    def test_golden_4_dedupe_and_known_at(self) -> None:
        path = self.golden_file("g4_curve_diff.json")
        expected = json.loads(path.read_text())

        async def scenario(store: ReaderStore) -> None:
            known = {
                "curve_2025_09_11_latest": (date(2025, 9, 11), None),
                "curve_2025_09_11_known_at_22h": (
                    date(2025, 9, 11),
                    datetime(2025, 9, 11, 22, tzinfo=UTC),
                ),
                "curve_2025_09_12_latest": (date(2025, 9, 12), None),
                "curve_2025_09_12_known_at_sep12_2200": (
                    date(2025, 9, 12),
                    datetime(2025, 9, 12, 22, tzinfo=UTC),
                ),
            }
            for name, (day, instant) in known.items():
                query = query_of(store.pin(known_at=instant), AsOf(today=day, day=day))
                rows = await rows_of(store, query)
                assert {str(q.delivery_start): _decimal(q.value) for q in rows} == {
                    start: _decimal(value) for start, value in expected[name].items()
                }

        self.check(scenario, golden_4(path.with_name("g4_curve_observation.csv")))

    def test_golden_4_diff(self) -> None:
        path = self.golden_file("g4_curve_diff.json")
        expected = json.loads(path.read_text())
        evening = datetime(2025, 9, 12, 22, tzinfo=UTC)

        async def scenario(store: ReaderStore) -> None:
            cases = (("diff_latest", None), ("diff_known_at_sep12_2200", evening))
            for name, instant in cases:
                query = CurveDiffQuery(
                    pin=store.pin(known_at=instant),
                    asof_a=date(2025, 9, 11),
                    asof_b=date(2025, 9, 12),
                    where=CurveFilter(curve_keys=(key_of("g"),)),
                )

                async def read(window: Window) -> Any:  # noqa: ANN401 - a page
                    return await store.curves.list_diff(query, Difference, window)  # noqa: B023 - awaited here

                rows = await walk(read, 2)
                fields = ("tenor_type", "delivery_start", "delivery_end", "status")
                assert [{f: str(getattr(d, f)) for f in fields} for d in rows] == [
                    {f: row[f] for f in fields} for row in expected[name]
                ]
                assert [
                    [_decimal(v) for v in (d.value_a, d.value_b, d.diff_abs)] for d in rows
                ] == [
                    [_decimal(row[f]) for f in ("mid_a", "mid_b", "diff_abs")]
                    for row in expected[name]
                ]

        self.check(scenario, golden_4(path.with_name("g4_curve_observation.csv")))


def golden_4(path: Any) -> Tables:  # noqa: ANN401 - a path
    """Return golden 4's observations as one load of the curve `g`."""
    rows = []
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            asof, start, end = (
                date.fromisoformat(row[name])
                for name in ("asof_date", "delivery_start", "delivery_end")
            )
            rows.append(
                quote(
                    "g",
                    asof,
                    start,
                    row["mid"] or None,
                    delivery_end=end,
                    tenor_type=row["tenor_type"],
                    version=int(row["version"]),
                    published_at=datetime.fromisoformat(row["published_at"]),
                    withdrawn=row["withdrawn"] == "True",
                )
            )
    return load(*rows)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
