"""The reader of forward curves, written once for every engine."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from aurum_core.errors import NotFoundError
from aurum_core.rows import Price
from aurum_dao.ports.curves import (
    DEFAULT_PRICE_TYPES,
    CatalogueQuery,
    ContractExpiry,
    CurveDetail,
    CurveDiffQuery,
    CurveQuery,
    MonthPrice,
    VersionQuery,
)
from aurum_dao.ports.paging import Key, Page, Pin, Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.sql.builder import Select, compare
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.asof import AsOfResolver
from aurum_dao.warehouse.batches import CurrentRows, CurveColumns
from aurum_dao.warehouse.curve_catalogue import CatalogueReader, detail_of, list_catalogue
from aurum_dao.warehouse.curve_diff import diff_key_at, read_diff, selection_of_diff
from aurum_dao.warehouse.curve_pages import Listing, read_page
from aurum_dao.warehouse.curve_peek import can_peek, peek
from aurum_dao.warehouse.curve_rows import (
    DIFF_ORDER,
    KEY_BY_CHANGE,
    LIST_ORDER,
    LOOKED_UP,
    select_export,
    select_shown,
)
from aurum_dao.warehouse.curve_scope import MOST_BOUND_KEYS, Delivery, Scope, scope_of
from aurum_dao.warehouse.curve_versions import VERSION_ORDER, select_versions, selection_of_versions
from aurum_dao.warehouse.dedupe import Row
from aurum_dao.warehouse.offsets import select_offset
from aurum_dao.warehouse.pages import key_of_window, page_of
from aurum_dao.warehouse.reference import ReferenceData, ReferenceReader
from aurum_dao.warehouse.shapes import Selection, shape_of
from aurum_dao.warehouse.tables import CURVE_FACTS, EXPIRY_TABLE

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
MOST_MONTHS = 1_000_000
_EXPIRY_COLUMNS = ("root", "contract_month", "last_trade", "first_delivery", "last_delivery")


@dataclass(slots=True)
class _Month:
    """What a month's price is read as."""

    curve_key: str
    source: str
    asof_date: date
    price_type: str
    delivery_start: date
    delivery_end: date
    value: Price | None
    currency: str
    per_unit: str


class WarehouseCurveReader:
    """Implements `CurveReader` over a statement runner; pass the app's one `ReferenceReader`.

    Holds what it resolved for the newest loads, so that pages of a walk cost one statement each.
    """

    def __init__(self, runner: StatementRunner, reference: ReferenceReader | None = None) -> None:
        self._runner = runner
        self._reference = reference or ReferenceReader(runner)
        self._resolver = AsOfResolver(runner)
        self._catalogue = CatalogueReader(runner)

    async def list_observations(
        self, query: CurveQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return a page of observations under the as-of rule."""
        shape = shape_of(row_type)
        reference, scope, preferred = await self._scope(query)
        if scope.is_empty:
            return Page([])
        columns = (*shape.columns, "asof_date")
        read = None
        if can_peek(query, scope):
            read = await peek(self._runner, query, scope, columns, reference, window, preferred)
        if read is None:
            listing = await self._listing(query, columns)
            at = await self._key_at(listing, window)
            if window.offset and at is None:
                return Page([])
            read = await read_page(self._runner, listing, replace_key(window, at))
        selection, rows = read
        page = page_of(rows, selection, shape.builder(selection), LIST_ORDER.columns, window)
        return replace(page, asof=_one_asof(selection, rows[: window.limit]))

    async def iter_observations(
        self, query: CurveQuery, row_type: type
    ) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every observation of the query as Arrow, in the list order."""
        columns = shape_of(row_type).columns
        listing = await self._listing(query, columns)
        names = tuple(n for n in columns if n not in LOOKED_UP)
        keys = [c.curve_key for c in listing.directory]
        added = tuple(n for n in columns if n in LOOKED_UP)
        arrange = CurveColumns(listing.reference, keys, added)
        for start in range(0, len(keys), MOST_BOUND_KEYS):
            reading = listing.reading(listing.directory[start : start + MOST_BOUND_KEYS])
            select = select_export(reading, names)
            statement = select.statement("curve_export", least_version=query.pin.data_version)
            current_rows = CurrentRows(KEY_BY_CHANGE)
            async for batch in self._runner.stream(statement):
                kept = current_rows.kept(batch)
                if kept.num_rows:
                    yield arrange.arranged(kept, columns)

    async def list_months(self, query: CurveQuery) -> Sequence[MonthPrice]:
        """Return the MONTHLY prices of the curves of the query: what strips are built from."""
        monthly = replace(query, tenor_type=("MONTHLY",))
        page = await self.list_observations(monthly, _Month, Window(limit=MOST_MONTHS))
        return [
            MonthPrice(
                m.curve_key,
                m.source,
                m.asof_date,
                m.price_type,
                m.delivery_start,
                m.delivery_end,
                None if m.value is None else Decimal(str(m.value)),
                m.currency,
                m.per_unit,
            )
            for m in page.rows
        ]

    async def list_diff(self, query: CurveDiffQuery, row_type: type[R], window: Window) -> Page[R]:
        """Return the outer join of two as-ofs."""
        shape = shape_of(row_type)
        reference = await self._reference.read(query.pin)
        scope = _scope_of(reference, query)
        directory = await self._resolver.resolve_dates(scope, (query.asof_a, query.asof_b))
        listing = Listing(
            scope=scope,
            directory=directory,
            delivery=Delivery(),
            preferred=() if query.price_type else DEFAULT_PRICE_TYPES,
            columns=shape.columns,
            reference=reference,
        )
        at = key_of_window(window)
        if window.offset and at is None and directory:
            at = await diff_key_at(self._runner, listing, query, window.offset)
            if at is None:
                return Page([])
        selection = selection_of_diff(shape.columns, query, reference)
        rows = await read_diff(self._runner, listing, query, selection, replace_key(window, at))
        return page_of(rows, selection, shape.builder(selection), DIFF_ORDER.columns, window)

    async def list_versions(
        self, query: VersionQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return every version of a curve's facts, the current one of each fact first."""
        shape = shape_of(row_type)
        reference = await self._reference.read(query.pin)
        key, sources = reference.key_of(query.curve_key), reference.sources_of(query.pin)
        if key is None:
            return Page([])
        selection = selection_of_versions(shape.columns, key, reference)
        select = select_versions(query, key, sources, selection, window)
        statement = select.statement("curve_versions", least_version=query.pin.data_version)
        rows = await self._runner.fetch(statement)
        return page_of(rows, selection, shape.builder(selection), VERSION_ORDER.columns, window)

    async def list_curves(
        self, query: CatalogueQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return the catalogue ordered by slug."""
        reference = await self._reference.read(query.pin)
        return await list_catalogue(self._catalogue, reference, query, row_type, window)

    async def get_curve(self, name: str, *, pin: Pin, today: date) -> CurveDetail:
        """Return one curve by hash, old key or slug.

        Raises:
            NotFoundError: nothing has that name.
        """
        reference = await self._reference.read(pin)
        key = reference.key_of(name)
        found = await self._details([] if key is None else [key], pin, reference, today)
        if key is None or key not in found:
            raise NotFoundError("There is no curve of that name.")
        return found[key]

    async def list_details(self, keys: Sequence[str], *, pin: Pin) -> dict[str, CurveDetail]:
        """Return the details of the curves by key; unknown keys are absent."""
        return await self._details(keys, pin, await self._reference.read(pin), None)

    async def list_siblings(self, curve_key: str, *, pin: Pin) -> dict[str, str]:
        """Return block → curve_key of the curves that differ from this one by block alone."""
        reference = await self._reference.read(pin)
        key = reference.key_of(curve_key)
        named = {} if key is None else reference.siblings_of(key)
        held = await self._details(list(named.values()), pin, reference, None)
        return {block: sibling for block, sibling in named.items() if sibling in held}

    async def list_expiries(self, root: str) -> Sequence[ContractExpiry]:
        """Return the listed contracts of a root by month."""
        select = Select(
            columns=EXPIRY_TABLE.all_of(_EXPIRY_COLUMNS),
            source=EXPIRY_TABLE.name,
            where=compare(EXPIRY_TABLE["root"], "=", root),
            order_by=order_by((Term(EXPIRY_TABLE["contract_month"]),)),
        )
        rows = await self._runner.fetch(select.statement("curve_expiries"))
        return [ContractExpiry(*row) for row in rows]  # type: ignore[arg-type]  # as selected

    async def _details(
        self, keys: Sequence[str], pin: Pin, reference: ReferenceData, last: date | None
    ) -> dict[str, CurveDetail]:
        known = [key for key in dict.fromkeys(keys) if key in reference.curves]
        held = await self._catalogue.read(known, pin, reference.sources_of(pin), last)
        return {key: detail_of(reference.curves[key], held[key]) for key in known if key in held}

    async def _scope(self, query: CurveQuery) -> tuple[ReferenceData, Scope, tuple[str, ...]]:
        reference = await self._reference.read(query.pin)
        preferred = () if query.price_type else DEFAULT_PRICE_TYPES
        return reference, _scope_of(reference, query), preferred

    async def _listing(self, query: CurveQuery, columns: tuple[str, ...]) -> Listing:
        reference, scope, preferred = await self._scope(query)
        return Listing(
            scope=scope,
            directory=await self._resolver.resolve(scope, query.asof, reference),
            delivery=Delivery(start=query.start, end=query.end, listed=query.delivery),
            preferred=preferred,
            columns=columns,
            reference=reference,
        )

    async def _key_at(self, listing: Listing, window: Window) -> Key | None:
        """Return the key the page lies beyond; of an offset, the key of the last row it skips."""
        at = key_of_window(window)
        if at is not None or not window.offset or not listing.directory:
            return at
        source, shown = select_shown(listing.reading(listing.directory), LIST_ORDER.columns)
        select, found = select_offset(CURVE_FACTS, LIST_ORDER, source, shown, window.offset)
        version = listing.scope.pin.data_version
        rows = await self._runner.fetch(select.statement("curve_offset", least_version=version))
        return found.key_of(rows[0], LIST_ORDER.columns) if rows else None


def replace_key(window: Window, at: Key | None) -> Window:
    """Return the window with the key that its offset meant."""
    return window if window.before is not None else replace(window, after=at)


def _scope_of(reference: ReferenceData, query: CurveQuery | CurveDiffQuery) -> Scope:
    return scope_of(
        reference,
        query.pin,
        query.where,
        price_type=query.price_type or DEFAULT_PRICE_TYPES,
        tenor_type=query.tenor_type,
    )


def _one_asof(selection: Selection, rows: Sequence[Row]) -> date | None:
    place = selection.place("asof_date")
    if place is None:
        shared: date | None = selection.shared.get("asof_date")
        return shared if rows else None
    days: set[date] = {row[place] for row in rows}
    return days.pop() if len(days) == 1 else None
