"""Reference data from memory."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from aurum_dao.adapters.memory.curves import MemoryCurveReader
from aurum_dao.adapters.memory.pages import ascending, builder_of, page_in_memory
from aurum_dao.adapters.memory.tables import MemoryWarehouse, Row, visible
from aurum_dao.ports.metadata import DIMENSIONS, DatasetSpan, DimensionQuery, LocationQuery
from aurum_dao.ports.paging import Page, Pin, Window
from aurum_dao.schemas.catalogue import DATASETS

R = TypeVar("R")


class MemoryMetadataReader:
    """Implements `MetadataReader` over rows in memory."""

    def __init__(self, warehouse: MemoryWarehouse) -> None:
        self._warehouse = warehouse
        self._curves = MemoryCurveReader(warehouse)

    async def list_dimensions(
        self, query: DimensionQuery
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Return dimension → (value, count) pairs by value."""
        curves = self._warehouse.keyed("ref.curve", "curve_key")
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self._curves.resolved(
            query.pin, query.where, query.asof, tenor_type=query.tenor_type
        ):
            described = {**curves[row["curve_key"]], "tenor_type": row["tenor_type"]}
            for name in DIMENSIONS:
                if described[name] is not None:
                    counts[name][described[name]] += 1
        prefix = (query.prefix or "").lower()
        return {
            name: sorted((v, n) for v, n in counts[name].items() if v.lower().startswith(prefix))[
                : query.per_dimension
            ]
            for name in DIMENSIONS
        }

    async def list_locations(
        self, query: LocationQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return locations by iso_code, location_id."""
        newest: dict[tuple[str, str], Row] = {}
        for row in self._warehouse.rows("ref.location"):
            key = (row["iso_code"], row["location_id"])
            known = newest.get(key)
            if _is_valid(row, query) and (known is None or known["valid_from"] < row["valid_from"]):
                newest[key] = row
        rows = [row for row in newest.values() if _is_wanted(row, query)]
        order = ascending("iso_code", "location_id")
        return page_in_memory(rows, order, window, builder_of(row_type))

    async def list_datasets(self, *, pin: Pin) -> Sequence[DatasetSpan]:
        """Return what every dataset holds, in the order of the catalogue."""
        sources = self._warehouse.sources_of(pin)
        spans = []
        for dataset in DATASETS.values():
            rows = visible(self._warehouse.rows(dataset.table), pin, sources)
            times = [row[dataset.span] for row in rows]
            spans.append(
                DatasetSpan(
                    dataset.name,
                    len(rows),
                    min(times, default=None),
                    max(times, default=None),
                    max((row["ingested_at"] for row in rows), default=None),
                    max((row["data_version"] for row in rows), default=None),
                )
            )
        return spans


def _is_valid(row: Row, query: LocationQuery) -> bool:
    if query.day is None:
        return True
    started: bool = row["valid_from"] <= query.day
    return started and (row["valid_to"] is None or row["valid_to"] > query.day)


def _is_wanted(row: Row, query: LocationQuery) -> bool:
    names = [(row[name] or "").lower() for name in ("location_id", "location_name")]
    return (
        (not query.iso or row["iso_code"] in query.iso)
        and query.location_id in {None, row["location_id"]}
        and (not query.location_type or row["location_type"] in query.location_type)
        and any(name.startswith((query.prefix or "").lower()) for name in names)
    )
