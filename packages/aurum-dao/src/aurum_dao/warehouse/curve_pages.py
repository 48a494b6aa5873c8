"""Pages of observations: the few curves that can fill a page, then one statement over them.

The directory says which curves, dates and sources there are and how many contracts at most each
holds. A page binds only the curves from its key on that fill it, so that page N costs what page 1
costs, whatever the read comprises.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aurum_dao.ports.paging import Key, Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.sql.builder import Select, Sql, every
from aurum_dao.sql.keyset import order_by
from aurum_dao.warehouse.asof import CurveSlices, Directory
from aurum_dao.warehouse.curve_rows import (
    LIST_ORDER,
    Reading,
    expressions,
    select_shown,
    selection_of,
)
from aurum_dao.warehouse.curve_scope import MOST_BOUND_KEYS, Delivery, Scope
from aurum_dao.warehouse.dedupe import Row, rank_terms
from aurum_dao.warehouse.pages import is_backwards, key_of_window, walk_current
from aurum_dao.warehouse.reference import ReferenceData
from aurum_dao.warehouse.shapes import Selection
from aurum_dao.warehouse.tables import CURVE_FACTS as T


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A paged read of observations: what it comprises and the columns its rows need."""

    scope: Scope
    directory: Directory
    delivery: Delivery
    preferred: tuple[str, ...]
    columns: tuple[str, ...]
    reference: ReferenceData

    def reading(self, curves: Sequence[CurveSlices]) -> Reading:
        """Return some of its curves as one statement reads them."""
        return Reading(
            scope=self.scope, curves=curves, delivery=self.delivery, preferred=self.preferred
        )

    def selection(self, reading: Reading | None) -> Selection:
        """Return what a statement selects; of no reading, what every page has in common."""
        shared = {} if reading is None else reading.shared()
        return selection_of(self.columns, shared, self.reference)


async def read_page(
    runner: StatementRunner, listing: Listing, window: Window
) -> tuple[Selection, list[Row]]:
    """Return at least one row more than the window's limit, in the direction of its walk."""
    wanted = window.limit + 1
    at = key_of_window(window)
    chunks = list_chunks(listing, at, wanted, backwards=is_backwards(window))
    selection = listing.selection(None)
    rows: list[Row] = []
    for chunk in chunks:
        reading = listing.reading(chunk)
        selection_now = listing.selection(reading)
        within = at if at is not None and chunk[0].curve_key == at[0] else None
        found = await _read(runner, listing, reading, selection_now, within, wanted, window)
        if not rows:
            selection, rows = selection_now, list(found)
        else:
            selection, rows = _together(listing, (selection, rows), (selection_now, found))
        if len(rows) >= wanted:
            break
    return selection, rows


def list_chunks(
    listing: Listing, at: Key | None, wanted: int, *, backwards: bool
) -> Iterator[list[CurveSlices]]:
    """Yield curves in the direction of the walk, each time enough of them to fill the page."""
    directory = _from_key(listing.directory, at, backwards=backwards)
    certain = at is None
    place, size = 0, 1
    while place < len(directory):
        chunk: list[CurveSlices] = []
        rows = 0
        while place < len(directory) and len(chunk) < MOST_BOUND_KEYS:
            if rows >= wanted and len(chunk) >= size:
                break
            curve = directory[place]
            # The curve of the key is partly read; a filter on deliveries leaves few rows of each.
            rows += (curve.rows if listing.delivery.is_open else 1) if chunk or certain else 0
            chunk.append(curve)
            place += 1
        yield chunk
        certain, size = True, min(size * 4, MOST_BOUND_KEYS)


def _from_key(directory: Directory, at: Key | None, *, backwards: bool) -> Sequence[CurveSlices]:
    if at is None:
        return directory
    keys = [c.curve_key for c in directory]
    if backwards:
        return directory[: bisect_right(keys, str(at[0]))][::-1]
    return directory[bisect_left(keys, str(at[0])) :]


async def _read(
    runner: StatementRunner,
    listing: Listing,
    reading: Reading,
    selection: Selection,
    at: Key | None,
    wanted: int,
    window: Window,
) -> Sequence[Row]:
    backwards = is_backwards(window)
    version = listing.scope.pin.data_version
    order = LIST_ORDER.without(tuple(selection.shared))
    keys = order_by(order.terms, backwards=backwards)
    if reading.needs_choice:
        source, shown = select_shown(reading, selection.names)
        select = Select(
            columns=expressions(selection),
            source=source,
            where=every(shown, order.beyond(LIST_ORDER, at, backwards=backwards)),
            order_by=keys or None,
            limit=wanted,
        )
        return await runner.fetch(select.statement("curve_choice_page", least_version=version))
    ranked = Sql(", ".join(s for s in (keys, order_by(rank_terms(T))) if s))

    async def fetch(last: Key | None, limit: int) -> Sequence[Row]:
        select = Select(
            columns=expressions(selection),
            source=T.name,
            where=every(reading.rows(), order.beyond(LIST_ORDER, last or at, backwards=backwards)),
            order_by=ranked,
            limit=limit,
        )
        return await runner.fetch(select.statement("curve_page", least_version=version))

    return await walk_current(fetch, selection, CURVES.key, LIST_ORDER.columns, wanted)


def _together(
    listing: Listing, *parts: tuple[Selection, Sequence[Row]]
) -> tuple[Selection, list[Row]]:
    """Return rows of several selections as rows of the one that shares nothing."""
    whole = listing.selection(None)
    rows: list[Row] = []
    for selection, found in parts:
        places = [(selection.place(n), selection.shared.get(n)) for n in whole.names]
        rows += [
            tuple(value if place is None else row[place] for place, value in places)
            for row in found
        ]
    return whole, rows
