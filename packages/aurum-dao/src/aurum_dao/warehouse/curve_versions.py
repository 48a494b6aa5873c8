"""Every version of a curve's facts: nothing is deduplicated, nothing dropped."""

from collections.abc import Sequence
from typing import Any

from aurum_core.rows import Kind
from aurum_dao.ports.curves import VersionQuery
from aurum_dao.ports.paging import Window
from aurum_dao.sql.builder import ALL, Select, Sql, compare, every, one_of
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.curve_rows import LOOKED_UP
from aurum_dao.warehouse.dedupe import visible_from
from aurum_dao.warehouse.pages import Order, is_backwards, key_of_window
from aurum_dao.warehouse.reference import ReferenceData
from aurum_dao.warehouse.shapes import Selection, selected
from aurum_dao.warehouse.tables import CURVE_FACTS as T
from aurum_dao.warehouse.tables import KNOWN

_FACT = ("asof_date", "delivery_start", "tenor_type", "price_type", "delivery_end", "source")
VERSION_ORDER = Order(
    (*_FACT, "known", "version"),
    (
        *(Term(T[c]) for c in _FACT),
        Term(KNOWN, descending=True),
        Term(T["version"], descending=True),
    ),
)
"""Versions of one fact stand together, the current one first."""


def selection_of_versions(
    columns: Sequence[str], curve_key: str, reference: ReferenceData
) -> Selection:
    """Return the selection of these columns and of the key."""
    shared: dict[str, Any] = {"curve_key": curve_key}
    needed = dict.fromkeys((*columns, *VERSION_ORDER.columns))
    names = tuple(n for n in needed if n not in shared and n not in LOOKED_UP)
    return Selection(
        names=names,
        kinds=tuple(Kind.INSTANT if n == "known" else T.kind(n) for n in names),
        shared=shared,
        looked={n: ("curve_key", reference.looker(n)) for n in columns if n in LOOKED_UP},
    )


def select_versions(
    query: VersionQuery,
    curve_key: str,
    sources: Sequence[str],
    selection: Selection,
    window: Window,
) -> Select:
    """Return the versions beyond the window's key, in the direction of its walk."""
    backwards = is_backwards(window)
    pairs = zip(selection.names, selection.kinds, strict=True)
    expressions = (selected(KNOWN if n == "known" else T[n], kind) for n, kind in pairs)
    day, start = query.asof, query.delivery_start
    return Select(
        columns=tuple(expressions),
        source=T.name,
        where=every(
            compare(T["curve_key"], "=", curve_key),
            ALL if day is None else compare(T["asof_date"], "=", day),
            ALL if start is None else compare(T["delivery_start"], "=", start),
            one_of(T["price_type"], query.price_type) if query.price_type else ALL,
            one_of(T["tenor_type"], query.tenor_type) if query.tenor_type else ALL,
            visible_from(T, query.pin, sources),
            VERSION_ORDER.beyond(VERSION_ORDER, key_of_window(window), backwards=backwards),
        ),
        order_by=Sql(order_by(VERSION_ORDER.terms, backwards=backwards)),
        limit=window.limit + 1,
    )
