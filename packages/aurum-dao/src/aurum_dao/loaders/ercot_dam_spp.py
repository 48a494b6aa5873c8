"""ERCOT's yearly workbook of day-ahead settlement point prices (report 13060).

One sheet a month; `Delivery Date` MM/DD/YYYY, `Hour Ending` 01:00 … 24:00 in Central prevailing
time, `Repeated Hour Flag` Y on the second 02:00 of the long day. Prices have no components.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.errors import LoadError
from aurum_core.market.errors import MarketTimeError
from aurum_core.market.time import instant_of_label, zone_of
from aurum_dao.loaders.options import ReadOptions
from aurum_dao.loaders.schedules import day_ahead_published

HEADER = (
    "Delivery Date",
    "Hour Ending",
    "Repeated Hour Flag",
    "Settlement Point",
    "Settlement Point Price",
)
_INSTANT = pa.timestamp("us", tz="UTC")
_TYPES = (("HB_", "HUB"), ("LZ_", "ZONE"), ("DC_", "INTERFACE"))


def read_ercot_dam_spp(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield a batch per sheet.

    Raises:
        LoadError: this is no workbook, or a sheet has other columns.
    """
    del options
    for name, rows in _sheets(path):
        header = tuple(str(cell).strip() for cell in rows[0]) if rows else ()
        if header != HEADER:
            raise LoadError(f"Sheet {name} does not have the columns {', '.join(HEADER)}.")
        if len(rows) > 1:
            yield _batch(rows[1:])


def _sheets(path: Path) -> Iterator[tuple[str, list[list[object]]]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise LoadError("Workbooks need the extra: pip install 'aurum-dao[files]'.") from None
    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                yield name, book.get_sheet_by_name(name).to_python()  # type: ignore[misc]
    except FileNotFoundError:
        raise LoadError(f"There is no file {path}.") from None
    except CalamineError as error:
        raise LoadError(f"{path.name} is not a workbook: {error}") from error


def _batch(rows: Sequence[Sequence[object]]) -> pa.RecordBatch:
    days, hours, flags, points, prices = zip(*rows, strict=True)
    start, published = _instants(days, hours, flags)
    point = pa.array([str(p).strip() for p in points], pa.string())
    count = len(rows)
    return pa.RecordBatch.from_pydict(
        {
            "iso_code": _same("ERCOT", count),
            "market": _same("DAY_AHEAD_HOURLY", count),
            "location_id": point,
            "location_name": point,
            "location_type": _location_type(point),
            "interval_start": start,
            "interval_minutes": _same(60, count),
            "price_total": _prices(prices),
            "published_at": published,
            "published_at_estimated": _same(True, count),
            "delivery_date": pa.array([str(d) for d in days]),  # the file's own, for quarantine
            "hour_ending_text": pa.array([str(h) for h in hours]),
        }
    )


def _instants(*columns: Sequence[object]) -> tuple[pa.Array, pa.Array]:
    """Return interval start and publication time, worked out once per distinct label."""
    labels = pa.array(["|".join(map(str, label)) for label in zip(*columns, strict=True)])
    encoded = pc.dictionary_encode(labels)
    zone = zone_of("ERCOT")
    pairs = [_instant(label, zone) for label in encoded.dictionary.to_pylist()]
    starts = pa.array([start for start, _ in pairs], _INSTANT)
    published = pa.array([known for _, known in pairs], _INSTANT)
    return pc.take(starts, encoded.indices), pc.take(published, encoded.indices)


def _instant(label: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return None for a label that the day does not have: the row goes to quarantine."""
    try:
        day, hour, flag = label.split("|")
        month, dom, year = (int(part) for part in day.split("/"))
        delivery = date(year, month, dom)
        start = instant_of_label(delivery, hour, zone, repeated=flag.strip().upper() == "Y")
    except (ValueError, MarketTimeError):
        return None, None
    return start, day_ahead_published(delivery, zone)


def _location_type(point: pa.Array) -> pa.Array:
    kind = pa.array(["NODE"] * len(point), pa.string())
    for prefix, name in _TYPES:
        kind = pc.if_else(pc.starts_with(point, prefix), name, kind)
    return kind


def _prices(values: Sequence[object]) -> pa.Array:
    try:
        return pa.array(values, pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a cell of text: validation says which
        return pa.array([None if v is None else str(v) for v in values], pa.string())


def _same(value: object, count: int) -> pa.Array:
    return pa.array([value] * count)
