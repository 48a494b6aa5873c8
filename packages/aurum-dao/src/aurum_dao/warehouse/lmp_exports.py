"""Exports of prices in pieces: an engine sorts what it streams, so it is given little at a time.

The list order begins with the series, so the pieces are runs of whole series and their
concatenation is in order. Memory follows the piece, never the export.
"""

from collections.abc import Iterator, Sequence

from aurum_dao.sql.builder import Clause, Select, Sql, compare, every, one_of
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.dedupe import Row
from aurum_dao.warehouse.lmp_rows import SERIES
from aurum_dao.warehouse.tables import LMP_FACTS as T

MOST_ROWS = 100_000
MOST_SERIES = 500
_SERIES = T.all_of(SERIES)


def select_series(where: Clause) -> Select:
    """Return the series that have rows under a condition, in order, with their number of rows."""
    return Select(
        columns=(*_SERIES, Sql("count(*) AS row_count")),
        source=T.name,
        where=where,
        group_by=_SERIES,
        order_by=order_by(tuple(Term(column) for column in _SERIES)),
    )


def pieces_of(series: Sequence[Row]) -> Iterator[Clause]:
    """Yield the conditions of the pieces: consecutive series of one market, rows enough for one."""
    piece: list[Row] = []
    rows = 0
    for row in series:
        full = rows + row[-1] > MOST_ROWS or len(piece) == MOST_SERIES
        if piece and (full or row[:2] != piece[0][:2]):
            yield _piece(piece)
            piece, rows = [], 0
        piece.append(row)
        rows += row[-1]
    if piece:
        yield _piece(piece)


def _piece(series: Sequence[Row]) -> Clause:
    iso, market = series[0][:2]
    return every(
        compare(T["iso_code"], "=", iso),
        compare(T["market"], "=", market),
        one_of(T["location_id"], [row[2] for row in series]),
    )
