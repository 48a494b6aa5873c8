"""How far prices go: the newest interval of each (iso, market)."""

from aurum_dao.schemas.catalogue import LMP
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, every
from aurum_dao.sql.keyset import Term, order_by
from aurum_dao.warehouse.dedupe import current
from aurum_dao.warehouse.lmp_rows import NEGATIVE
from aurum_dao.warehouse.tables import LMP_FACTS as T

_PAIR = T.all_of(("iso_code", "market"))
_ORDER = order_by(tuple(Term(c) for c in _PAIR))
_NEWEST = Sql(f"to_unixtime(max({T['interval_end']}))")


def select_newest_raw(where: Clause) -> Select:
    """Return the newest interval of any version, and 1 where a version was withdrawn.

    Where none was, every interval has a current version, and the newest is the answer: no window
    over the whole history is needed.
    """
    withdrawn = Sql(f"max(CASE WHEN {T['withdrawn']} THEN 1 ELSE 0 END)")
    return Select(
        columns=(*_PAIR, _NEWEST, withdrawn),
        source=T.name,
        where=where,
        group_by=_PAIR,
        order_by=_ORDER,
    )


def select_newest_current(where: Clause, *, negative: bool) -> Select:
    """Return the newest interval of current rows."""
    inner, live = current(LMP, T, (*LMP.key, "interval_end", "price_total"), where)
    return Select(
        columns=(*_PAIR, _NEWEST),
        source=inner,
        where=every(live, NEGATIVE if negative else ALL),
        group_by=_PAIR,
        order_by=_ORDER,
    )
