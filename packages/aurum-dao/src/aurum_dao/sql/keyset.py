"""Keyset paging: a predicate made of exactly the expressions of the ORDER BY.

NULLS LAST is meant and written everywhere; walking backwards reverses every term, nulls included.
The predicate has the bounded form `x >= ? AND (x > ? OR (y >= ? AND (…)))`: the redundant bound on
each term lets an engine skip what lies before the key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aurum_dao.ports.warehouse import Parameter
from aurum_dao.sql.builder import ALL, NONE, Clause, Sql, compare, either, every


@dataclass(frozen=True, slots=True)
class Term:
    """One expression of an order, nulls last; the last term of an order makes it unique."""

    expression: Sql
    descending: bool = False
    nullable: bool = False


def order_by(terms: Sequence[Term], *, backwards: bool = False) -> Sql:
    """Return the terms of an ORDER BY, with the place of nulls always written."""
    nulls = "FIRST" if backwards else "LAST"
    return Sql(
        ", ".join(
            f"{t.expression} {'DESC' if t.descending != backwards else 'ASC'} NULLS {nulls}"
            for t in terms
        )
    )


def keyset(
    terms: Sequence[Term], key: Sequence[Parameter | None], *, backwards: bool = False
) -> Clause:
    """Return what holds for the rows strictly after the key, or before it when backwards."""
    clause = NONE
    for term, value in reversed(list(zip(terms, key, strict=True))):
        beyond = _beyond(term, value, backwards=backwards)
        if clause is NONE:  # nothing decides among equals: the bound would say the same again
            clause = beyond
        else:
            clause = every(_from(term, value, backwards=backwards), either(beyond, clause))
    return clause


def at_or_beyond(
    terms: Sequence[Term], key: Sequence[Parameter | None], *, backwards: bool = False
) -> Clause:
    """Return what holds for the rows at the key and further along the walk.

    A key shorter than the terms stands for every row that begins with it.
    """
    pairs = list(zip(terms, key, strict=False))
    if not pairs:
        return ALL
    clause = _from(*pairs[-1], backwards=backwards)
    for term, value in reversed(pairs[:-1]):
        beyond = _beyond(term, value, backwards=backwards)
        clause = every(_from(term, value, backwards=backwards), either(beyond, clause))
    return clause


def _beyond(term: Term, value: Parameter | None, *, backwards: bool) -> Clause:
    """Return what holds for values strictly further along the walk."""
    if value is None:
        return _null(term, is_null=False) if backwards else NONE
    further = compare(term.expression, "<" if term.descending != backwards else ">", value)
    if backwards or not term.nullable:
        return further
    return either(further, _null(term, is_null=True))


def _from(term: Term, value: Parameter | None, *, backwards: bool) -> Clause:
    """Return what holds for the value itself and all further along the walk."""
    if value is None:
        return ALL if backwards else _null(term, is_null=True)
    further = compare(term.expression, "<=" if term.descending != backwards else ">=", value)
    if backwards or not term.nullable:
        return further
    return either(further, _null(term, is_null=True))


def _null(term: Term, *, is_null: bool) -> Clause:
    return Clause(Sql(f"{term.expression} IS {'' if is_null else 'NOT '}NULL"))
