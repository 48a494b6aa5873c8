"""The paging properties of `CurveReader`: any walk is the full set, each row once."""

# ruff: noqa: S101, D102 - a suite asserts; its test names say what is true

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aurum_dao.ports.curves import CurveDiffQuery, CurveFilter, CurveQuery
from aurum_dao.ports.paging import AsOf, Page, Window
from aurum_dao.testing.curve_reader import (
    APR,
    JUN,
    MAY,
    MON,
    TUE,
    WED,
    Difference,
    Quote,
    load,
    rows_of,
)
from aurum_dao.testing.facts import Row, corrected, curve, quote
from aurum_dao.testing.stores import (
    ReaderStore,
    ReaderSuite,
    walk,
    walk_back,
)

ALL = Window(limit=10_000)
PROPERTY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)


@dataclass(frozen=True)
class Case:
    """Facts of a first load, corrections of a second, a query over them, a page size."""

    first: list[Row]
    second: list[Row]
    asof: AsOf
    price_type: tuple[str, ...]
    source: tuple[str, ...]
    curve_keys: tuple[str, ...]
    delivery: tuple[date, ...]
    limit: int
    offset: int

    def where(self) -> CurveFilter:
        return CurveFilter(source=self.source, curve_keys=self.curve_keys)


_facts = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from((MON, TUE, WED)),
        st.sampled_from((APR, MAY, JUN)),
        st.sampled_from(("MID", "MID", "SETTLE", "LAST", "BID")),
        st.sampled_from(("exchange", "exchange", "broker", "desk-marks")),
        st.sampled_from(("MONTHLY", "QUARTER")),
        st.sampled_from((0, 30)),  # ties on delivery_start that delivery_end decides
        st.one_of(st.none(), st.integers(-3, 3)),
        st.booleans(),
    ),
    max_size=40,
    unique_by=lambda fact: fact[:7],
)
_corrections = st.lists(
    st.tuples(st.integers(0, 39), st.one_of(st.none(), st.integers(4, 9)), st.booleans()),
    max_size=12,
    unique_by=lambda correction: correction[0],
)
_asofs = st.sampled_from(
    (
        AsOf(today=WED),
        AsOf(today=TUE),
        AsOf(today=WED, day=TUE),
        AsOf(today=WED, day=MON),
        AsOf(today=WED, day=TUE, policy="on_or_before"),
        AsOf(today=WED, start=MON, end=WED),
        AsOf(today=WED, start=TUE),
    )
)


@st.composite
def cases(draw: Any) -> Case:  # noqa: ANN401 - hypothesis gives it
    """Draw facts, corrections and a query."""
    first = [_fact(*fact) for fact in draw(_facts)]
    second = [
        corrected(
            first[place],
            value=value,
            withdrawn=withdrawn,
            later=timedelta(hours=1 if place % 3 else -1),
        )
        for place, value, withdrawn in draw(_corrections)
        if place < len(first)
    ]
    return Case(
        first,
        second,
        draw(_asofs),
        draw(st.sampled_from(((), ("MID",), ("MID", "SETTLE")))),
        draw(st.sampled_from(((), ("broker",), ("broker", "exchange")))),
        draw(st.sampled_from(((), ("a" * 64,), ("a" * 64, "c" * 64)))),
        draw(st.sampled_from(((), (APR, JUN)))),
        draw(st.integers(1, 7)),
        draw(st.integers(1, 20)),
    )


def _fact(
    name: str,
    asof: date,
    start: date,
    price_type: str,
    source: str,
    tenor: str,
    longer: int,
    value: int | None,
    withdrawn: bool,
) -> Row:
    row = quote(name, asof, start, value, price_type=price_type, source=source, tenor_type=tenor)
    withdrawn = withdrawn and value == 0
    return row | {
        "delivery_end": row["delivery_end"] + timedelta(days=longer),
        "withdrawn": withdrawn,
    }


class CurvePagesBehaviour(ReaderSuite):
    """Properties of pages, judged by the plain-Python warehouse."""

    @PROPERTY
    @given(case=cases())
    def test_a_walk_is_the_full_set_while_corrections_arrive(self, case: Case) -> None:
        async def run() -> None:
            async with self.open_store() as store:
                await store.add(_load(case.first))
                query = _query(case, store)
                expected = await self._expected(case, _query, "list_observations", Quote)

                async def correct(number: int) -> None:
                    if number == 1:
                        await store.add(_load(case.second))

                async def read(window: Window) -> Page[Quote]:
                    return await store.curves.list_observations(query, Quote, window)

                assert await walk(read, case.limit, between=correct) == expected
                if store.version == 1:
                    await correct(1)
                assert await walk_back(read, case.limit) == expected
                page = await read(Window(limit=case.limit, offset=case.offset))
                assert page.rows == expected[case.offset : case.offset + case.limit]
                days = {q.asof_date for q in page.rows}
                assert page.asof == (days.pop() if len(days) == 1 else None)
                stream = store.curves.iter_observations(query, Quote)
                assert sum([batch.num_rows async for batch in stream]) == len(expected)

        asyncio.run(run())

    @PROPERTY
    @given(case=cases())
    def test_corrected_data_reads_as_the_plain_rule_says(self, case: Case) -> None:
        async def run() -> None:
            async with self.open_store() as store:
                for rows in (case.first, case.second):
                    await store.add(_load(rows))
                loads = (case.first, case.second)
                query = _query(case, store)
                expected = await self._expected(case, _query, "list_observations", Quote, loads)
                assert await rows_of(store, query, "abc") == expected

        asyncio.run(run())

    @PROPERTY
    @given(case=cases(), status=st.sampled_from(((), ("changed", "added"))))
    def test_a_diff_walks_as_the_plain_rule_says(self, case: Case, status: tuple[str, ...]) -> None:
        def query_of(case: Case, store: ReaderStore) -> CurveDiffQuery:
            return CurveDiffQuery(
                pin=store.pin(),
                asof_a=MON,
                asof_b=TUE,
                where=case.where(),
                price_type=case.price_type,
                status=status,
            )

        async def run() -> None:
            async with self.open_store() as store:
                loads = (case.first, case.second)
                for rows in loads:
                    await store.add(_load(rows))
                query = query_of(case, store)
                expected = await self._expected(case, query_of, "list_diff", Difference, loads)

                async def read(window: Window) -> Page[Difference]:
                    return await store.curves.list_diff(query, Difference, window)

                assert await walk(read, case.limit) == expected
                assert await walk_back(read, case.limit) == expected
                page = await read(Window(limit=case.limit, offset=case.offset))
                assert page.rows == expected[case.offset : case.offset + case.limit]

        asyncio.run(run())

    async def _expected(
        self,
        case: Case,
        query_of: Any,  # noqa: ANN401 - makes the read's own query
        read: str,
        row_type: type,
        loads: Sequence[Sequence[Row]] | None = None,
    ) -> list[Any]:
        """Return what the plain-Python warehouse answers to the same question, in one piece."""
        async with self.open_plain_store() as plain:
            for rows in loads or (case.first,):
                await plain.add(_load(rows))
            page = await getattr(plain.curves, read)(query_of(case, plain), row_type, ALL)
            found: list[Any] = page.rows
            return found


def _load(rows: Sequence[Row]) -> Any:  # noqa: ANN401 - tables
    return load(*rows, curves=[curve(name) for name in "abc"])


def _query(case: Case, store: ReaderStore) -> CurveQuery:
    return CurveQuery(
        pin=store.pin(),
        asof=case.asof,
        where=case.where(),
        price_type=case.price_type,
        delivery=case.delivery,
    )
