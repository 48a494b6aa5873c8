"""Which rows of `market.lmp` a query means, in which order, and what they share."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aurum_dao.ports.iso import LmpQuery
from aurum_dao.schemas.catalogue import LMP
from aurum_dao.sql.builder import ALL, Clause, Sql, compare, either, every, half_open, one_of
from aurum_dao.sql.keyset import Term
from aurum_dao.warehouse.dedupe import visible_from
from aurum_dao.warehouse.pages import Order
from aurum_dao.warehouse.shapes import Selection, selected
from aurum_dao.warehouse.tables import LMP_FACTS as T

if TYPE_CHECKING:
    import pyarrow as pa

SERIES = ("iso_code", "market", "location_id")
_OLDEST = (*SERIES, "interval_start", "interval_minutes")
_NEWEST = ("interval_start", *SERIES, "interval_minutes")
OLDEST_FIRST = Order(_OLDEST, tuple(Term(T[c]) for c in _OLDEST))
NEWEST_FIRST = Order(_NEWEST, tuple(Term(T[c], descending=c == "interval_start") for c in _NEWEST))
KEY_BY_CHANGE = ("interval_start", "location_id", "interval_minutes", "market", "iso_code")
"""The natural key, what differs between neighbours most often first."""
NEGATIVE = Clause(Sql(f"{T['price_total']} < 0"))
"""Holds for current rows only: a corrected price is no longer negative."""


def order_of(query: LmpQuery) -> Order:
    """Return the order of a query's rows."""
    return NEWEST_FIRST if query.newest_first else OLDEST_FIRST


def rows_of(query: LmpQuery, sources: Sequence[str]) -> Clause:
    """Return which raw rows the query may see, before one version is chosen."""
    return every(
        _markets(query),
        one_of(T["location_id"], query.location) if query.location else ALL,
        one_of(T["location_type"], query.location_type) if query.location_type else ALL,
        ALL if query.windows else _range(query),
        visible_from(T, query.pin, sources),
    )


def shared_by(query: LmpQuery) -> Mapping[str, str]:
    """Return the columns that have one value in all rows of the query."""
    isos, markets = query.iso, query.market
    if pairs := _pairs(query):
        isos, markets = tuple({iso for iso, _ in pairs}), tuple({market for _, market in pairs})
    known = {"iso_code": isos, "market": markets, "location_id": query.location}
    return {name: values[0] for name, values in known.items() if len(values) == 1}


def without_range(query: LmpQuery) -> LmpQuery:
    """Return the query over all times."""
    return replace(query, start=None, end=None, first_day=None, end_day=None, windows=())


def selection_of(columns: Sequence[str], shared: Mapping[str, object]) -> Selection:
    """Return the selection of these columns and what a page's key and version need."""
    needed = dict.fromkeys((*columns, *LMP.key, "withdrawn"))
    names = tuple(name for name in needed if name not in shared)
    return Selection(names=names, kinds=tuple(T.kind(n) for n in names), shared=shared)


def expressions(selection: Selection) -> tuple[Sql, ...]:
    """Return what a page selects for the names of a selection."""
    pairs = zip(selection.names, selection.kinds, strict=True)
    return tuple(selected(T[name], kind) for name, kind in pairs)


def negative_rows(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """Return the rows with a price below zero: `NEGATIVE` on columns."""
    import pyarrow.compute as pc

    return batch.filter(pc.less(batch["price_total"], 0))


def _pairs(query: LmpQuery) -> tuple[tuple[str, str], ...]:
    if query.windows:
        return tuple((w.iso_code, w.market) for w in query.windows)
    return query.pairs


def _markets(query: LmpQuery) -> Clause:
    if query.windows:
        return either(
            *(
                every(
                    compare(T["iso_code"], "=", w.iso_code),
                    compare(T["market"], "=", w.market),
                    half_open(T["interval_start"], w.start, w.end),
                )
                for w in query.windows
            )
        )
    if query.pairs:
        return either(
            *(
                every(compare(T["iso_code"], "=", iso), compare(T["market"], "=", market))
                for iso, market in query.pairs
            )
        )
    return every(
        one_of(T["iso_code"], query.iso) if query.iso else ALL,
        one_of(T["market"], query.market) if query.market else ALL,
    )


def _range(query: LmpQuery) -> Clause:
    return every(
        half_open(T["operating_date"], query.first_day, query.end_day),
        half_open(T["interval_start"], query.start, query.end),
    )
