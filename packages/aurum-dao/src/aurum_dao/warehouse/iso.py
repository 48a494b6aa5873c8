"""The reader of locational prices, written once for every engine."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from aurum_core.rows import Kind
from aurum_dao.ports.iso import (
    BlockRule,
    BlockSums,
    Grain,
    LmpQuery,
    NewestInterval,
    PriceSum,
)
from aurum_dao.ports.paging import Key, Page, Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.catalogue import LMP
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, every
from aurum_dao.sql.keyset import order_by
from aurum_dao.warehouse.batches import CurrentRows, batch_of
from aurum_dao.warehouse.dedupe import Row, current, rank_terms
from aurum_dao.warehouse.lmp_blocks import in_zone, select_block_sums
from aurum_dao.warehouse.lmp_exports import pieces_of, select_series
from aurum_dao.warehouse.lmp_newest import select_newest_current, select_newest_raw
from aurum_dao.warehouse.lmp_rows import (
    KEY_BY_CHANGE,
    NEGATIVE,
    expressions,
    negative_rows,
    order_of,
    rows_of,
    selection_of,
    shared_by,
    without_range,
)
from aurum_dao.warehouse.lmp_sums import (
    SUM_KEY,
    Texture,
    select_sums,
    select_texture,
    texture_of,
)
from aurum_dao.warehouse.lru import LruCache
from aurum_dao.warehouse.offsets import select_offset
from aurum_dao.warehouse.pages import is_backwards, key_of_window, page_of, walk_current
from aurum_dao.warehouse.reference import ReferenceReader
from aurum_dao.warehouse.shapes import Selection, shape_of
from aurum_dao.warehouse.tables import LMP_FACTS as T

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
CACHED_TEXTURES = 1_000


class WarehouseLmpReader:
    """Implements `LmpReader` over a statement runner; pass the app's one `ReferenceReader`."""

    def __init__(self, runner: StatementRunner, reference: ReferenceReader | None = None) -> None:
        self._runner = runner
        self._reference = reference or ReferenceReader(runner)
        self._textures: LruCache[Texture] = LruCache(CACHED_TEXTURES)

    async def list_prices(self, query: LmpQuery, row_type: type[R], window: Window) -> Page[R]:
        """Return a page of intervals."""
        shape, shared = shape_of(row_type), shared_by(query)
        selection = selection_of(shape.columns, shared)
        key = order_of(query).columns
        where = rows_of(query, await self._sources(query))
        at = key_of_window(window)
        if window.offset and at is None:
            at = await self._key_at(query, where, window.offset)
            if at is None:
                return Page([])
        if query.negative:
            rows = await self._settled(query, selection, where, at, window)
        else:
            rows = await self._walked(query, selection, where, at, window)
        return page_of(rows, selection, shape.builder(selection), key, window)

    async def iter_prices(self, query: LmpQuery, row_type: type) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every interval of the query as Arrow, in the list order."""
        where = rows_of(query, await self._sources(query))
        pieces: Sequence[Clause] = (ALL,)
        if not query.newest_first:
            series = await self._fetch(select_series(where), "lmp_series", query)
            pieces = tuple(pieces_of(series))
        for piece in pieces:
            async for batch in self._streamed(query, shape_of(row_type).columns, where, piece):
                yield batch

    async def _streamed(
        self, query: LmpQuery, columns: Sequence[str], where: Clause, piece: Clause
    ) -> AsyncIterator["pa.RecordBatch"]:
        order = order_of(query).without(tuple(shared_by(query)))
        needed = dict.fromkeys((*columns, *LMP.key, "price_total", "withdrawn"))
        select = Select(
            columns=T.all_of(needed),
            source=T.name,
            where=every(where, piece),
            order_by=order_by((*order.terms, *rank_terms(T))),
        )
        statement = select.statement("lmp_export", least_version=query.pin.data_version)
        current_rows = CurrentRows(KEY_BY_CHANGE)
        async for batch in self._runner.stream(statement):
            kept = current_rows.kept(batch)
            if query.negative:
                kept = negative_rows(kept)
            if kept.num_rows:
                yield batch_of(columns, [kept[name] for name in columns])

    async def _sources(self, query: LmpQuery) -> tuple[str, ...]:
        reference = await self._reference.read(query.pin)
        return reference.sources_of(query.pin, query.source)

    async def _walked(
        self, query: LmpQuery, selection: Selection, where: Clause, at: Key | None, window: Window
    ) -> Sequence[Row]:
        """Read raw rows in order, each key's current version first."""
        whole, backwards = order_of(query), is_backwards(window)
        order = whole.without(tuple(selection.shared))
        keys = order_by(order.terms, backwards=backwards)
        ranked = Sql(", ".join(s for s in (keys, order_by(rank_terms(T))) if s))

        async def fetch(last: Key | None, limit: int) -> Sequence[Row]:
            select = Select(
                columns=expressions(selection),
                source=T.name,
                where=every(where, order.beyond(whole, last or at, backwards=backwards)),
                order_by=ranked,
                limit=limit,
            )
            return await self._fetch(select, "lmp_page", query)

        return await walk_current(fetch, selection, LMP.key, whole.columns, window.limit + 1)

    async def _settled(
        self, query: LmpQuery, selection: Selection, where: Clause, at: Key | None, window: Window
    ) -> Sequence[Row]:
        """Read current rows only: what is asked of a price is asked of its newest version."""
        order, backwards = order_of(query), is_backwards(window)
        beyond = order.beyond(order, at, backwards=backwards)
        needed = (*selection.names, *LMP.key, "price_total")
        inner, live = current(LMP, T, needed, every(where, beyond))
        select = Select(
            columns=expressions(selection),
            source=inner,
            where=every(live, NEGATIVE),
            order_by=order_by(order.terms, backwards=backwards),
            limit=window.limit + 1,
        )
        return await self._fetch(select, "lmp_negative_page", query)

    async def _key_at(self, query: LmpQuery, where: Clause, offset: int) -> Key | None:
        """Return the key of the last row that an offset skips."""
        order = order_of(query)
        inner, live = current(LMP, T, (*LMP.key, "price_total"), where)
        condition = every(live, NEGATIVE if query.negative else ALL)
        select, selection = select_offset(T, order, inner, condition, offset)
        rows = await self._fetch(select, "lmp_offset", query)
        return selection.key_of(rows[0], order.columns) if rows else None

    async def list_sums(self, query: LmpQuery, grain: Grain, window: Window) -> Page[PriceSum]:
        """Return a page of bucket sums by iso_code, market, location_id, bucket, currency, uom."""
        where = rows_of(query, await self._sources(query))
        texture = await self._texture(query, where)
        select = select_sums(query, grain, where, texture, window)
        rows = await self._fetch(select, "lmp_sums", query)
        if grain == "hour":
            rows = [(*row[:3], datetime.fromtimestamp(row[3], UTC), *row[4:]) for row in rows]
        return _sums_page(rows, PriceSum, window)

    async def list_block_sums(
        self, query: LmpQuery, rule: BlockRule, grain: Grain, window: Window
    ) -> Page[BlockSums]:
        """Return a page of block sums, ordered as sums are."""
        where = rows_of(in_zone(query, rule), await self._sources(query))
        texture = await self._texture(query, where)
        select = select_block_sums(query, rule, grain, where, texture, window)
        rows = await self._fetch(select, "lmp_block_sums", query)
        return _sums_page(rows, BlockSums, window)

    async def list_newest(self, query: LmpQuery) -> Sequence[NewestInterval]:
        """Return the newest interval_end per (iso, market) under the filters, range ignored."""
        query = without_range(query)
        if query.negative:
            return await self._newest_current(query)
        where = rows_of(query, await self._sources(query))
        found, doubted = [], []
        for iso, market, end, withdrawn in await self._fetch(
            select_newest_raw(where), "lmp_newest", query
        ):
            if withdrawn:
                doubted.append((iso, market))
            else:
                found.append(NewestInterval(iso, market, datetime.fromtimestamp(end, UTC)))
        if doubted:
            found += await self._newest_current(replace(query, pairs=tuple(doubted)))
        return sorted(found, key=lambda n: (n.iso_code, n.market))

    async def _texture(self, query: LmpQuery, where: Clause) -> Texture:
        found = self._textures.find(where)
        if found is None:
            found = texture_of(await self._fetch(select_texture(where), "lmp_texture", query))
            self._textures.put(where, found)
        return found

    async def _newest_current(self, query: LmpQuery) -> list[NewestInterval]:
        where = rows_of(query, await self._sources(query))
        select = select_newest_current(where, negative=query.negative)
        rows = await self._fetch(select, "lmp_newest_current", query)
        return [NewestInterval(i, m, datetime.fromtimestamp(end, UTC)) for i, m, end in rows]

    async def _fetch(self, select: Select, name: str, query: LmpQuery) -> Sequence[Row]:
        statement = select.statement(name, least_version=query.pin.data_version)
        return await self._runner.fetch(statement)


def _sums_page(rows: Sequence[Row], row_type: type[R], window: Window) -> Page[R]:
    kinds = (Kind.TEXT,) * len(SUM_KEY)  # the bucket is decoded already
    selection = Selection(names=SUM_KEY, kinds=kinds, shared={})
    return page_of(rows, selection, lambda kept: [row_type(*row) for row in kept], SUM_KEY, window)
