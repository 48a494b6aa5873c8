"""Which rows of `market.curve_observation` a page or a stream reads, and in which order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, compare, either, every, one_of
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.asof import CurveSlices, Slice
from aurum_dao.warehouse.curve_scope import Delivery, Scope, lowest_and_highest
from aurum_dao.warehouse.dedupe import current, rank_terms
from aurum_dao.warehouse.pages import Order
from aurum_dao.warehouse.reference import DIMENSIONS, ReferenceData
from aurum_dao.warehouse.shapes import Selection, selected
from aurum_dao.warehouse.tables import CURVE_FACTS as T

IDENTITY = (*DIMENSIONS, "spark_location")
LOOKED_UP = (*IDENTITY, "slug")
"""What follows from the key: looked up in memory, not selected."""

_LIST = (
    "curve_key",
    "delivery_start",
    "tenor_type",
    "price_type",
    "asof_date",
    "delivery_end",
    "source",
)
_DIFF = tuple(c for c in _LIST if c != "asof_date")


def _order(columns: Sequence[str]) -> Order:
    return Order(tuple(columns), tuple(Term(T[c]) for c in columns))


LIST_ORDER = _order(_LIST)
DIFF_ORDER = _order(_DIFF)
KEY_BY_CHANGE = (
    "delivery_start",
    "delivery_end",
    "asof_date",
    "tenor_type",
    "price_type",
    "curve_key",
    "source",
)
"""The natural key, what differs between neighbours most often first."""
CONTRACT = ("curve_key", "source", "asof_date", "tenor_type", "delivery_start", "delivery_end")

MOST_LISTED_DAYS = 8
Pattern = tuple[tuple[tuple[str, ...], tuple[date, ...]], ...]
"""Which dates of a curve are read from which sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Some curves of a directory as one statement reads them.

    `preferred` are price types of which a contract shows the first it has, best first; empty where
    every type in scope is shown.
    """

    scope: Scope
    curves: Sequence[CurveSlices]
    delivery: Delivery
    preferred: tuple[str, ...] = ()

    @property
    def slices(self) -> tuple[Slice, ...]:
        """Return the slices of all curves."""
        return tuple(s for c in self.curves for s in c.slices)

    @property
    def needs_choice(self) -> bool:
        """Tell whether contracts of one curve may have different best price types."""
        if not self.preferred:
            return False
        if len(self.slices) == len(self.curves):
            return any(len(s.price_types) > 1 for s in self.slices)
        return any(len(_types(c)) > 1 for c in self.curves)

    def shared(self) -> Mapping[str, Any]:
        """Return the columns that have one value in all rows."""
        slices = self.slices
        types = {t for s in slices for t in s.price_types}
        named: dict[str, set[Any]] = {
            "curve_key": {c.curve_key for c in self.curves},
            "asof_date": {s.asof_date for s in slices},
            "source": {source for s in slices for source in s.sources},
            "price_type": types if self.preferred else set(self.scope.price_type),
            "tenor_type": set(self.scope.tenor_type),
        }
        return {name: next(iter(values)) for name, values in named.items() if len(values) == 1}

    def rows(self) -> Clause:
        """Return which raw rows are read, before one version is chosen."""
        price_type = self.shared().get("price_type")
        return every(
            one_of(T["curve_key"], [c.curve_key for c in self.curves]),
            _any_of(self.curves),
            self.scope.rows_of(self.scope.price_type if price_type is None else (price_type,)),
            self.delivery.clause(),
        )


def _types(curve: CurveSlices) -> frozenset[str]:
    return frozenset(t for s in curve.slices for t in s.price_types)


def _any_of(curves: Sequence[CurveSlices]) -> Clause:
    """Return the dates and sources of the curves; what curves have in common stands once."""
    alike: dict[Pattern, list[str]] = defaultdict(list)
    for curve in curves:
        alike[_pattern(curve)].append(curve.curve_key)
    return either(
        *(
            every(
                ALL if len(alike) == 1 else one_of(T["curve_key"], keys),
                either(*(every(_days(days, pattern), _from_any(s)) for s, days in pattern)),
            )
            for pattern, keys in alike.items()
        )
    )


def _pattern(curve: CurveSlices) -> Pattern:
    days: dict[tuple[str, ...], list[date]] = defaultdict(list)
    for one in curve.slices:
        days[one.sources].append(one.asof_date)
    return tuple((sources, tuple(listed)) for sources, listed in days.items())


def _from_any(sources: Sequence[str]) -> Clause:
    return one_of(T["source"], sources)


def _days(days: Sequence[date], pattern: Pattern) -> Clause:
    """List the dates, or bound them where a history has many and reads all from one source."""
    if len(days) <= MOST_LISTED_DAYS or len(pattern) > 1:
        return one_of(T["asof_date"], days)
    first, last = lowest_and_highest(days)
    return every(compare(T["asof_date"], ">=", first), compare(T["asof_date"], "<=", last))


def selection_of(
    columns: Iterable[str], shared: Mapping[str, Any], reference: ReferenceData
) -> Selection:
    """Return the selection of these columns and what a page's key and version need."""
    wanted = tuple(columns)
    needed = dict.fromkeys((*wanted, *CURVES.key, "withdrawn"))
    names = tuple(n for n in needed if n not in shared and n not in LOOKED_UP)
    return Selection(
        names=names,
        kinds=tuple(T.kind(n) for n in names),
        shared=shared,
        looked={n: ("curve_key", reference.looker(n)) for n in wanted if n in LOOKED_UP},
    )


def expressions(selection: Selection) -> tuple[Sql, ...]:
    """Return what a page selects for the names of a selection."""
    pairs = zip(selection.names, selection.kinds, strict=True)
    return tuple(selected(T[name], kind) for name, kind in pairs)


def select_shown(reading: Reading, columns: Iterable[str]) -> tuple[Select, Clause]:
    """Return current rows of a reading, one price type per contract, and what keeps them."""
    names = tuple(dict.fromkeys((*columns, *CURVES.key, "withdrawn")))
    inner, live = current(CURVES, T, names, reading.rows())
    if not reading.needs_choice:
        return inner, live
    contract = ", ".join(T.all_of(CONTRACT))
    rank = Sql(
        f"CASE {T['price_type']} "
        + " ".join(f"WHEN ? THEN {place}" for place in range(len(reading.preferred)))
        + " END"
    )
    choice = Clause(
        Sql(f"row_number() OVER (PARTITION BY {contract} ORDER BY {rank} NULLS LAST) AS choice"),
        reading.preferred,
    )
    chosen = Select(columns=(*T.all_of(names), choice), source=inner, where=live)
    return chosen, Clause(Sql("choice = 1"))


def select_export(reading: Reading, columns: Iterable[str]) -> Select:
    """Return the rows of a reading in the list order, each key's current version first."""
    names = tuple(dict.fromkeys((*columns, *CURVES.key, "withdrawn")))
    if reading.needs_choice:
        source, shown = select_shown(reading, names)
        order = order_by(LIST_ORDER.terms)
        return Select(columns=T.all_of(names), source=source, where=shown, order_by=order)
    terms = (*LIST_ORDER.without(tuple(reading.shared())).terms, *rank_terms(T))
    return Select(
        columns=T.all_of(names), source=T.name, where=reading.rows(), order_by=order_by(terms)
    )
