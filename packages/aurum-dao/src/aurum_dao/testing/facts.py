"""Rows of the warehouse as reader suites load them: complete, and told apart by little."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
SOURCES: tuple[Mapping[str, Any], ...] = (
    {"source": "exchange", "priority": 1, "tenant_id": None},
    {"source": "broker", "priority": 2, "tenant_id": None},
    {"source": "desk-marks", "priority": 0, "tenant_id": "desk"},
)
"""Two shared sources, and one of the tenant `desk` that would go first."""


def key_of(name: str) -> str:
    """Return the curve key that a name of one letter or more stands for in tests."""
    return (name * 64)[:64]


def curve(name: str, **changes: object) -> Row:
    """Return a row of `ref.curve`; the key orders curves as their names do."""
    row: Row = dict.fromkeys(
        ("region", "product", "spark_location", "calendar", "trading_calendar", "root")
    )
    row |= dict.fromkeys(("settle_iso", "settle_location_id", "settle_market"))
    row |= {
        "curve_key": key_of(name),
        "slug": f"power-pjm-{name}-da-5x16",
        "asset_class": "power",
        "iso": "PJM",
        "location": name.upper(),
        "market": "DAY_AHEAD",
        "block": "5x16",
        "currency": "USD",
        "per_unit": "MWh",
        "weighting": "block_hours",
    }
    return row | changes


def quote(name: str, asof: date, start: date, value: object, **changes: object) -> Row:
    """Return a monthly MID of a curve, published at 22:00 UTC of its date by the exchange."""
    end = (start.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    published = datetime.combine(asof, time(22), UTC)
    row: Row = dict.fromkeys(("bid", "ask", "lineage_tags", "source_ref", "units_raw"))
    row |= {name: value for name, value in curve(name).items() if name in _IDENTITY}
    row |= {
        "curve_key": key_of(name),
        "asof_date": asof,
        "tenor_type": "MONTHLY",
        "delivery_start": start,
        "delivery_end": end,
        "price_type": "MID",
        "currency": "USD",
        "per_unit": "MWh",
        "contract_month": start,
        "tenor_label": f"{start:%Y-%m}",
        "value": None if value is None else Decimal(str(value)),
        **_fact(published, "exchange"),
    }
    return row | changes


def price(start: datetime, value: object, *, minutes: int = 60, **changes: object) -> Row:
    """Return a final price of PJM's WEST, published an hour after its interval."""
    end = start + timedelta(minutes=minutes)
    local = start - timedelta(hours=5)
    row: Row = dict.fromkeys(
        ("price_energy", "price_congestion", "price_loss", "price_ghg", "source_ref")
    )
    row |= {
        "iso_code": "PJM",
        "market": "DAY_AHEAD_HOURLY",
        "location_id": "WEST",
        "interval_start": start,
        "interval_minutes": minutes,
        "interval_end": end,
        "operating_date": local.date(),
        "hour_ending": local.hour + 1,
        "hour_label": f"{local.hour + 1:02}",
        "location_name": "Western hub",
        "location_type": "HUB",
        "price_total": Decimal(str(value)),
        "currency": "USD",
        "uom": "MWh",
        "finality": "final",
        **_fact(end + timedelta(hours=1), "exchange"),
    }
    return row | changes


def location(iso: str, location_id: str, valid_from: date, **changes: object) -> Row:
    """Return a row of `ref.location`."""
    row: Row = dict.fromkeys(("valid_to", "zone", "hub"))
    row |= {
        "iso_code": iso,
        "location_id": location_id,
        "valid_from": valid_from,
        "location_name": location_id.title(),
        "location_type": "HUB",
        "timezone": "America/New_York",
    }
    return row | changes


def corrected(row: Row, *, later: timedelta = timedelta(hours=2), **changes: object) -> Row:
    """Return the next version of a fact, published later, in the next load."""
    new = {
        **row,
        "version": row["version"] + 1,
        "data_version": row["data_version"] + 1,
        "published_at": row["published_at"] + later,
        "ingested_at": row["ingested_at"] + later,
        **changes,
    }
    if isinstance(new.get("value"), int | float | str):
        new["value"] = Decimal(str(new["value"]))
    return new


def _fact(published: datetime, source: str) -> Row:
    return {
        "version": 1,
        "data_version": 1,
        "published_at": published,
        "published_at_estimated": False,
        "ingested_at": published + timedelta(minutes=5),
        "source": source,
        "withdrawn": False,
    }


_IDENTITY = frozenset(
    (
        "asset_class",
        "region",
        "iso",
        "location",
        "market",
        "product",
        "block",
        "spark_location",
    )
)
