"""Reference data held in memory: curves, their names, sources; read once per load.

The tables are small, and no snapshot of them changes: what was read for a load stays true for it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aurum_dao.ports.curves import CurveFilter
from aurum_dao.ports.paging import Pin
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.reference import CURVE
from aurum_dao.sql.builder import Select, Table
from aurum_dao.warehouse.lru import LruCache
from aurum_dao.warehouse.tables import ALIAS_TABLE, CURVE_TABLE, SOURCE_TABLE

CURVE_COLUMNS = tuple(c.name for c in CURVE.columns)
SOURCE_COLUMNS = ("source", "priority", "tenant_id")
ALIAS_COLUMNS = ("old_key", "curve_key")
CACHED_FILTERS = 100_000
DIMENSIONS = ("asset_class", "iso", "region", "location", "market", "product", "block")


@dataclass(frozen=True, slots=True)
class CurveRecord:
    """One row of `ref.curve`, in the order of its columns."""

    curve_key: str
    slug: str
    asset_class: str
    iso: str | None
    region: str | None
    location: str | None
    market: str | None
    product: str | None
    block: str | None
    spark_location: str | None
    currency: str | None
    per_unit: str | None
    calendar: str | None
    trading_calendar: str | None
    root: str | None
    weighting: str
    settle_iso: str | None
    settle_location_id: str | None
    settle_market: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """One row of `ref.source`."""

    source: str
    priority: int
    tenant_id: str | None


@dataclass(frozen=True)
class ReferenceData:
    """Curves by key, old keys, sources by priority, as they stand at one load."""

    version: int
    curves: Mapping[str, CurveRecord]
    aliases: Mapping[str, str]
    sources: tuple[Source, ...]

    @cached_property
    def _slugs(self) -> Mapping[str, str]:
        return {record.slug.lower(): key for key, record in self.curves.items()}

    def key_of(self, name: str) -> str | None:
        """Return the key that a hash, an old key or a slug means, None when none has it."""
        if name in self.curves:
            return name
        known = self.aliases.get(name) or self._slugs.get(name.lower())
        if known is None and (lowered := name.lower()) in self.curves:
            return lowered
        return known

    def siblings_of(self, curve_key: str) -> dict[str, str]:
        """Return block → key of the curves that differ from this one by block alone."""
        own = self.curves.get(curve_key)
        if own is None:
            return {}
        family = _family(own)
        return {
            other.block: key
            for key, other in self.curves.items()
            if key != curve_key and other.block is not None and _family(other) == family
        }

    def looker(self, column: str) -> Callable[[str], str | None]:
        """Return what finds a column of `ref.curve` by key; None for a curve it does not hold."""
        curves = self.curves

        def look(curve_key: str) -> str | None:
            record = curves.get(curve_key)
            return None if record is None else getattr(record, column)

        return look

    def sources_of(self, pin: Pin, named: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the sources a tenant may read, best first; an unregistered one nobody may."""
        return tuple(
            s.source
            for s in self.sources
            if s.tenant_id in {None, pin.tenant} and (not named or s.source in named)
        )

    @cached_property
    def by_slug(self) -> tuple[tuple[str, str, str], ...]:
        """Return slug, key and the text that words are searched in, of every curve, by slug."""
        return tuple(sorted((r.slug, r.curve_key, _text(r)) for r in self.curves.values()))

    @cached_property
    def _narrowed(self) -> LruCache[tuple[tuple[str, ...] | None]]:
        return LruCache(CACHED_FILTERS)

    def keys_of(self, where: CurveFilter) -> tuple[str, ...] | None:
        """Return the keys that a filter means, sorted; None when nothing narrows it.

        Text is compared as identities are: without regard to case.
        """
        cached = self._narrowed.find(where)
        if cached is None:
            cached = (self._keys_of(where),)
            self._narrowed.put(where, cached, 1 + len(cached[0] or ()))
        return cached[0]

    def _keys_of(self, where: CurveFilter) -> tuple[str, ...] | None:
        wanted = {
            name: {value.lower() for value in getattr(where, name)}
            for name in DIMENSIONS
            if getattr(where, name)
        }
        if not where.curve_keys and not wanted:
            return None
        named = {self.key_of(name) for name in where.curve_keys} or self.curves.keys()
        return tuple(
            sorted(
                key
                for key in named
                if key is not None
                and key in self.curves
                and all(
                    (getattr(self.curves[key], name) or "").lower() in values
                    for name, values in wanted.items()
                )
            )
        )


def _text(record: CurveRecord) -> str:
    named = (getattr(record, name) for name in ("slug", *DIMENSIONS, "spark_location"))
    return "\n".join(value.lower() for value in named if value)


def _family(record: CurveRecord) -> tuple[str, ...]:
    named = (getattr(record, name) for name in (*DIMENSIONS, "spark_location") if name != "block")
    return tuple((value or "").lower() for value in named)


class ReferenceReader:
    """Reads reference data once per load and keeps the newest; shared by the readers of an app."""

    __slots__ = ("_data", "_lock", "_runner")

    def __init__(self, runner: StatementRunner) -> None:
        self._runner = runner
        self._lock = asyncio.Lock()
        self._data: ReferenceData | None = None

    async def read(self, pin: Pin) -> ReferenceData:
        """Return the data of the newest load this process knows of, the pin's at least.

        A source that became a tenant's is known as such before a row of its loads is visible.
        """
        version = max(pin.data_version, self._runner.data_version())
        data = self._data
        if data is None or data.version < version:
            async with self._lock:
                data = self._data
                if data is None or data.version < version:
                    data = self._data = await self._load(version)
        return data

    async def _load(self, version: int) -> ReferenceData:
        curves = await self._fetch("reference_curves", CURVE_TABLE, CURVE_COLUMNS, version)
        sources = await self._fetch("reference_sources", SOURCE_TABLE, SOURCE_COLUMNS, version)
        aliases = await self._fetch("reference_aliases", ALIAS_TABLE, ALIAS_COLUMNS, version)
        ranked = sorted((Source(*row) for row in sources), key=lambda s: (s.priority, s.source))
        return ReferenceData(
            version,
            {row[0]: CurveRecord(*row) for row in curves},
            {old: key for old, key in aliases},  # noqa: C416 - dict() hides what the rows are
            tuple(ranked),
        )

    async def _fetch(
        self, name: str, table: Table, columns: Sequence[str], version: int
    ) -> Sequence[tuple[Any, ...]]:
        select = Select(columns=table.all_of(columns), source=table.name)
        return await self._runner.fetch(select.statement(name, least_version=version))
