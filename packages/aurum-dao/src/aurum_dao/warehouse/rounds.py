"""A load in rounds: what was published earlier is there before what followed is judged."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_ROW, _PUBLISHED = "_row", "_published"


def split_rounds(table: "pa.Table", key: Sequence[str]) -> Iterator["pa.Table"]:
    """Yield the rows so that no round holds two publications of one key, oldest first.

    A file almost always is one round. One with a history of revisions takes as many as the most
    revised key has publications; rows of one key and instant stay together, their versions order
    them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    names = list(key)
    left = table.select(names)
    left = left.append_column(
        _PUBLISHED, pc.coalesce(table["published_at"], table["ingested_at"])
    ).append_column(_ROW, pa.array(range(table.num_rows), pa.int64()))
    while True:
        first = left.group_by(names, use_threads=False).aggregate([(_PUBLISHED, "min")])
        if first.num_rows == left.num_rows:
            yield _taken(table, left)
            return
        joined = left.join(first, names, join_type="inner")
        now = pc.equal(joined[_PUBLISHED], joined[f"{_PUBLISHED}_min"])
        yield _taken(table, joined.filter(now))
        left = joined.filter(pc.invert(now)).select([*names, _PUBLISHED, _ROW])
        if left.num_rows == 0:
            return


def _taken(table: "pa.Table", rows: "pa.Table") -> "pa.Table":
    if rows.num_rows == table.num_rows:
        return table
    return table.take(rows[_ROW].combine_chunks())
