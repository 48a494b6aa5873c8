"""Synthetic forward curves: power blocks of every ISO, a listed gas curve and a gas basis."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

import pyarrow as pa

from aurum_core.clock import NEW_YORK
from aurum_core.market.holidays import previous_trading_day
from aurum_core.market.months import add_months, month_end
from aurum_dao.loaders.demo_places import PLACES, Place
from aurum_dao.loaders.schedules import settlement_published

GAS_ROOT = "DEMO_NG"
ASOF_COUNT = 5
MONTHS = 36
_HALF_SPREAD = 25  # cents
_BLOCKS: Mapping[str, int] = {"5x16": 900, "6x16": 850, "2x16H": 200, "1x16H": 150, "7x8": -700}
_WESTERN = ("6x16", "1x16H", "7x8")
_EASTERN = ("5x16", "2x16H", "7x8")
_SEASON = (900, 700, 100, -300, -400, 0, 800, 900, 100, -300, -100, 500)  # cents by month


def asof_dates(today: date) -> list[date]:
    """Return the as-of dates: the last trading days before today, and one a month earlier."""
    days = [previous_trading_day(today, "NYMEX")]
    while len(days) < ASOF_COUNT:
        days.append(previous_trading_day(days[-1], "NYMEX"))
    days.append(previous_trading_day(days[0] - timedelta(days=30), "NYMEX"))
    return sorted(days)


def observations(today: date) -> Iterator[pa.RecordBatch]:
    """Yield a batch per as-of date."""
    for asof in asof_dates(today):
        yield pa.RecordBatch.from_pylist(list(_rows(asof)), _SCHEMA)


def corrections(today: date) -> pa.RecordBatch:
    """Return what was published on the morning after: one price corrected, one contract taken back.

    Both belong to the second newest as-of date and the hub of PJM.
    """
    asof = asof_dates(today)[-2]
    published = datetime.combine(asof + timedelta(days=1), time(7, 30), NEW_YORK)
    rows = [
        row
        for row in _rows(asof)
        if row["location"] == "DEMO_PJM_HUB" and row["block"] == "5x16" and _is_mid_month(row)
    ]
    corrected = {**rows[0], "value": _price(rows[0]) + 1.5, "published_at": published}
    withdrawn = {**rows[-1], "withdrawn": True, "published_at": published}
    return pa.RecordBatch.from_pylist([corrected, withdrawn], _SCHEMA)


def _is_mid_month(row: Mapping[str, object]) -> bool:
    return row["price_type"] == "MID" and row["tenor_type"] == "MONTHLY"


def _price(row: Mapping[str, object]) -> float:
    return float(str(row["value"]))


def _rows(asof: date) -> Iterator[dict[str, object]]:
    for place in PLACES:
        if place.kind == "HUB":
            for block in _WESTERN if place.iso == "CAISO" else _EASTERN:
                yield from _power(place, block, asof)
    yield from _gas(asof)


def _power(place: Place, block: str, asof: date) -> Iterator[dict[str, object]]:
    curve: dict[str, object] = {
        "asset_class": "power",
        "iso": place.iso,
        "location": place.location_id,
        "market": "DAY_AHEAD",
        "block": block,
        "currency": "USD",
        "per_unit": "MWh",
        "settle_iso": place.iso,
        "settle_location_id": place.location_id,
        "settle_market": "DAY_AHEAD_HOURLY",
        "trading_calendar": "ICE",
        "weighting": "block_hours",
    }
    for month in _months(asof):
        cents = place.level + _BLOCKS[block] + _SEASON[month.month - 1] + _drift(asof, month)
        yield _row(curve, asof, "MONTHLY", month, month_end(month), "MID", cents)
        if place.iso in {"PJM", "ERCOT"}:
            yield _row(curve, asof, "MONTHLY", month, month_end(month), "BID", cents - _HALF_SPREAD)
            yield _row(curve, asof, "MONTHLY", month, month_end(month), "ASK", cents + _HALF_SPREAD)
    for year in (asof.year + 1, asof.year + 2):
        cents = place.level + _BLOCKS[block] + 230 + _drift(asof, date(year, 1, 1))
        yield _row(curve, asof, "CALENDAR", date(year, 1, 1), date(year, 12, 31), "MID", cents)


def _gas(asof: date) -> Iterator[dict[str, object]]:
    common: dict[str, object] = {
        "asset_class": "gas",
        "region": "US",
        "currency": "USD",
        "per_unit": "MMBtu",
        "trading_calendar": "NYMEX",
    }
    listed = common | {
        "location": "DEMO_HENRY",
        "market": "DEMO_EXCHANGE",
        "product": "DEMO_NG",
        "root": GAS_ROOT,
        "weighting": "none",
    }
    basis = common | {"location": "DEMO_CITYGATE", "product": "DEMO_BASIS", "weighting": "days"}
    for month in _months(asof):
        cents = 340 + _SEASON[month.month - 1] // 12 + _drift(asof, month) // 20
        yield _row(listed, asof, "MONTHLY", month, month_end(month), "SETTLE", cents)
        gap = _SEASON[month.month - 1] // 20 - 8
        yield _row(basis, asof, "MONTHLY", month, month_end(month), "MID", gap)


def _months(asof: date) -> list[date]:
    return [add_months(asof, n) for n in range(1, MONTHS + 1)]


def _drift(asof: date, month: date) -> int:
    """Return cents that as-of date and month alone decide."""
    return (asof.toordinal() * 37 + month.toordinal() * 11) % 160 - 80


def _row(
    curve: Mapping[str, object],
    asof: date,
    tenor_type: str,
    first: date,
    last: date,
    price_type: str,
    cents: int,
) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(_SCHEMA.names)
    row |= curve
    row |= {
        "asof_date": asof,
        "tenor_type": tenor_type,
        "delivery_start": first,
        "delivery_end": last,
        "price_type": price_type,
        "value": cents / 100,
        "published_at": settlement_published(asof),
        "withdrawn": False,
    }
    if price_type == "MID":
        row |= {"bid": (cents - _HALF_SPREAD) / 100, "ask": (cents + _HALF_SPREAD) / 100}
    return row


_TEXTS = (
    "asset_class", "region", "iso", "location", "market", "product", "block", "currency",
    "per_unit", "trading_calendar", "root", "weighting", "settle_iso", "settle_location_id",
    "settle_market", "tenor_type", "price_type",
)  # fmt: skip
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        ("asof_date", pa.date32()),
        ("delivery_start", pa.date32()),
        ("delivery_end", pa.date32()),
        ("value", pa.float64()),
        ("bid", pa.float64()),
        ("ask", pa.float64()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("withdrawn", pa.bool_()),
    ]
)
