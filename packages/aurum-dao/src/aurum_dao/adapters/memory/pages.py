"""Pages of rows in memory: sort, cut, build."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from aurum_core.rows import Kind, fields_of, served_number
from aurum_dao.ports.paging import Key, Page, Window

R = TypeVar("R")
Order = Sequence[tuple[str, bool]]
"""Columns of a key; True where it descends. Keys have no nulls."""


def ascending(*columns: str) -> Order:
    """Return an order without a descending column."""
    return tuple((name, False) for name in columns)


def in_order(rows: Iterable[Mapping[str, Any]], order: Order) -> list[Mapping[str, Any]]:
    """Return the rows in order."""
    ordered = list(rows)
    for name, descending in reversed(order):
        ordered.sort(key=lambda row: row[name], reverse=descending)
    return ordered


def page_in_memory(
    rows: Iterable[Mapping[str, Any]],
    order: Order,
    window: Window,
    build: Callable[[Mapping[str, Any]], R],
) -> Page[R]:
    """Return the page of a window over all rows of a read."""
    ordered = in_order(rows, order)
    keys = [tuple(row[name] for name, _ in order) for row in ordered]
    if window.before is not None:
        end = sum(1 for key in keys if _precedes(key, window.before, order))
        start = max(0, end - window.limit)
    else:
        start = window.offset
        if window.after is not None:
            start = sum(1 for key in keys if not _precedes(window.after, key, order))
        end = start + window.limit
    shown = ordered[start:end]
    backwards = window.before is not None
    started = window.after is not None or window.offset > 0
    return Page(
        [build(row) for row in shown],
        keys[start] if shown else None,
        keys[start + len(shown) - 1] if shown else None,
        has_next=backwards or end < len(ordered),
        has_previous=start > 0 if backwards else started,
    )


def builder_of(row_type: type[R]) -> Callable[[Mapping[str, Any]], R]:
    """Return what makes a row of a type from a row in memory."""
    kind: type = row_type
    fields = fields_of(kind)

    def build(row: Mapping[str, Any]) -> R:
        values = ((row[f.column], f.kind) for f in fields)
        return row_type(*(served_number(v) if k is Kind.PRICE else v for v, k in values))

    return build


def _precedes(key: Key, other: Key, order: Order) -> bool:
    for (_, descending), one, two in zip(order, key, other, strict=True):
        if one != two:
            less: bool = one < two  # type: ignore[operator]  # of one column, so of one type
            return less != descending
    return False
