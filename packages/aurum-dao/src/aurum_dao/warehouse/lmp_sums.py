"""Sums of locational prices by bucket. They are decimals: no engine divides or rounds.

Where several interval lengths meet, sums go in two levels: first every hour of a series by length;
of an hour only one length goes on, the one with most minutes (the shorter where two tie), so that
mixed grids never count an hour twice. Where every market keeps one length, and where no row was
ever corrected, a cheap look at the rows says so, and one plain aggregate does. Rows of two units
are two sums, never one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aurum_dao.ports.iso import Grain, LmpQuery
from aurum_dao.ports.paging import Key, Window
from aurum_dao.schemas.catalogue import LMP
from aurum_dao.sql.builder import ALL, Clause, Select, Sql, every
from aurum_dao.sql.keyset import Term, at_or_beyond, keyset, order_by
from aurum_dao.warehouse.dedupe import current
from aurum_dao.warehouse.lmp_rows import NEGATIVE, SERIES
from aurum_dao.warehouse.pages import is_backwards, key_of_window
from aurum_dao.warehouse.tables import LMP_FACTS as T

UNIT = ("currency", "uom")
SUM_KEY = (*SERIES, "bucket", *UNIT)
SERIES_COLUMNS, UNIT_COLUMNS = T.all_of(SERIES), T.all_of(UNIT)
MONEY = "decimal(38,6)"
_TERMS = tuple(Term(Sql(f'"{c}"')) for c in SUM_KEY)
_HOUR = Sql("date_trunc('hour', \"interval_start\")")
_PRICE, _MINUTES = T["price_total"], T["interval_minutes"]
_WIDE = f"CAST({_PRICE} AS {MONEY})"  # a scarcity price squared leaves decimal(18,6)
_NEGATIVE = f"CASE WHEN {_PRICE} < 0 THEN"
_MEASURES = (
    ("price_minutes", f"CAST(sum({_PRICE} * {_MINUTES}) AS {MONEY})", MONEY),
    ("minutes", f"CAST(sum({_MINUTES}) AS bigint)", "bigint"),
    ("intervals", "count(*)", "bigint"),
    ("price_min", f"min({_PRICE})", "min"),
    ("price_max", f"max({_PRICE})", "max"),
    ("price_sum", f"CAST(sum({_PRICE}) AS {MONEY})", MONEY),
    ("price_square_sum", f"CAST(sum({_WIDE} * {_WIDE}) AS decimal(38,12))", "decimal(38,12)"),
    ("negative_intervals", f"CAST(sum({_NEGATIVE} 1 ELSE 0 END) AS bigint)", "bigint"),
    ("negative_minutes", f"CAST(sum({_NEGATIVE} {_MINUTES} ELSE 0 END) AS bigint)", "bigint"),
)
"""Name, the aggregate over rows, and over hours: a function or the type of the sum."""


@dataclass(frozen=True, slots=True)
class Texture:
    """Whether any row was corrected or withdrawn, and whether a market mixes interval lengths."""

    corrected: bool
    mixed: bool


def select_texture(where: Clause) -> Select:
    """Return newest version, withdrawn, shortest and longest interval of each (iso, market)."""
    pair = T.all_of(("iso_code", "market"))
    return Select(
        columns=(
            Sql(f"max({T['version']})"),
            Sql(f"max(CASE WHEN {T['withdrawn']} THEN 1 ELSE 0 END)"),
            Sql(f"min({_MINUTES})"),
            Sql(f"max({_MINUTES})"),
        ),
        source=T.name,
        where=where,
        group_by=pair,
    )


def texture_of(rows: Sequence[tuple[int, int, int, int]]) -> Texture:
    """Return what the rows of `select_texture` say."""
    return Texture(
        corrected=any(version > 1 or withdrawn for version, withdrawn, _, _ in rows),
        mixed=any(shortest != longest for _, _, shortest, longest in rows),
    )


def select_sums(
    query: LmpQuery, grain: Grain, where: Clause, texture: Texture, window: Window
) -> Select:
    """Return the sums per series and bucket, in the walk's order."""
    source: Select | Sql
    if texture.mixed:
        source, shown = select_hours(query, where, texture, window), Clause(Sql("grid = 1"))
        measures = [_again(name, total) for name, _, total in _MEASURES]
    else:
        source, shown = _rows(query, where, texture, window)
        measures = [Sql(f"{total} AS {name}") for name, total, _ in _MEASURES]
    hour = Sql("hour_start") if texture.mixed else _HOUR
    bucket, grouped = bucket_of(grain, query.first_day, hour=hour)
    summed = Select(
        columns=(*SERIES_COLUMNS, named(bucket, "bucket"), *UNIT_COLUMNS, *measures),
        source=source,
        where=shown,
        group_by=(*SERIES_COLUMNS, *grouped, *UNIT_COLUMNS),
    )
    shown_bucket = Sql("to_unixtime(bucket)" if grain == "hour" else "bucket")
    names = (Sql(name) for name, _, _ in _MEASURES)
    return page_of_sums(summed, (*SERIES_COLUMNS, shown_bucket, *UNIT_COLUMNS, *names), window)


def select_hours(query: LmpQuery, where: Clause, texture: Texture, window: Window) -> Select:
    """Return the hours of the query's series; `grid` is 1 for the length that counts."""
    source, shown = _rows(query, where, texture, window)
    summed = Select(
        columns=(
            *SERIES_COLUMNS,
            T["operating_date"],
            Sql(f"{_HOUR} AS hour_start"),
            _MINUTES,
            *UNIT_COLUMNS,
            *(Sql(f"{total} AS {name}") for name, total, _ in _MEASURES),
        ),
        source=source,
        where=shown,
        group_by=(*SERIES_COLUMNS, T["operating_date"], _HOUR, _MINUTES, *UNIT_COLUMNS),
    )
    if not texture.mixed:
        return Select(columns=(Sql("v.*"), Sql("1 AS grid")), source=summed)
    longest = order_by((Term(Sql("minutes"), descending=True), Term(_MINUTES)))
    partition = ", ".join((*SERIES_COLUMNS, *UNIT_COLUMNS, "hour_start"))
    number = Sql(f"row_number() OVER (PARTITION BY {partition} ORDER BY {longest}) AS grid")
    return Select(columns=(Sql("v.*"), number), source=summed)


def bucket_of(
    grain: Grain, first_day: date | None, *, hour: Sql, day: Sql | None = None
) -> tuple[Clause, tuple[Sql, ...]]:
    """Return the bucket's expression and what rows are grouped by beside the series."""
    day = day or T["operating_date"]
    if grain == "range":
        if first_day is None:
            return Clause(Sql(f"min({day})")), ()
        return Clause(Sql("CAST(? AS date)"), (first_day,)), ()
    month = Sql(f"CAST(date_trunc('month', {day}) AS date)")
    by = {"hour": hour, "day": day, "month": month}[grain]
    return Clause(by), (by,)


def page_of_sums(summed: Select, columns: Sequence[Sql], window: Window) -> Select:
    """Return the sums beyond the window's key, in the direction of its walk."""
    backwards, key = is_backwards(window), key_of_window(window)
    return Select(
        columns=columns,
        source=summed,
        where=ALL if key is None else keyset(_TERMS, key, backwards=backwards),
        order_by=order_by(_TERMS, backwards=backwards),
        limit=window.limit + 1,
    )


def named(clause: Clause, name: str) -> Clause:
    """Return a column under a name."""
    return Clause(Sql(f"{clause.text} AS {name}"), clause.parameters)


def _rows(
    query: LmpQuery, where: Clause, texture: Texture, window: Window
) -> tuple[Select | Sql, Clause]:
    """Return current rows; series that lie before the window's walk are left out already here."""
    key = _series_of(key_of_window(window))
    within = at_or_beyond(_TERMS[: len(SERIES)], key, backwards=is_backwards(window))
    negative = NEGATIVE if query.negative else ALL
    if not texture.corrected:
        return T.name, every(where, within, negative)
    needed = ("operating_date", "price_total", "currency", "uom", *LMP.key)
    inner, live = current(LMP, T, needed, every(where, within))
    return inner, every(live, negative)


def _series_of(key: Key | None) -> Key:
    return () if key is None else key[: len(SERIES)]


def _again(name: str, total: str) -> Sql:
    if total in {"min", "max"}:
        return Sql(f"{total}({name}) AS {name}")
    return Sql(f"CAST(sum({name}) AS {total}) AS {name}")
