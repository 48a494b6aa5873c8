"""Rows held in memory, and the rules of a fact in their plainest form."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aurum_dao.ports.paging import Pin
from aurum_dao.schemas.dataset import Dataset

Row = Mapping[str, Any]


class MemoryWarehouse:
    """Tables by name (`market.lmp`, `ref.curve` …) as rows; implements `DataClock`.

    Facts are appended, reference rows replace those of the same key.
    """

    def __init__(self) -> None:
        self._tables: dict[str, list[Row]] = defaultdict(list)
        self._version = 0

    def data_version(self) -> int:
        """Return the newest load."""
        return self._version

    def add(self, tables: Mapping[str, Sequence[Row]], *, data_version: int) -> None:
        """Add rows as they are: a fact brings its own version and data_version."""
        for name, rows in tables.items():
            self._tables[name] += [dict(row) for row in rows]
        self._version = data_version

    def rows(self, table: str) -> Sequence[Row]:
        """Return the rows of a table."""
        return self._tables[table]

    def keyed(self, table: str, key: str) -> dict[str, Row]:
        """Return a reference table by key; a later row of a key is the row."""
        return {row[key]: row for row in self._tables[table]}

    def sources_of(self, pin: Pin, named: Sequence[str] = ()) -> list[str]:
        """Return the sources the tenant may read, best first."""
        known = self.keyed("ref.source", "source").values()
        allowed = [
            s
            for s in known
            if s["tenant_id"] in {None, pin.tenant} and (not named or s["source"] in named)
        ]
        return [s["source"] for s in sorted(allowed, key=lambda s: (s["priority"], s["source"]))]


def known_at(row: Row) -> datetime:
    """Return when a fact was known."""
    known: datetime = row["published_at"] or row["ingested_at"]
    return known


def visible(rows: Iterable[Row], pin: Pin, sources: Sequence[str]) -> list[Row]:
    """Return the rows that a read under a pin may see, from these sources."""
    return [
        row
        for row in rows
        if row["data_version"] <= pin.data_version
        and row["source"] in sources
        and (pin.known_at is None or known_at(row) <= pin.known_at)
    ]


def current(rows: Iterable[Row], dataset: Dataset) -> list[Row]:
    """Return one row per natural key: final, then newest known, then version; none withdrawn."""
    by_key: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_key[tuple(row[name] for name in dataset.key)].append(row)
    best = (max(versions, key=_rank) for versions in by_key.values())
    return [row for row in best if not row["withdrawn"]]


def _rank(row: Row) -> tuple[bool, datetime, int]:
    return row.get("finality", "final") == "final", known_at(row), row["version"]
