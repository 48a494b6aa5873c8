"""Sums of locational prices by base block of a market calendar: hours are placed by local clock."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from aurum_dao.ports.iso import BlockRule, Grain, LmpQuery
from aurum_dao.ports.paging import Window
from aurum_dao.sql.builder import NONE, Clause, Select, Sql, every, one_of
from aurum_dao.warehouse.lmp_sums import (
    MONEY,
    SERIES_COLUMNS,
    UNIT_COLUMNS,
    Texture,
    bucket_of,
    named,
    page_of_sums,
    select_hours,
)

BLOCKS = ("peak", "day", "night")
_MEASURES = ("price_minutes", "minutes", "min", "max")
_LOCAL_DATE = Sql("local_date")


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


def select_block_sums(
    query: LmpQuery, rule: BlockRule, grain: Grain, where: Clause, texture: Texture, window: Window
) -> Select:
    """Return the sums per series and local bucket, by base block, in the walk's order."""
    bucket, grouped = bucket_of(grain, query.first_day, hour=Sql("hour_start"), day=_LOCAL_DATE)
    summed = Select(
        columns=(
            *SERIES_COLUMNS,
            named(bucket, "bucket"),
            *UNIT_COLUMNS,
            *(column for block in BLOCKS for column in _columns(block)),
        ),
        source=_placed(select_hours(query, where, texture, window), rule),
        group_by=(*SERIES_COLUMNS, *grouped, *UNIT_COLUMNS),
    )
    names = (Sql(f"{block}_{measure}") for block in BLOCKS for measure in _MEASURES)
    shown = (*SERIES_COLUMNS, Sql("bucket"), *UNIT_COLUMNS, *names)
    return page_of_sums(summed, shown, window)


def _midnight(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), ZoneInfo(zone))


def _placed(hours: Select, rule: BlockRule) -> Select:
    """Return the hours with their local date and base block."""
    local = Clause(Sql("CAST(at_timezone(hour_start, ?) AS timestamp) AS wall"), (rule.zone,))
    walls = Select(columns=(Sql("v.*"), local), source=hours, where=Clause(Sql("grid = 1")))
    dated = Select(columns=(Sql("v.*"), Sql(f"CAST(wall AS date) AS {_LOCAL_DATE}")), source=walls)
    return Select(columns=(Sql("v.*"), _block_of(rule)), source=dated)


def _block_of(rule: BlockRule) -> Clause:
    hour_ending = "hour(wall) + 1"
    weekday = one_of(Sql(f"day_of_week({_LOCAL_DATE})"), [d + 1 for d in rule.peak_weekdays])
    holiday = one_of(_LOCAL_DATE, rule.holidays)
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


def _columns(block: str) -> tuple[Sql, ...]:
    only = f"CASE WHEN base_block = '{block}' THEN"
    money = f"CAST(coalesce(sum({only} price_minutes END), 0) AS {MONEY})"
    return (
        Sql(f"{money} AS {block}_price_minutes"),
        Sql(f"CAST(coalesce(sum({only} minutes END), 0) AS bigint) AS {block}_minutes"),
        Sql(f"min({only} price_min END) AS {block}_min"),
        Sql(f"max({only} price_max END) AS {block}_max"),
    )
