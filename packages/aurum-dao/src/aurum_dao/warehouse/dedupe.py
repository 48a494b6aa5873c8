"""One row per natural key: the newest version a read may see, and nothing of what is withdrawn.

Two forms of the same rule. `current` is a window, for aggregates, exports and whatever filters
after it. A page orders the raw rows by key and then best version first, takes a few more than it
needs, and keeps each key's first: a fifth of the window's cost, whatever the size of the rest.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from aurum_dao.ports.paging import Pin
from aurum_dao.schemas.dataset import Dataset
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, Table, compare, every, one_of
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.tables import KNOWN

Row = tuple[Any, ...]
LIVE = Clause(Sql('rn = 1 AND NOT "withdrawn"'))


def rank_terms(table: Table) -> tuple[Term, ...]:
    """Return what puts the current version of a key first: final, then newest known, then version.

    Without a column `finality` every version is as final as another.
    """
    final = (Term(Sql("CASE \"finality\" WHEN 'final' THEN 0 ELSE 1 END")),)
    newest = (Term(KNOWN, descending=True), Term(table["version"], descending=True))
    return (*final, *newest) if "finality" in table else newest


def visible(table: Table, pin: Pin) -> Clause:
    """Return what a pin lets a read see of a fact table; sources are narrowed beside it, always."""
    return every(
        compare(table["data_version"], "<=", pin.data_version),
        compare(KNOWN, "<=", pin.known_at) if pin.known_at is not None else ALL,
    )


def visible_from(table: Table, pin: Pin, sources: Sequence[str]) -> Clause:
    """Return what a read under a pin may see of a fact table, from these sources."""
    return every(one_of(table["source"], sources), visible(table, pin))


def current(
    dataset: Dataset, table: Table, columns: Iterable[str], where: Clause
) -> tuple[Select, Clause]:
    """Return the window over the rows of `where`, and the condition that keeps current ones.

    Select from the first where the second holds; both are one level of a statement.
    """
    key = ", ".join(table.all_of(dataset.key))
    rank = order_by(rank_terms(table))
    number = Sql(f"row_number() OVER (PARTITION BY {key} ORDER BY {rank}) AS rn")
    names = dict.fromkeys((*columns, "withdrawn"))
    return Select(columns=(*table.all_of(names), number), source=table.name, where=where), LIVE


def current_rows(rows: Sequence[Row], key: Sequence[int], withdrawn: int) -> list[Row]:
    """Return the first row of each key, where it is not withdrawn; equal keys are neighbours.

    `key` and `withdrawn` are places in a row; a key of no places is one that all rows share.
    """
    if not rows or not key:
        return [row for row in rows[:1] if not row[withdrawn]]
    key_at = itemgetter(*key)
    keys = list(map(key_at, rows))
    first = not rows[0][withdrawn]
    kept = [
        row
        for row, one, before in zip(rows[1:], keys[1:], keys, strict=False)
        if one != before and not row[withdrawn]
    ]
    return [rows[0], *kept] if first else kept
