"""Rows of one load that claim the same fact."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

ROW = "_row"
"""The column that numbers the rows of a load."""

_PUBLISHED, _VERSION = "_published", "_version"


def find_duplicates(
    table: pa.Table, key: Sequence[str], business: Sequence[str]
) -> tuple[pa.Array | None, pa.Array | None]:
    """Return the numbers (`ROW`) of rows that repeat an earlier one, and of rows in conflict.

    Two rows claim the same fact when key, publication time and version agree; they conflict when
    they differ in any business column. None: there are no such rows.
    """
    claims = _claims(table, key)
    names = claims.column_names
    if _groups(claims, names).num_rows == table.num_rows:
        return None, None
    said = claims.append_column(ROW, table[ROW])
    for name in business:
        said = said.append_column(f"b_{name}", table[name])
    values = [f"b_{name}" for name in business]
    first = said.group_by([*names, *values], use_threads=False).aggregate([(ROW, "min")])
    is_first = pc.is_in(said[ROW], value_set=first[f"{ROW}_min"].combine_chunks())
    repeated = said[ROW].filter(pc.invert(is_first)).combine_chunks()
    counts = _groups(first, names)
    disputed = counts.filter(pc.greater(counts["count_all"], 1)).select(names)
    if disputed.num_rows == 0:
        return repeated, None
    conflicting = said.select([*names, ROW]).join(disputed, names, join_type="inner")
    return repeated, conflicting[ROW].combine_chunks()


def _groups(table: pa.Table, names: Sequence[str]) -> pa.Table:
    return table.group_by(list(names), use_threads=False).aggregate([([], "count_all")])


def _claims(table: pa.Table, key: Sequence[str]) -> pa.Table:
    published = pc.coalesce(table["published_at"], table["ingested_at"])
    columns = {name: table[name] for name in key}
    return pa.table({**columns, _PUBLISHED: published, _VERSION: table["version"]})
