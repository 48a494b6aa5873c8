"""The difference of two as-of dates: one scan, pivoted by date."""

from collections.abc import Mapping, Sequence
from datetime import date

from aurum_core.rows import Kind
from aurum_dao.ports.curves import CurveDiffQuery
from aurum_dao.ports.paging import Key, Window
from aurum_dao.ports.warehouse import StatementRunner
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, compare, every, one_of
from aurum_dao.sql.keyset import order_by
from aurum_dao.warehouse.curve_pages import Listing, list_chunks
from aurum_dao.warehouse.curve_rows import DIFF_ORDER, LOOKED_UP, Reading, select_shown
from aurum_dao.warehouse.dedupe import Row
from aurum_dao.warehouse.offsets import select_offset
from aurum_dao.warehouse.pages import is_backwards, key_of_window
from aurum_dao.warehouse.reference import ReferenceData
from aurum_dao.warehouse.shapes import Selection, selected
from aurum_dao.warehouse.tables import CURVE_FACTS as T

_CONTRACT = T.all_of(DIFF_ORDER.columns)
_MADE: Mapping[str, Kind] = {
    "value_a": Kind.PRICE,
    "value_b": Kind.PRICE,
    "diff_abs": Kind.PRICE,
    "status": Kind.TEXT,
}
_UNIT = ("currency", "per_unit")
_SAME_UNIT = "currency_a = currency_b AND per_unit_a = per_unit_b"
"""Prices of one contract in two units have no difference: nothing is converted here."""
_STATUS = Sql(
    "CASE WHEN in_b = 0 THEN 'removed' WHEN in_a = 0 THEN 'added' "
    "WHEN value_a IS NULL OR value_b IS NULL THEN 'unpriced' "
    f"WHEN NOT ({_SAME_UNIT}) THEN 'unpriced' "
    "WHEN value_a = value_b THEN 'unchanged' ELSE 'changed' END"
)
_DIFFERENCE = Sql(f"CASE WHEN {_SAME_UNIT} THEN CAST(value_b - value_a AS decimal(19,6)) END")


def selection_of_diff(
    columns: Sequence[str], query: CurveDiffQuery, reference: ReferenceData
) -> Selection:
    """Return the selection of a diff's rows: the contract, both values, what the contract says."""
    shared = {"asof_a": query.asof_a, "asof_b": query.asof_b}
    needed = dict.fromkeys((*DIFF_ORDER.columns, *columns))
    names = tuple(n for n in needed if n not in shared and n not in LOOKED_UP)
    return Selection(
        names=names,
        kinds=tuple(_MADE[n] if n in _MADE else T.kind(n) for n in names),
        shared=shared,
        looked={n: ("curve_key", reference.looker(n)) for n in columns if n in LOOKED_UP},
    )


async def read_diff(
    runner: StatementRunner,
    listing: Listing,
    query: CurveDiffQuery,
    selection: Selection,
    window: Window,
) -> list[Row]:
    """Return at least one row more than the window's limit, in the direction of its walk."""
    rows: list[Row] = []
    at, backwards = key_of_window(window), is_backwards(window)
    for chunk in list_chunks(listing, at, window.limit + 1, backwards=backwards):
        select = Select(
            columns=expressions_of(selection),
            source=select_diff(listing.reading(chunk), query, selection),
            where=every(_wanted(query), DIFF_ORDER.beyond(DIFF_ORDER, at, backwards=backwards)),
            order_by=order_by(DIFF_ORDER.terms, backwards=backwards),
            limit=window.limit + 1 - len(rows),
        )
        rows += await runner.fetch(
            select.statement("curve_diff", least_version=query.pin.data_version)
        )
        if len(rows) > window.limit:
            break
    return rows


async def diff_key_at(
    runner: StatementRunner, listing: Listing, query: CurveDiffQuery, offset: int
) -> Key | None:
    """Return the key of the last row that an offset skips, None when there are fewer rows."""
    selection = selection_of_diff((), query, listing.reference)
    source = select_diff(listing.reading(listing.directory), query, selection)
    select, found = select_offset(T, DIFF_ORDER, source, _wanted(query), offset)
    rows = await runner.fetch(
        select.statement("curve_diff_offset", least_version=query.pin.data_version)
    )
    return found.key_of(rows[0], DIFF_ORDER.columns) if rows else None


def select_diff(reading: Reading, query: CurveDiffQuery, selection: Selection) -> Select:
    """Return the rows of a diff; what is said of a contract is said as of b, else as of a."""
    plain = [n for n in selection.names if n not in _MADE and n not in DIFF_ORDER.columns]
    pivoted = _pivot(reading, query, plain)
    return Select(
        columns=(
            Sql("v.*"),
            Sql(f"{_STATUS} AS status"),
            Sql(f"{_DIFFERENCE} AS diff_abs"),
        ),
        source=pivoted,
    )


def expressions_of(selection: Selection) -> tuple[Sql, ...]:
    """Return what a page of a diff selects."""
    pairs = zip(selection.names, selection.kinds, strict=True)
    return tuple(selected(Sql(f'"{name}"'), kind) for name, kind in pairs)


def _wanted(query: CurveDiffQuery) -> Clause:
    return one_of(Sql("status"), query.status) if query.status else ALL


def _pivot(reading: Reading, query: CurveDiffQuery, plain: Sequence[str]) -> Select:
    source, shown = select_shown(reading, (*plain, "value", *_UNIT))
    a, b = query.asof_a, query.asof_b
    columns: list[Sql | Clause] = [
        *_CONTRACT,
        _at(a, Sql("1"), "in_a", otherwise="0"),
        _at(b, Sql("1"), "in_b", otherwise="0"),
        _at(a, T["value"], "value_a"),
        _at(b, T["value"], "value_b"),
        *(_at(a, T[name], f"{name}_a") for name in _UNIT),
        *(_at(b, T[name], f"{name}_b") for name in _UNIT),
    ]
    for name in plain:
        of_b, of_a = _at(b, T[name], ""), _at(a, T[name], "")
        columns.append(
            Clause(
                Sql(f'coalesce({of_b.text}, {of_a.text}) AS "{name}"'),
                (*of_b.parameters, *of_a.parameters),
            )
        )
    return Select(columns=columns, source=source, where=shown, group_by=_CONTRACT)


def _at(day: date, value: Sql, name: str, otherwise: str = "NULL") -> Clause:
    on = compare(T["asof_date"], "=", day)
    alias = f" AS {name}" if name else ""
    return Clause(
        Sql(f"max(CASE WHEN {on.text} THEN {value} ELSE {otherwise} END){alias}"), on.parameters
    )
