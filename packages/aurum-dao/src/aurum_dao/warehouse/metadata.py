"""The reader of reference data, written once for every engine."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aurum_core.rows import Kind
from aurum_dao.ports.metadata import DIMENSIONS, DatasetSpan, DimensionQuery, LocationQuery
from aurum_dao.ports.paging import Page, Pin, Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.dataset import Dataset
from aurum_dao.sql.builder import CATALOGUE, Select, Sql, Table, compare
from aurum_dao.warehouse.asof import AsOfResolver
from aurum_dao.warehouse.curve_rows import Reading, select_shown
from aurum_dao.warehouse.curve_scope import MOST_BOUND_KEYS, Delivery, scope_of
from aurum_dao.warehouse.dedupe import visible_from
from aurum_dao.warehouse.locations import LOCATION_ORDER, select_locations, selection_of_locations
from aurum_dao.warehouse.lru import LruCache
from aurum_dao.warehouse.pages import page_of
from aurum_dao.warehouse.reference import ReferenceData, ReferenceReader
from aurum_dao.warehouse.shapes import shape_of
from aurum_dao.warehouse.tables import CURVE_FACTS, table_of

R = TypeVar("R")
Counts = Mapping[tuple[str, str], int]
CACHED_COUNTS = 64


class WarehouseMetadataReader:
    """Implements `MetadataReader` over a statement runner; pass the app's one `ReferenceReader`."""

    def __init__(self, runner: StatementRunner, reference: ReferenceReader | None = None) -> None:
        self._runner = runner
        self._reference = reference or ReferenceReader(runner)
        self._resolver = AsOfResolver(runner)
        self._counts: LruCache[Counts] = LruCache(CACHED_COUNTS)

    async def list_dimensions(
        self, query: DimensionQuery
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Return dimension → (value, count) pairs by value, at most `per_dimension` of each.

        Observations of every price type are counted, under the as-of rule.
        """
        reference = await self._reference.read(query.pin)
        totals: dict[str, Counter[str]] = defaultdict(Counter)
        for (curve_key, tenor_type), count in (await self._count(query, reference)).items():
            totals["tenor_type"][tenor_type] += count
            record = reference.curves[curve_key]
            for name in DIMENSIONS:
                value = None if name == "tenor_type" else getattr(record, name)
                if value is not None:
                    totals[name][value] += count
        return {name: _first(totals[name], query) for name in DIMENSIONS}

    async def list_locations(
        self, query: LocationQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return locations by iso_code, location_id."""
        shape = shape_of(row_type)
        selection = selection_of_locations(shape.columns)
        select = select_locations(query, selection, window)
        rows = await self._runner.fetch(select.statement("locations"))
        return page_of(rows, selection, shape.builder(selection), LOCATION_ORDER.columns, window)

    async def list_datasets(self, *, pin: Pin) -> Sequence[DatasetSpan]:
        """Return what every dataset holds, in the order of the catalogue.

        Every version of a row counts, also a superseded one. A dataset that is younger than the
        warehouse has no table before its next load: it holds nothing.
        """
        reference = await self._reference.read(pin)
        sources = reference.sources_of(pin)
        there = await self._tables(pin)
        return [
            await self._span(dataset, pin, sources)
            if dataset.table in there
            else DatasetSpan(dataset.name, 0, None, None, None, None)
            for dataset in DATASETS.values()
        ]

    async def _count(self, query: DimensionQuery, reference: ReferenceData) -> Counts:
        scope = scope_of(reference, query.pin, query.where, tenor_type=query.tenor_type)
        key = (scope, query.asof)
        found = self._counts.find(key)
        if found is not None:
            return found
        directory = await self._resolver.resolve(scope, query.asof, reference)
        counts: dict[tuple[str, str], int] = {}
        for start in range(0, len(directory), MOST_BOUND_KEYS):
            curves = directory[start : start + MOST_BOUND_KEYS]
            reading = Reading(scope=scope, curves=curves, delivery=Delivery())
            source, shown = select_shown(reading, ())
            columns = CURVE_FACTS.all_of(("curve_key", "tenor_type"))
            select = Select(
                columns=(*columns, Sql("count(*)")), source=source, where=shown, group_by=columns
            )
            for curve_key, tenor, count in await self._fetch(select, "dimensions", query.pin):
                counts[curve_key, tenor] = count
        self._counts.put(key, counts)
        return counts

    async def _tables(self, pin: Pin) -> set[str]:
        select = Select(
            columns=(Sql("table_schema"), Sql("table_name")),
            source=Sql("information_schema.tables"),
            where=compare(Sql("table_catalog"), "=", CATALOGUE),
        )
        rows = await self._fetch(select, "dataset_tables", pin)
        return {f"{schema}.{name}" for schema, name in rows}

    async def _span(self, dataset: Dataset, pin: Pin, sources: Sequence[str]) -> DatasetSpan:
        table = table_of(dataset)
        select = Select(
            columns=(
                Sql("count(*)"),
                *_ends(table, dataset.span),
                Sql(f"to_unixtime(max({table['ingested_at']}))"),
                Sql(f"max({table['data_version']})"),
            ),
            source=table.name,
            where=visible_from(table, pin, sources),
        )
        rows = await self._fetch(select, "dataset_span", pin)
        count, first, last, loaded, version = rows[0]
        if table.kind(dataset.span) is Kind.INSTANT:
            first, last = _instant(first), _instant(last)
        return DatasetSpan(dataset.name, count, first, last, _instant(loaded), version)

    async def _fetch(self, select: Select, name: str, pin: Pin) -> Sequence[tuple[Any, ...]]:
        return await self._runner.fetch(select.statement(name, least_version=pin.data_version))


def _ends(table: Table, span: str) -> Iterable[Sql]:
    wrap = "to_unixtime({})" if table.kind(span) is Kind.INSTANT else "{}"
    return (Sql(wrap.format(f"{function}({table[span]})")) for function in ("min", "max"))


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _first(counts: Mapping[str, int], query: DimensionQuery) -> list[tuple[str, int]]:
    prefix = (query.prefix or "").lower()
    found = sorted(pair for pair in counts.items() if pair[0].lower().startswith(prefix))
    return found[: query.per_dimension]
