"""Sums of locational prices by bucket, in two levels.

First every hour of a series by interval length; of an hour only one length goes on, the one with
most minutes (the shorter where two tie), so that mixed grids never count an hour twice. Then the
hours of a bucket. Sums are decimals: nothing is divided or rounded in an engine.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from aurum_dao.ports.iso import BlockRule, Grain, LmpQuery
from aurum_dao.ports.paging import Key, Window
from aurum_dao.schemas.catalogue import LMP
from aurum_dao.sql.builder import ALL, NONE, Clause, Select, Sql, every, one_of
from aurum_dao.sql.keyset import Term, at_or_beyond, keyset, order_by
from aurum_dao.warehouse.dedupe import current
from aurum_dao.warehouse.lmp_rows import NEGATIVE, SERIES
from aurum_dao.warehouse.pages import is_backwards, key_of_window
from aurum_dao.warehouse.tables import LMP_FACTS as T

SUM_KEY = (*SERIES, "bucket")
_TERMS = tuple(Term(Sql(f'"{c}"')) for c in SUM_KEY)
_SERIES = T.all_of(SERIES)
_MONEY = "decimal(38,6)"
_HOUR = Sql("date_trunc('hour', \"interval_start\")")
BLOCKS = ("peak", "day", "night")


def select_hours(query: LmpQuery, where: Clause, window: Window) -> Select:
    """Return the hours of the query's series, one interval length each.

    Series that lie before the window's walk are left out already here.
    """
    beyond = at_or_beyond(
        _TERMS[: len(SERIES)], _series_of(key_of_window(window)), backwards=is_backwards(window)
    )
    needed = ("operating_date", "price_total", "currency", "uom", *LMP.key)
    inner, live = current(LMP, T, needed, every(where, beyond))
    price, minutes = T["price_total"], T["interval_minutes"]
    negative = f"CASE WHEN {price} < 0 THEN"
    summed = Select(
        columns=(
            *_SERIES,
            T["operating_date"],
            Sql(f"{_HOUR} AS hour_start"),
            minutes,
            Sql(f"max({T['currency']}) AS currency"),
            Sql(f"max({T['uom']}) AS uom"),
            Sql(f"CAST(sum({price} * {minutes}) AS {_MONEY}) AS price_minutes"),
            Sql(f"sum({minutes}) AS minutes"),
            Sql("count(*) AS intervals"),
            Sql(f"min({price}) AS price_min"),
            Sql(f"max({price}) AS price_max"),
            Sql(f"CAST(sum({price}) AS {_MONEY}) AS price_sum"),
            Sql(f"CAST(sum({price} * {price}) AS decimal(38,12)) AS price_square_sum"),
            Sql(f"sum({negative} 1 ELSE 0 END) AS negative_intervals"),
            Sql(f"sum({negative} {minutes} ELSE 0 END) AS negative_minutes"),
        ),
        source=inner,
        where=every(live, NEGATIVE if query.negative else ALL),
        group_by=(*_SERIES, T["operating_date"], _HOUR, minutes),
    )
    longest = order_by((Term(Sql("minutes"), descending=True), Term(minutes)))
    partition = ", ".join((*_SERIES, "hour_start"))
    number = Sql(f"row_number() OVER (PARTITION BY {partition} ORDER BY {longest}) AS grid")
    return Select(columns=(Sql("v.*"), number), source=summed)


def select_sums(query: LmpQuery, grain: Grain, where: Clause, window: Window) -> Select:
    """Return the sums per series and bucket, in the walk's order."""
    bucket, grouped = _bucket(grain, query.first_day)
    summed = Select(
        columns=(
            *_SERIES,
            _named(bucket, "bucket"),
            Sql("max(currency) AS currency"),
            Sql("max(uom) AS uom"),
            _total("price_minutes", _MONEY),
            _total("minutes", "bigint"),
            _total("intervals", "bigint"),
            Sql("min(price_min) AS price_min"),
            Sql("max(price_max) AS price_max"),
            _total("price_sum", _MONEY),
            _total("price_square_sum", "decimal(38,12)"),
            _total("negative_intervals", "bigint"),
            _total("negative_minutes", "bigint"),
        ),
        source=select_hours(query, where, window),
        where=Clause(Sql("grid = 1")),
        group_by=(*_SERIES, *grouped),
    )
    shown = "to_unixtime(bucket)" if grain == "hour" else "bucket"
    sums = "price_minutes minutes intervals price_min price_max price_sum price_square_sum"
    names = f"currency uom {sums} negative_intervals negative_minutes".split()
    return _page(summed, (*_SERIES, Sql(shown), *map(Sql, names)), window)


def select_block_sums(
    query: LmpQuery, rule: BlockRule, grain: Grain, where: Clause, window: Window
) -> Select:
    """Return the sums per series and local bucket, by base block, in the walk's order."""
    local = Clause(Sql("CAST(at_timezone(hour_start, ?) AS timestamp) AS wall"), (rule.zone,))
    walls = Select(
        columns=(Sql("v.*"), local),
        source=select_hours(query, where, window),
        where=Clause(Sql("grid = 1")),
    )
    dated = Select(columns=(Sql("v.*"), Sql("CAST(wall AS date) AS local_date")), source=walls)
    placed = Select(columns=(Sql("v.*"), _block_of(rule)), source=dated)
    bucket, grouped = _bucket(grain, query.first_day, column="local_date")
    columns = [c for block in BLOCKS for c in _block_columns(block)]
    if query.start is not None and grain == "range":
        bucket = Clause(Sql("min(local_date)"))
    summed = Select(
        columns=(
            *_SERIES,
            _named(bucket, "bucket"),
            Sql("max(currency) AS currency"),
            Sql("max(uom) AS uom"),
            *columns,
        ),
        source=placed,
        group_by=(*_SERIES, *grouped),
    )
    names = [
        Sql(f"{block}_{name}")
        for block in BLOCKS
        for name in ("price_minutes", "minutes", "min", "max")
    ]
    shown = (*_SERIES, Sql("bucket"), Sql("currency"), Sql("uom"), *names)
    return _page(summed, shown, window)


def in_zone(query: LmpQuery, rule: BlockRule) -> LmpQuery:
    """Return the query with its operating days as instants of the rule's zone."""
    if query.first_day is None and query.end_day is None:
        return query
    return replace(
        query,
        start=_midnight(query.first_day, rule.zone),
        end=_midnight(query.end_day, rule.zone),
        first_day=None,
        end_day=None,
    )


def _midnight(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), ZoneInfo(zone))


def _series_of(key: Key | None) -> Sequence[object]:
    return () if key is None else key[: len(SERIES)]


def _bucket(
    grain: Grain, first_day: date | None, column: str = "operating_date"
) -> tuple[Clause, tuple[Sql, ...]]:
    """Return the bucket's expression and what the rows are grouped by beside the series."""
    if grain == "range":
        if first_day is None:
            return Clause(Sql(f"min({column})")), ()
        return Clause(Sql("CAST(? AS date)"), (first_day,)), ()
    by = {
        "hour": Sql("hour_start"),
        "day": Sql(column),
        "month": Sql(f"CAST(date_trunc('month', {column}) AS date)"),
    }[grain]
    return Clause(by), (by,)


def _block_of(rule: BlockRule) -> Clause:
    hour_ending = "hour(wall) + 1"
    weekday = one_of(Sql("day_of_week(local_date)"), [d + 1 for d in rule.peak_weekdays])
    holiday = one_of(Sql("local_date"), rule.holidays)
    working = weekday if holiday is NONE else every(weekday, _not(holiday))
    return Clause(
        Sql(
            f"CASE WHEN {hour_ending} < ? OR {hour_ending} > ? THEN 'night' "
            f"WHEN {working.text} THEN 'peak' ELSE 'day' END AS base_block"
        ),
        (rule.first_he, rule.last_he, *working.parameters),
    )


def _not(clause: Clause) -> Clause:
    return Clause(Sql(f"NOT ({clause.text})"), clause.parameters)


def _block_columns(block: str) -> tuple[Sql, ...]:
    only = f"CASE WHEN base_block = '{block}' THEN"
    return (
        Sql(
            f"CAST(coalesce(sum({only} price_minutes END), 0) AS {_MONEY}) AS {block}_price_minutes"
        ),
        Sql(f"CAST(coalesce(sum({only} minutes END), 0) AS bigint) AS {block}_minutes"),
        Sql(f"min({only} price_min END) AS {block}_min"),
        Sql(f"max({only} price_max END) AS {block}_max"),
    )


def _named(clause: Clause, name: str) -> Clause:
    return Clause(Sql(f"{clause.text} AS {name}"), clause.parameters)


def _total(name: str, sql_type: str) -> Sql:
    return Sql(f"CAST(sum({name}) AS {sql_type}) AS {name}")


def _page(summed: Select, columns: Sequence[Sql], window: Window) -> Select:
    backwards, key = is_backwards(window), key_of_window(window)
    return Select(
        columns=columns,
        source=summed,
        where=ALL if key is None else keyset(_TERMS, key, backwards=backwards),
        order_by=order_by(_TERMS, backwards=backwards),
        limit=window.limit + 1,
    )
