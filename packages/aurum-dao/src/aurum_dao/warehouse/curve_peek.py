"""One curve at one date in one statement: read whole and resolved here, without a directory.

The usual request names a curve and a date. All its rows of that date, from every source the tenant
may read, are fewer than a page or little more; with all of them at hand the as-of rule is applied
in memory. A slice that is too large says so, and the read takes the general way.
"""

from collections.abc import Sequence
from typing import Any

from aurum_dao.ports.curves import CurveQuery
from aurum_dao.ports.paging import Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.sql.builder import Select, Sql, compare, every
from aurum_dao.sql.keyset import order_by
from aurum_dao.warehouse.curve_rows import CONTRACT, LIST_ORDER, expressions, selection_of
from aurum_dao.warehouse.curve_scope import Scope
from aurum_dao.warehouse.dedupe import Row, current_rows, rank_terms
from aurum_dao.warehouse.pages import is_backwards, key_of_window
from aurum_dao.warehouse.reference import ReferenceData
from aurum_dao.warehouse.shapes import Selection
from aurum_dao.warehouse.tables import CURVE_FACTS as T

LEAST_ROWS = 256


def can_peek(query: CurveQuery, scope: Scope) -> bool:
    """Tell whether a query is about one curve at one exact date."""
    return (
        scope.keys is not None
        and len(scope.keys) == 1
        and query.asof.day is not None
        and query.asof.policy == "exact"
        and not query.asof.is_history
    )


async def peek(
    runner: StatementRunner,
    query: CurveQuery,
    scope: Scope,
    columns: Sequence[str],
    reference: ReferenceData,
    window: Window,
    preferred: Sequence[str],
) -> tuple[Selection, list[Row]] | None:
    """Return the rows beyond the window's key in its direction, None when there are too many."""
    assert scope.keys is not None  # noqa: S101 - `can_peek`
    shared: dict[str, Any] = {"curve_key": scope.keys[0], "asof_date": query.asof.day}
    selection = selection_of(columns, shared, reference)
    order = LIST_ORDER.without(tuple(shared))
    limit = max(LEAST_ROWS, window.limit + window.offset + window.limit // 4)
    select = Select(
        columns=expressions(selection),
        source=T.name,
        where=every(scope.rows(), compare(T["asof_date"], "=", query.asof.day)),
        order_by=Sql(f"{order_by(order.terms)}, {order_by(rank_terms(T))}"),
        limit=limit,
    )
    version = scope.pin.data_version
    raw = await runner.fetch(select.statement("curve_peek", least_version=version))
    if len(raw) >= limit:
        return None
    places = [p for p in map(selection.place, CURVES.key) if p is not None]
    rows = current_rows(raw, places, selection.names.index("withdrawn"))
    rows = _of_one_source(rows, selection, scope)
    rows = _of_one_type(rows, selection, preferred)
    return selection, _window(_delivered(rows, selection, query), selection, window)


def _of_one_source(rows: list[Row], selection: Selection, scope: Scope) -> list[Row]:
    place = selection.names.index("source")
    having = {row[place] for row in rows}
    if scope.every_source or len(having) <= 1:
        return rows
    best = next(s for s in scope.sources if s in having)
    return [row for row in rows if row[place] == best]


def _of_one_type(rows: list[Row], selection: Selection, preferred: Sequence[str]) -> list[Row]:
    place = selection.names.index("price_type")
    if not preferred or len({row[place] for row in rows}) <= 1:
        return rows
    rank = {name: number for number, name in enumerate(preferred)}
    contract = [p for p in map(selection.place, CONTRACT) if p is not None]
    best: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = tuple(row[p] for p in contract)
        best[key] = min(best.get(key, len(rank)), rank[row[place]])
    return [row for row in rows if rank[row[place]] == best[tuple(row[p] for p in contract)]]


def _delivered(rows: list[Row], selection: Selection, query: CurveQuery) -> list[Row]:
    if query.start is None and query.end is None and not query.delivery:
        return rows
    place = selection.names.index("delivery_start")
    return [
        row
        for row in rows
        if (query.start is None or row[place] >= query.start)
        and (query.end is None or row[place] < query.end)
        and (not query.delivery or row[place] in query.delivery)
    ]


def _window(rows: list[Row], selection: Selection, window: Window) -> list[Row]:
    at = key_of_window(window)
    if at is None:
        return rows[window.offset :]
    keys = [selection.key_of(row, LIST_ORDER.columns) for row in rows]
    pairs = zip(rows, keys, strict=True)
    if is_backwards(window):
        return [row for row, key in pairs if key < at][::-1]
    return [row for row, key in pairs if key > at]
