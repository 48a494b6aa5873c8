"""A small builder of SQL in the subset of Trino's dialect that runs unchanged on DuckDB.

`Sql` is text that carries no value: names come from a table's own specification, everything else
from literals in this house's code. A `Clause` adds the values that are bound to its `?` markers,
in order. Nothing here ever puts a value into text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

from aurum_core.rows import Kind
from aurum_dao.ports.warehouse import Parameter, Statement

Sql = NewType("Sql", str)

CATALOGUE = "iceberg"
"""Every engine holds the warehouse under this catalogue name."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a statement and the values of its markers; a disjunction brings parentheses."""

    text: Sql
    parameters: tuple[Parameter, ...] = ()


ALL = Clause(Sql("TRUE"))
NONE = Clause(Sql("FALSE"))


class Table:
    """A table under the house's catalogue: asking for a column it has not is a KeyError."""

    __slots__ = ("_kinds", "name")

    def __init__(self, table: str, kinds: Iterable[tuple[str, Kind]]) -> None:
        self.name = Sql(f"{CATALOGUE}.{table}")
        self._kinds = dict(kinds)

    def __getitem__(self, column: str) -> Sql:
        """Return the quoted name of a column."""
        if column not in self._kinds:
            raise KeyError(column)
        return Sql(f'"{column}"')

    def __contains__(self, column: object) -> bool:
        return column in self._kinds

    def kind(self, column: str) -> Kind:
        """Return what a column holds."""
        return self._kinds[column]

    def all_of(self, columns: Iterable[str]) -> tuple[Sql, ...]:
        """Return the quoted names of several columns."""
        return tuple(self[c] for c in columns)


def bound(value: Parameter) -> Parameter:
    """Return a value as engines take it: instants in UTC, text that encodes.

    Text with lone surrogates exists in no table; it is replaced by text that matches nothing.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return value


def compare(left: Sql, operator: str, value: Parameter) -> Clause:
    """Return `left operator ?`."""
    if operator not in {"=", "<>", "<", "<=", ">", ">="}:
        raise ValueError(operator)
    return Clause(Sql(f"{left} {operator} ?"), (bound(value),))


def one_of(left: Sql, values: Sequence[Parameter]) -> Clause:
    """Return a membership test; no values match nothing."""
    if not values:
        return NONE
    if len(values) == 1:
        return compare(left, "=", values[0])
    markers = ", ".join("?" * len(values))
    return Clause(Sql(f"{left} IN ({markers})"), tuple(bound(v) for v in values))


def half_open(left: Sql, start: Parameter | None, end: Parameter | None) -> Clause:
    """Return `start <= left < end`; a missing end is open."""
    first = ALL if start is None else compare(left, ">=", start)
    return every(first, ALL if end is None else compare(left, "<", end))


def starts_with(left: Sql, prefix: str) -> Clause:
    """Return a case-insensitive prefix test; `%` and `_` mean themselves."""
    return _like(left, f"{_escaped(prefix)}%")


def contains(left: Sql, word: str) -> Clause:
    """Return a case-insensitive search for a word; `%` and `_` mean themselves."""
    return _like(left, f"%{_escaped(word)}%")


def _like(left: Sql, pattern: str) -> Clause:
    return Clause(Sql(f"lower({left}) LIKE ? ESCAPE '!'"), (bound(pattern.lower()),))


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def every(*clauses: Clause) -> Clause:
    """Return the conjunction; of nothing it is true."""
    if NONE in clauses:
        return NONE
    return _joined(" AND ", [c for c in clauses if c is not ALL], ALL)


def either(*clauses: Clause) -> Clause:
    """Return the disjunction; of nothing it is false."""
    return _joined(" OR ", [c for c in clauses if c is not NONE], NONE)


def _joined(word: str, clauses: list[Clause], empty: Clause) -> Clause:
    if len(clauses) <= 1:
        return clauses[0] if clauses else empty
    text = word.join(c.text for c in clauses)
    return Clause(
        Sql(f"({text})" if word == " OR " else text), sum((c.parameters for c in clauses), ())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One SELECT; `source` is a table's name or another select as a named subquery."""

    columns: Sequence[Sql | Clause]
    source: "Sql | Select"
    where: Clause = ALL
    group_by: Sequence[Sql] = ()
    order_by: Sql | None = None
    limit: int | None = None

    def clause(self) -> Clause:
        """Return text and values in the order of their markers."""
        columns = [_clause(c) for c in self.columns]
        source = self._source()
        parts = [f"SELECT {', '.join(c.text for c in columns)} FROM {source.text}"]
        values = [*(v for c in columns for v in c.parameters), *source.parameters]
        if self.where is not ALL:
            parts.append(f"WHERE {self.where.text}")
            values += self.where.parameters
        if self.group_by:
            parts.append(f"GROUP BY {', '.join(self.group_by)}")
        if self.order_by is not None:
            parts.append(f"ORDER BY {self.order_by}")
        if self.limit is not None:
            parts.append("LIMIT ?")
            values.append(self.limit)
        return Clause(Sql(" ".join(parts)), tuple(values))

    def statement(self, name: str, *, least_version: int = 0) -> Statement:
        """Return the statement; `name` labels metrics."""
        clause = self.clause()
        return Statement(name, clause.text, clause.parameters, least_version)

    def _source(self) -> Clause:
        if isinstance(self.source, str):
            return Clause(self.source)
        inner = self.source.clause()
        return Clause(Sql(f"({inner.text}) v"), inner.parameters)


def _clause(part: Sql | Clause) -> Clause:
    return part if isinstance(part, Clause) else Clause(part)
