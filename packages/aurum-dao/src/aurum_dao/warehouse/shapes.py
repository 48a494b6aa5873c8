"""From an engine's tuples to typed rows: what to select for a row type and how to build it.

Work is done column by column. A price is selected as a double (a third of a decimal's cost, and
below 10^9 its text is exact), an instant as epoch seconds (a quarter of a timestamp's). Columns
that every row of a read shares are not selected at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, Generic, TypeVar

from aurum_core.cursors import KeyValue
from aurum_core.rows import Kind, RowField, fields_of, served_number
from aurum_dao.sql.builder import Sql

R = TypeVar("R")
Values = Sequence[Any]
Look = Callable[[Any], Any]


def selected(column: Sql, kind: Kind) -> Sql:
    """Return the expression by which a page selects a column of that kind."""
    if kind is Kind.PRICE:
        return Sql(f"CAST({column} AS double)")
    return Sql(f"to_unixtime({column})") if kind is Kind.INSTANT else column


def decoded(values: Values, kind: Kind) -> Values:
    """Return the values of a selected column as rows carry them."""
    if kind is Kind.PRICE:
        return [
            x if x is None or (x % 1 and not -1e-4 < x < 1e-4) else served_number(x) for x in values
        ]
    if kind is not Kind.INSTANT:
        return values
    if None in values:
        return [None if x is None else datetime.fromtimestamp(x, UTC) for x in values]
    return list(map(datetime.fromtimestamp, values, repeat(UTC)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a read selects: column names and their expressions, and what it need not select.

    `shared` holds the values that all rows share. `looked` gives, for a column, the selected or
    shared one that it follows from, and how.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    shared: Mapping[str, Any]
    looked: Mapping[str, tuple[str, Look]] = field(default_factory=dict)

    def place(self, name: str) -> int | None:
        """Return where a column stands in a fetched row, None when it is not selected."""
        return self.names.index(name) if name in self.names else None

    def key_of(self, row: Sequence[Any], names: Iterable[str]) -> tuple[KeyValue, ...]:
        """Return the values of some columns in one fetched row, as rows carry them."""
        return tuple(self._value(row, name) for name in names)

    def columns(self, rows: Sequence[tuple[Any, ...]]) -> "Columns":
        """Return fetched rows as columns."""
        return Columns(self, rows)

    def _value(self, row: Sequence[Any], name: str) -> KeyValue:
        place = self.place(name)
        if place is None:
            value: KeyValue = self.shared[name]
            return value
        if self.kinds[place] is Kind.INSTANT:
            return datetime.fromtimestamp(row[place], UTC)
        found: KeyValue = row[place]
        return found


class Columns:
    """Some fetched rows, column by column."""

    __slots__ = ("_selected", "_selection", "count")

    def __init__(self, selection: Selection, rows: Sequence[tuple[Any, ...]]) -> None:
        self.count = len(rows)
        self._selection = selection
        self._selected: tuple[Values, ...] = tuple(zip(*rows, strict=True))

    def __getitem__(self, name: str) -> Values:
        """Return a column as rows carry it."""
        selection = self._selection
        place = selection.place(name)
        if place is not None:
            return decoded(self._selected[place], selection.kinds[place])
        if name in selection.shared:
            return [selection.shared[name]] * self.count
        origin, look = selection.looked[name]
        values = self[origin]
        found = {value: look(value) for value in set(values)}
        return [found[value] for value in values]


@dataclass(frozen=True, slots=True)
class Shape(Generic[R]):
    """How rows of a type are built."""

    row_type: type[R]
    fields: tuple[RowField, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that the fields are read from."""
        return tuple(f.column for f in self.fields)

    def builder(self, selection: Selection) -> Callable[[Sequence[tuple[Any, ...]]], list[R]]:
        """Return what builds rows, positionally, from fetched rows of a selection."""

        def build(rows: Sequence[tuple[Any, ...]]) -> list[R]:
            if not rows:
                return []
            columns = selection.columns(rows)
            return list(map(self.row_type, *(columns[f.column] for f in self.fields)))

        return build


def shape_of(row_type: type[R]) -> Shape[R]:
    """Return the shape of a row type."""
    kind: type = row_type
    return Shape(row_type, fields_of(kind))
