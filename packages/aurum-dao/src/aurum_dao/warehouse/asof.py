"""The as-of rule: which date of a curve a read means, and which source it is read from.

A first statement groups raw rows by (curve, date, source, price type) and tells whether a version
of any was withdrawn. Where none was, the group surely has current rows, so no window is needed;
the few doubtful groups are settled by a second statement over current rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from aurum_dao.ports.paging import AsOf
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, compare, every, one_of
from aurum_dao.warehouse.curve_scope import MOST_BOUND_KEYS, Scope, lowest_and_highest
from aurum_dao.warehouse.dedupe import current
from aurum_dao.warehouse.lru import LruCache
from aurum_dao.warehouse.reference import ReferenceData
from aurum_dao.warehouse.tables import CURVE_FACTS as T

WIDENING_DAYS = (31, 366)
CACHED_SLICES = 100_000
_GROUP = ("curve_key", "asof_date", "source", "price_type")


@dataclass(frozen=True, slots=True)
class Slice:
    """One as-of date of one curve, read from these sources; `rows` is at most what it holds."""

    curve_key: str
    asof_date: date
    sources: tuple[str, ...]
    price_types: frozenset[str]
    rows: int


@dataclass(frozen=True, slots=True)
class CurveSlices:
    """The resolved dates of one curve: one, or several of a history."""

    curve_key: str
    slices: tuple[Slice, ...]

    @property
    def rows(self) -> int:
        """Return at most how many rows the curve has."""
        return sum(s.rows for s in self.slices)


class Group(NamedTuple):
    """Raw rows of one curve, date, source and price type."""

    curve_key: str
    asof_date: date
    source: str
    price_type: str
    rows: int
    doubtful: int


Directory = tuple[CurveSlices, ...]
"""Curves by key: what a read under the as-of rule consists of."""


class AsOfResolver:
    """Resolves scopes to directories and remembers the newest of them."""

    __slots__ = ("_cache", "_runner")

    def __init__(self, runner: StatementRunner) -> None:
        self._runner = runner
        self._cache: LruCache[Directory] = LruCache(CACHED_SLICES)

    async def resolve(self, scope: Scope, asof: AsOf, reference: ReferenceData) -> Directory:
        """Return the directory of a scope under an as-of."""
        if scope.is_empty:
            return ()
        key = (scope, asof)
        found = self._cache.find(key)
        if found is None:
            found = await self._resolve(scope, asof, reference)
            self._cache.put(key, found, 1 + sum(len(c.slices) for c in found))
        return found

    async def resolve_dates(self, scope: Scope, days: tuple[date, ...]) -> Directory:
        """Return the directory of exact dates, each resolved by itself."""
        if scope.is_empty:
            return ()
        found = self._cache.find((scope, days))
        if found is None:
            within = one_of(T["asof_date"], days)
            found = _directory(_slices(await self._groups(scope, within), scope))
            self._cache.put((scope, days), found, 1 + sum(len(c.slices) for c in found))
        return found

    async def _resolve(self, scope: Scope, asof: AsOf, reference: ReferenceData) -> Directory:
        if asof.is_history:
            last = asof.end - timedelta(days=1) if asof.end else asof.today
            within = every(_from(asof.start), _to(last))
            return _directory(_slices(await self._groups(scope, within), scope))
        if asof.day is not None and asof.policy == "exact":
            return await self.resolve_dates(scope, (asof.day,))
        last = asof.day or asof.today
        return _directory(await self._newest(scope, last, reference))

    async def _newest(self, scope: Scope, last: date, reference: ReferenceData) -> list[Slice]:
        """Return the newest slice of each curve up to a date, by widening windows."""
        missing = set(reference.curves if scope.keys is None else scope.keys)
        found: list[Slice] = []
        end = last
        for days in (*WIDENING_DAYS, None):
            if not missing:
                break
            first = None if days is None else last - timedelta(days=days - 1)
            keys = tuple(sorted(missing)) if found and len(missing) <= MOST_BOUND_KEYS else None
            within = every(_from(first), _to(end))
            groups = await self._groups(scope, within, keys=keys, newest=True)
            for slice_ in _newest_of(_slices(groups, scope)):
                if slice_.curve_key in missing:
                    missing.discard(slice_.curve_key)
                    found.append(slice_)
            if first is not None:
                end = first - timedelta(days=1)
        return found

    async def _groups(
        self,
        scope: Scope,
        within: Clause,
        *,
        keys: Sequence[str] | None = None,
        newest: bool = False,
    ) -> list[Group]:
        """Return the groups that have current rows; with `newest` those that may be the newest."""
        where = every(scope.rows(keys), within)
        raw = [Group(*row) for row in await self._fetch(_select_raw(where, newest=newest), scope)]
        doubtful = [g for g in raw if g.doubtful]
        if not doubtful:
            return raw
        settled = await self._fetch(_select_current(scope, doubtful), scope)
        rows = {tuple(row[:4]): row[4] for row in settled}
        return [
            g._replace(rows=rows.get(g[:4], 0)) if g.doubtful else g
            for g in raw
            if not g.doubtful or g[:4] in rows
        ]

    async def _fetch(self, select: Select, scope: Scope) -> Sequence[tuple[Any, ...]]:
        version = scope.pin.data_version
        return await self._runner.fetch(select.statement("curve_asof", least_version=version))


def _select_raw(where: Clause, *, newest: bool) -> Select:
    """Group raw rows; with `newest` only from each curve's newest date that is beyond doubt on."""
    columns = T.all_of(_GROUP)
    grouped = Select(
        columns=(
            *columns,
            # One version 1 per contract: a contract is counted once, corrected or not.
            Sql(f"sum(CASE WHEN {T['version']} = 1 THEN 1 ELSE 0 END) AS contracts"),
            Sql(f"max(CASE WHEN {T['withdrawn']} THEN 1 ELSE 0 END) AS doubtful"),
        ),
        source=T.name,
        where=where,
        group_by=columns,
    )
    shown = (*columns, Sql("CAST(contracts AS bigint)"), Sql("doubtful"))
    if not newest:
        return Select(columns=shown, source=grouped)
    sure = Sql(
        f"max(CASE WHEN doubtful = 0 THEN {T['asof_date']} END) "
        f"OVER (PARTITION BY {T['curve_key']}) AS sure"
    )
    dated = Select(columns=(Sql("v.*"), sure), source=grouped)
    return Select(
        columns=shown,
        source=dated,
        where=Clause(Sql(f"(sure IS NULL OR {T['asof_date']} >= sure)")),
    )


def _select_current(scope: Scope, doubtful: Sequence[Group]) -> Select:
    first, last = lowest_and_highest(g.asof_date for g in doubtful)
    keys = sorted({g.curve_key for g in doubtful})
    narrowed = scope.rows(keys if len(keys) <= MOST_BOUND_KEYS else None)
    where = every(narrowed, _from(first), _to(last))
    inner, live = current(CURVES, T, CURVES.key, where)
    columns = T.all_of(_GROUP)
    return Select(columns=(*columns, Sql("count(*)")), source=inner, where=live, group_by=columns)


def _from(day: date | None) -> Clause:
    return ALL if day is None else compare(T["asof_date"], ">=", day)


def _to(day: date) -> Clause:
    return compare(T["asof_date"], "<=", day)


def _slices(groups: Iterable[Group], scope: Scope) -> Iterator[Slice]:
    """Yield the slice of each curve and date: its sources by the source rule."""
    dated: Mapping[tuple[str, date], list[Group]] = defaultdict(list)
    for group in groups:
        dated[group.curve_key, group.asof_date].append(group)
    for (curve_key, asof_date), members in dated.items():
        having = {g.source for g in members}
        sources = tuple(s for s in scope.sources if s in having)
        if not scope.every_source:
            sources = sources[:1]
        read = [g for g in members if g.source in sources]
        types = frozenset(g.price_type for g in read)
        # Of a contract with several default price types one is shown: the most of one is certain.
        per_type = (sum(g.rows for g in read if g.price_type == t) for t in types)
        yield Slice(curve_key, asof_date, sources, types, max(per_type))


def _newest_of(slices: Iterable[Slice]) -> Iterator[Slice]:
    newest: dict[str, Slice] = {}
    for one in slices:
        known = newest.get(one.curve_key)
        if known is None or known.asof_date < one.asof_date:
            newest[one.curve_key] = one
    yield from newest.values()


def _directory(slices: Iterable[Slice]) -> Directory:
    curves: dict[str, list[Slice]] = defaultdict(list)
    for one in slices:
        curves[one.curve_key].append(one)
    return tuple(
        CurveSlices(key, tuple(sorted(curves[key], key=lambda s: s.asof_date)))
        for key in sorted(curves)
    )
