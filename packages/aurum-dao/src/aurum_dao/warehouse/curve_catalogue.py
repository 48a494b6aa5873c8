"""What a curve holds: its span, sources and types, over what a read may see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from aurum_core.rows import Kind
from aurum_dao.ports.curves import CatalogueQuery, CurveDetail
from aurum_dao.ports.paging import Page, Pin, Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, compare, every, one_of
from aurum_dao.warehouse.dedupe import current, visible_from
from aurum_dao.warehouse.lru import LruCache
from aurum_dao.warehouse.pages import is_backwards, key_of_window, page_of
from aurum_dao.warehouse.reference import CurveRecord, ReferenceData
from aurum_dao.warehouse.shapes import Selection, shape_of
from aurum_dao.warehouse.tables import CURVE_FACTS as T

R = TypeVar("R")
CACHED_CURVES = 20_000
_KINDS = ("source", "price_type", "tenor_type")
_GROUP = T.all_of(("curve_key", "asof_date", *_KINDS))
_HELD = (
    Sql(f"min({T['asof_date']})"),
    Sql(f"max({T['asof_date']})"),
    Sql(f"count(DISTINCT {T['asof_date']})"),
    *(Sql(f"array_agg(DISTINCT {T[name]})") for name in _KINDS),
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What one curve holds."""

    first_asof: date
    last_asof: date
    asof_count: int
    sources: tuple[str, ...]
    price_types: tuple[str, ...]
    tenor_types: tuple[str, ...]


class CatalogueReader:
    """Reads holdings and remembers them per load."""

    __slots__ = ("_cache", "_runner")

    def __init__(self, runner: StatementRunner) -> None:
        self._runner = runner
        self._cache: LruCache[tuple[Holding | None]] = LruCache(CACHED_CURVES)

    async def read(
        self, keys: Sequence[str], pin: Pin, sources: tuple[str, ...], last: date | None
    ) -> dict[str, Holding]:
        """Return the holdings by key up to a date; a curve without current rows is absent."""
        found: dict[str, Holding] = {}
        unknown = []
        for key in keys:
            cached = self._cache.find((key, pin, last, sources))
            if cached is None:
                unknown.append(key)
            elif cached[0] is not None:
                found[key] = cached[0]
        if unknown and sources:
            read = await self._read(unknown, pin, sources, last)
            for key in unknown:
                self._cache.put((key, pin, last, sources), (read.get(key),))
            found |= read
        return found

    async def _read(
        self, keys: Sequence[str], pin: Pin, sources: tuple[str, ...], last: date | None
    ) -> dict[str, Holding]:
        where = every(
            one_of(T["curve_key"], keys),
            ALL if last is None else compare(T["asof_date"], "<=", last),
            visible_from(T, pin, sources),
        )
        rows = await self._fetch(_select_raw(where), pin)
        doubtful = [str(row[0]) for row in rows if row[-1]]
        sure = [row for row in rows if not row[-1]]
        if doubtful:
            narrowed = every(one_of(T["curve_key"], doubtful), where)
            sure += await self._fetch(_select_current(narrowed), pin)
        return {str(row[0]): _holding(row) for row in sure}

    async def _fetch(self, select: Select, pin: Pin) -> list[tuple[object, ...]]:
        statement = select.statement("curve_holdings", least_version=pin.data_version)
        return list(await self._runner.fetch(statement))


def detail_of(record: CurveRecord, holding: Holding) -> CurveDetail:
    """Return a curve with what it holds."""
    named = (getattr(record, name) for name in record.__slots__)
    held = (getattr(holding, name) for name in holding.__slots__)
    return CurveDetail(*named, *held)


async def list_catalogue(
    catalogue: CatalogueReader,
    reference: ReferenceData,
    query: CatalogueQuery,
    row_type: type[R],
    window: Window,
) -> Page[R]:
    """Return a page of the curves that match and hold something, by slug.

    Only as many curves are looked into as fill the page.
    """
    sources = reference.sources_of(query.pin, query.where.source)
    slugs = _matching(reference, query, window)
    step, kept = window.limit + 1 + window.offset, []
    for start in range(0, len(slugs), step):
        some = slugs[start : start + step]
        held = await catalogue.read([k for _, k in some], query.pin, sources, query.today)
        kept += [detail_of(reference.curves[k], held[k]) for _, k in some if k in held]
        if len(kept) >= step:
            break
    names = shape_of(row_type).columns
    rows = [
        (detail.slug, row_type(*(getattr(detail, name) for name in names)))
        for detail in kept[window.offset if window.after is None else 0 :]
    ]
    selection = Selection(names=("slug",), kinds=(Kind.TEXT,), shared={})
    return page_of(rows, selection, lambda some: [row for _, row in some], ("slug",), window)


def _matching(
    reference: ReferenceData, query: CatalogueQuery, window: Window
) -> list[tuple[str, str]]:
    """Return (slug, key) of what matches, beyond the window's key in its direction."""
    keys = reference.keys_of(query.where)
    wanted = reference.curves if keys is None else set(keys)
    words = [word.lower() for word in query.words]
    slugs = [
        (slug, key)
        for slug, key, text in reference.by_slug
        if key in wanted and all(word in text for word in words)
    ]
    at = key_of_window(window)
    if at is None:
        return slugs
    slug = str(at[0])
    if is_backwards(window):
        return [pair for pair in slugs if pair[0] < slug][::-1]
    return [pair for pair in slugs if pair[0] > slug]


def _select_raw(where: Clause) -> Select:
    """Return what raw rows say of each curve, and 1 where a version was withdrawn.

    Where none was, every contract has a current row, and raw rows say the same as current ones.
    """
    withdrawn = Sql(f"max(CASE WHEN {T['withdrawn']} THEN 1 ELSE 0 END) AS doubtful")
    return _select_held((*_GROUP, withdrawn), T.name, where, Sql("max(doubtful)"))


def _select_current(where: Clause) -> Select:
    inner, live = current(CURVES, T, CURVES.key, where)
    return _select_held(_GROUP, inner, live, Sql("0"))


def _select_held(
    columns: Sequence[Sql], source: Sql | Select, where: Clause, doubtful: Sql
) -> Select:
    """Return one row per curve, over groups: distinct values of few groups are cheap."""
    grouped = Select(columns=columns, source=source, where=where, group_by=_GROUP)
    key = T["curve_key"]
    return Select(columns=(key, *_HELD, doubtful), source=grouped, group_by=(key,))


def _holding(row: Sequence[Any]) -> Holding:
    _, first, last, count, *kinds, _ = row
    return Holding(first, last, count, *(tuple(sorted(values)) for values in kinds))
