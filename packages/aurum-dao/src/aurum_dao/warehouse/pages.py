"""Pages over an ordered read: one row more than asked tells whether there is another page."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aurum_dao.ports.paging import Key, Page, Window
from aurum_dao.sql.builder import ALL, Clause
from aurum_dao.sql.keyset import Term, keyset
from aurum_dao.warehouse.dedupe import Row, current_rows
from aurum_dao.warehouse.shapes import Selection

R = TypeVar("R")
Fetch = Callable[[Key | None, int], Awaitable[Sequence[Row]]]
SPARE_ROWS = 16
"""Raw rows read beyond the page, for superseded and withdrawn versions among them."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a read: the column of each term, in the order of the key."""

    columns: tuple[str, ...]
    terms: tuple[Term, ...]

    def without(self, shared: Sequence[str]) -> "Order":
        """Return the order of rows that share the values of some columns."""
        pairs = [p for p in zip(self.columns, self.terms, strict=True) if p[0] not in shared]
        return Order(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs))

    def beyond(self, whole: "Order", key: Key | None, *, backwards: bool) -> Clause:
        """Return the keyset predicate on these terms for a key of the whole order."""
        if key is None:
            return ALL
        values = dict(zip(whole.columns, key, strict=True))
        return keyset(self.terms, [values[c] for c in self.columns], backwards=backwards)


def is_backwards(window: Window) -> bool:
    """Tell whether the page lies before its key."""
    return window.before is not None


def key_of_window(window: Window) -> Key | None:
    """Return the key the page lies after or before."""
    return window.before if window.before is not None else window.after


async def walk_current(
    fetch: Fetch, selection: Selection, natural: Sequence[str], key: Sequence[str], wanted: int
) -> list[Row]:
    """Return at least `wanted` current rows, fewer only at the end of the read.

    `fetch(last, limit)` reads raw rows beyond a key in order, each key's current version first. It
    is asked again, beyond the last key seen, while other versions fill its answers.
    """
    places = [p for p in map(selection.place, natural) if p is not None]
    withdrawn = selection.names.index("withdrawn")
    kept: list[Row] = []
    limit, last = wanted + SPARE_ROWS, None
    while True:
        rows = await fetch(last, limit)
        kept += current_rows(rows, places, withdrawn)
        if len(rows) < limit or len(kept) >= wanted:
            return kept
        last, limit = selection.key_of(rows[-1], key), limit * 2


def page_of(
    rows: Sequence[Row],
    selection: Selection,
    build: Callable[[Sequence[Row]], list[R]],
    key: Sequence[str],
    window: Window,
) -> Page[R]:
    """Return the page of rows that were read in the direction of the window's walk."""
    backwards = is_backwards(window)
    more = len(rows) > window.limit
    kept = rows[: window.limit]
    if backwards:
        kept = kept[::-1]
    started = window.after is not None or window.offset > 0
    return Page(
        build(kept),
        selection.key_of(kept[0], key) if kept else None,
        selection.key_of(kept[-1], key) if kept else None,
        has_next=backwards or more,
        has_previous=more if backwards else started,
    )
