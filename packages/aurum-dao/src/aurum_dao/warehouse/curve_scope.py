"""What narrows a read of curves before its as-of date is resolved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from aurum_dao.ports.curves import CurveFilter
from aurum_dao.ports.paging import Pin
from aurum_dao.sql.builder import ALL, Clause, Sql, compare, every, one_of
from aurum_dao.warehouse.dedupe import visible
from aurum_dao.warehouse.reference import DIMENSIONS, ReferenceData
from aurum_dao.warehouse.tables import CURVE_FACTS as T

MOST_BOUND_KEYS = 200
"""More curves than this are not listed in a statement: their dimensions say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Filters, pin and sources of a read: rule 1 and 2 of the as-of rule.

    `keys` None means every curve. `sources` are those the tenant may read, best first; with
    `every_source` (they were asked for by name) a curve is read from all of them, else from the
    best that has rows. `price_type` and `tenor_type` empty mean any.
    """

    pin: Pin
    where: CurveFilter
    keys: tuple[str, ...] | None
    sources: tuple[str, ...]
    every_source: bool
    price_type: tuple[str, ...] = ()
    tenor_type: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether no row can be in scope."""
        return self.keys == () or not self.sources

    def rows(self, keys: Sequence[str] | None = None) -> Clause:
        """Return which raw rows are in scope, of all its curves or of some."""
        return every(
            self._curves() if keys is None else one_of(T["curve_key"], keys),
            one_of(T["source"], self.sources),
            self.rows_of(self.price_type),
        )

    def rows_of(self, price_type: Sequence[str]) -> Clause:
        """Return which raw rows are in scope where curves and sources are given otherwise."""
        return every(
            one_of(T["price_type"], price_type) if price_type else ALL,
            one_of(T["tenor_type"], self.tenor_type) if self.tenor_type else ALL,
            visible(T, self.pin),
        )

    def _curves(self) -> Clause:
        if self.keys is None:
            return ALL
        if len(self.keys) <= MOST_BOUND_KEYS or self.where.curve_keys:
            return one_of(T["curve_key"], self.keys)
        wanted = ((name, getattr(self.where, name)) for name in DIMENSIONS)
        return every(
            *(
                one_of(Sql(f"lower({T[name]})"), [value.lower() for value in values])
                for name, values in wanted
                if values
            )
        )


def scope_of(
    reference: ReferenceData,
    pin: Pin,
    where: CurveFilter,
    *,
    price_type: tuple[str, ...] = (),
    tenor_type: tuple[str, ...] = (),
) -> Scope:
    """Return the scope of a filter: names become keys, sources become the allowed ones."""
    return Scope(
        pin=pin,
        where=where,
        keys=reference.keys_of(where),
        sources=reference.sources_of(pin, where.source),
        every_source=bool(where.source),
        price_type=price_type,
        tenor_type=tenor_type,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Which contracts are shown of what was resolved: half-open on `delivery_start`, or listed."""

    start: date | None = None
    end: date | None = None
    listed: tuple[date, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether every contract is shown."""
        return self == Delivery()

    def clause(self) -> Clause:
        """Return the condition on a row."""
        column = T["delivery_start"]
        return every(
            ALL if self.start is None else compare(column, ">=", self.start),
            ALL if self.end is None else compare(column, "<", self.end),
            one_of(column, self.listed) if self.listed else ALL,
        )


def lowest_and_highest(days: Iterable[date]) -> tuple[date, date]:
    """Return the ends of some days."""
    ordered = sorted(days)
    return ordered[0], ordered[-1]
