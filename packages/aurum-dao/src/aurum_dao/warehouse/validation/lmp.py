"""Rules of locational prices."""

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.market.errors import UnknownMarketError
from aurum_core.market.keys import (
    EX_ANTE,
    canonical_iso,
    expected_interval_minutes,
    lmp_market,
)
from aurum_core.market.time import hour_ending_of, hour_label_of, operating_date_of, zone_of
from aurum_dao.warehouse.validation.casting import Array
from aurum_dao.warehouse.validation.frame import Frame
from aurum_dao.warehouse.validation.units import currency_of, energy_unit_of

OPTIONAL = frozenset(
    {
        "interval_minutes",
        "interval_end",
        "operating_date",
        "hour_ending",
        "hour_label",
        "currency",
        "uom",
        "finality",
    }
)
"""Columns that a file may leave out although they are never null in the warehouse."""

LOCATION_TYPES = ("NODE", "ZONE", "HUB", "INTERFACE")
COMPONENTS = ("price_energy", "price_congestion", "price_loss", "price_ghg")
COMPONENT_TOLERANCE = "0.02"
_HOUR_MICROSECONDS = 3_600_000_000
_LENGTHS = (5, 10, 15, 20, 30, 60)
_MINUTE_MICROSECONDS = 60_000_000
_OFF_GRID = frozenset({"REAL_TIME_SCED"})
"""Markets whose intervals begin when the ISO runs its dispatch, not on the minute."""


def complete_lmp(frame: Frame) -> None:
    """Make codes canonical, fill what follows from other columns, refuse what cannot be."""
    _codes(frame)
    _interval(frame)
    _local_time(frame)
    _components(frame)
    for name, value in (("currency", "USD"), ("uom", "MWh"), ("finality", "final")):
        frame.default(name, value)
    frame["currency"], frame["uom"] = frame.map_distinct(
        ("currency", "uom"), (pa.string(), pa.string()), _unit
    )
    frame["finality"] = pc.utf8_lower(frame["finality"])
    _one_of(frame, "finality", ("preliminary", "final"))
    frame["location_type"] = pc.utf8_upper(frame["location_type"])
    _one_of(frame, "location_type", LOCATION_TYPES)


def _codes(frame: Frame) -> None:
    text, whole = pa.string(), pa.int32()
    frame["iso_code"], frame["market"], expected = frame.map_distinct(
        ("iso_code", "market"), (text, text, whole), _canonical
    )
    frame["interval_minutes"] = pc.coalesce(frame["interval_minutes"], expected)


def _canonical(iso: str, market: str) -> tuple[str | None, str | None, int | None]:
    if not iso or not market:
        return iso or None, market or None, None
    zone_of(iso)
    code = canonical_iso(iso)
    series = lmp_market(market, code)
    return code, series, expected_interval_minutes(series)


def _interval(frame: Frame) -> None:
    minutes = frame["interval_minutes"]
    known = pc.is_in(minutes, value_set=pa.array(_LENGTHS, minutes.type))
    frame.refuse(
        pc.and_(pc.is_valid(minutes), pc.invert(known)),
        f"interval_minutes is not one of {', '.join(map(str, _LENGTHS))}",
    )
    _grid(frame, pc.if_else(known, minutes, pa.scalar(_LENGTHS[-1], minutes.type)))
    length = pc.multiply(pc.cast(minutes, pa.int64()), _MINUTE_MICROSECONDS).cast(pa.duration("us"))
    frame.agree("interval_end", pc.add(frame["interval_start"], length))


def _grid(frame: Frame, minutes: Array) -> None:
    """Refuse intervals that could overlap others of their length, and parts of an hourly series."""
    (reason,) = frame.map_distinct(("market", "interval_minutes"), (pa.string(),), _off_series)
    frame.refuse(pc.is_valid(reason), reason)
    length = pc.multiply(pc.cast(minutes, pa.int64()), _MINUTE_MICROSECONDS)
    start = frame["interval_start"].cast(pa.int64())
    beside = pc.not_equal(start, pc.multiply(pc.divide(start, length), length))
    gridded = pc.invert(pc.is_in(frame["market"], value_set=pa.array(sorted(_OFF_GRID))))
    text = pc.cast(minutes, pa.string())
    frame.refuse(
        pc.and_(beside, gridded),
        pc.binary_join_element_wise("interval_start is not on the grid of", text, "minutes", " "),
    )


def _off_series(market: str, minutes: str) -> tuple[str | None]:
    hourly = market.removesuffix(EX_ANTE).endswith("_HOURLY")
    if hourly and minutes and minutes != "60":
        return (f"interval_minutes of {market} is not 60",)
    return (None,)


def _unit(currency: str, uom: str) -> tuple[str, str]:
    code = currency_of(currency)
    return code, energy_unit_of(uom, code)


def _local_time(frame: Frame) -> None:
    """Work out the operating day and the hour once per ISO and hour."""
    micros = frame["interval_start"].cast(pa.int64())
    hours = pc.floor(pc.divide(micros.cast(pa.float64()), float(_HOUR_MICROSECONDS)))
    frame["_hour"] = hours.cast(pa.int64())
    day, ending, label = frame.map_distinct(
        ("iso_code", "_hour"), (pa.date32(), pa.int32(), pa.string()), _hour_of
    )
    del frame.columns["_hour"]
    frame.agree("operating_date", day)
    frame.agree("hour_ending", ending)
    frame.agree("hour_label", label)


def _hour_of(iso: str, hour: str) -> tuple[object, object, object]:
    from datetime import UTC, datetime

    if not iso or not hour:
        return None, None, None
    zone = zone_of(iso)
    try:
        instant = datetime.fromtimestamp(int(hour) * 3_600, UTC)
        return (
            operating_date_of(instant, zone),
            hour_ending_of(instant, zone),
            hour_label_of(instant, zone),
        )
    except (ValueError, OverflowError, OSError):
        raise UnknownMarketError("interval_start is out of range", name=hour) from None


def _components(frame: Frame) -> None:
    """Derive energy by subtraction where only the others are published; then check the sum."""
    zero = pa.scalar("0").cast(pa.decimal128(18, 6))
    congestion, loss, ghg = (frame[name] for name in COMPONENTS[1:])
    others = _sum(pc.fill_null(congestion, zero), pc.fill_null(loss, zero), pc.fill_null(ghg, zero))
    published = pc.or_(pc.is_valid(congestion), pc.is_valid(loss))
    derived = pc.if_else(published, _narrow(pc.subtract(_wide(frame["price_total"]), others)), None)
    frame["price_energy"] = pc.coalesce(frame["price_energy"], derived)
    gap = pc.abs(
        pc.subtract(_wide(frame["price_total"]), _sum(frame["price_energy"], _narrow(others)))
    )
    limit = pa.scalar(COMPONENT_TOLERANCE).cast(pa.decimal128(18, 6))
    frame.refuse(pc.greater(gap, limit), "price_total is not the sum of its components")


def _wide(array: Array) -> Array:
    return array.cast(pa.decimal128(24, 6))


def _narrow(array: Array) -> Array:
    return array.cast(pa.decimal128(18, 6))


def _sum(*arrays: Array) -> Array:
    total = _wide(arrays[0])
    for array in arrays[1:]:
        total = pc.add(total, _wide(array)).cast(pa.decimal128(24, 6))
    return total


def _one_of(frame: Frame, name: str, allowed: tuple[str, ...]) -> None:
    array = frame[name]
    known = pc.is_in(array, value_set=pa.array(allowed))
    frame.refuse(
        pc.and_(pc.is_valid(array), pc.invert(known)), f"{name} is not one of {', '.join(allowed)}"
    )
