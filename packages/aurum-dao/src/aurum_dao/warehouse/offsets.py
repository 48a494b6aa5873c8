"""Offsets, for v1's old tokens: one statement finds the key, the page is then read beyond it."""

from aurum_dao.sql.builder import Clause, Select, Sql, Table, compare
from aurum_dao.sql.keyset import order_by
from aurum_dao.warehouse.pages import Order
from aurum_dao.warehouse.shapes import Selection, selected


def select_offset(
    table: Table, order: Order, source: Select, where: Clause, offset: int
) -> tuple[Select, Selection]:
    """Return the select of the key of the last row that an offset skips, and how to read it."""
    number = Sql(f"row_number() OVER (ORDER BY {order_by(order.terms)}) AS place")
    columns = table.all_of(order.columns)
    numbered = Select(columns=(*columns, number), source=source, where=where)
    kinds = tuple(table.kind(c) for c in order.columns)
    expressions = tuple(selected(c, k) for c, k in zip(columns, kinds, strict=True))
    select = Select(columns=expressions, source=numbered, where=compare(Sql("place"), "=", offset))
    return select, Selection(names=order.columns, kinds=kinds, shared={})
