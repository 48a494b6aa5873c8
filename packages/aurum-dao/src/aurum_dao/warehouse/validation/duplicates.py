"""Rows of one load that claim the same fact."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_ROW = "_row"
_PUBLISHED = "_published"


def find_duplicates(
    table: pa.Table, key: Sequence[str], business: Sequence[str]
) -> tuple[pa.Array | None, pa.Array | None]:
    """Return masks of rows to drop (identical to an earlier one) and to refuse (conflicting).

    Two rows claim the same fact when key, publication time and version agree. None: no such rows.
    """
    fact = _fact_columns(table, key)
    names = fact.column_names
    groups = fact.group_by(names, use_threads=False).aggregate([([], "count_all")])
    if groups.num_rows == table.num_rows:
        return None, None
    whole = fact.append_column(_ROW, pa.array(range(table.num_rows), pa.int64()))
    for name in business:
        whole = whole.append_column(f"b_{name}", table[name])
    values = [f"b_{name}" for name in business]
    distinct = whole.group_by([*names, *values], use_threads=False).aggregate([(_ROW, "min")])
    first = distinct[f"{_ROW}_min"]
    dropped = pc.invert(pc.is_in(whole[_ROW], value_set=first.combine_chunks()))
    counts = distinct.group_by(names, use_threads=False).aggregate([([], "count_all")])
    conflicts = counts.filter(pc.greater(counts["count_all"], 1)).select(names)
    if conflicts.num_rows == 0:
        return dropped, None
    rows = whole.select([*names, _ROW]).join(conflicts, names, join_type="inner")[_ROW]
    return dropped, pc.is_in(whole[_ROW], value_set=rows.combine_chunks())


def _fact_columns(table: pa.Table, key: Sequence[str]) -> pa.Table:
    published = pc.coalesce(table["published_at"], table["ingested_at"])
    columns = {name: table[name] for name in key}
    return pa.table({**columns, _PUBLISHED: published, "_version": table["version"]})
