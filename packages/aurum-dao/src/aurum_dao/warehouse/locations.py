"""Locations: effective-dated, one entry of each."""

from collections.abc import Sequence

from aurum_dao.ports.metadata import LocationQuery
from aurum_dao.ports.paging import Window
from aurum_dao.schemas.reference import LOCATION
from aurum_dao.sql.builder import (
    ALL,
    Clause,
    Select,
    Sql,
    compare,
    either,
    every,
    one_of,
    starts_with,
)
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.pages import Order, is_backwards, key_of_window
from aurum_dao.warehouse.shapes import Selection, selected
from aurum_dao.warehouse.tables import LOCATION_TABLE as T

_KEY = ("iso_code", "location_id")
LOCATION_ORDER = Order(_KEY, tuple(Term(T[c]) for c in _KEY))
_NEWEST = order_by((Term(T["valid_from"], descending=True),))


def selection_of_locations(columns: Sequence[str]) -> Selection:
    """Return the selection of these columns and of the key."""
    names = tuple(dict.fromkeys((*_KEY, *columns)))
    return Selection(names=names, kinds=tuple(T.kind(n) for n in names), shared={})


def select_locations(query: LocationQuery, selection: Selection, window: Window) -> Select:
    """Return the locations beyond the window's key, in the direction of its walk.

    Of each location the newest entry, or the newest of those valid on the query's day.
    """
    backwards = is_backwards(window)
    entry = Sql(
        f"row_number() OVER (PARTITION BY {', '.join(T.all_of(_KEY))} ORDER BY {_NEWEST}) AS entry"
    )
    inner = Select(
        columns=(*T.all_of(c.name for c in LOCATION.columns), entry),
        source=T.name,
        where=every(
            one_of(T["iso_code"], query.iso) if query.iso else ALL,
            ALL if query.location_id is None else compare(T["location_id"], "=", query.location_id),
            _valid(query),
            LOCATION_ORDER.beyond(LOCATION_ORDER, key_of_window(window), backwards=backwards),
        ),
    )
    pairs = zip(selection.names, selection.kinds, strict=True)
    return Select(
        columns=tuple(selected(T[name], kind) for name, kind in pairs),
        source=inner,
        where=every(
            Clause(Sql("entry = 1")),
            one_of(T["location_type"], query.location_type) if query.location_type else ALL,
            _named(query.prefix),
        ),
        order_by=order_by(LOCATION_ORDER.terms, backwards=backwards),
        limit=window.limit + 1,
    )


def _valid(query: LocationQuery) -> Clause:
    if query.day is None:
        return ALL
    return every(
        compare(T["valid_from"], "<=", query.day),
        either(Clause(Sql(f"{T['valid_to']} IS NULL")), compare(T["valid_to"], ">", query.day)),
    )


def _named(prefix: str | None) -> Clause:
    if not prefix:
        return ALL
    return either(starts_with(T["location_id"], prefix), starts_with(T["location_name"], prefix))
