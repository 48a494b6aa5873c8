"""A small synthetic market, for a first look and for tests: source `synthetic`, DEMO_ locations.

The same `today` gives the same rows, and another day agrees with it where both have a row. Every
price is a plain function of place and time; none is anybody's market.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from aurum_core.demo import SYNTHETIC
from aurum_core.market.holidays import previous_trading_day
from aurum_core.market.months import add_months, month_end
from aurum_dao.loaders import demo_curves, demo_prices
from aurum_dao.loaders.demo_places import PLACES
from aurum_dao.ports.ingestion import DatasetWriter, LoadSummary

PRIORITY = 900  # whatever real source there is goes first
SCHEME = "demo-1"
EXPIRY_MONTHS = range(-24, 73)


@dataclass(frozen=True, slots=True)
class DemoLoad:
    """One load of the demo: what it fills, under which name, with which rows."""

    dataset: str
    name: str
    batches: tuple[pa.RecordBatch, ...]


def demo_batches(today: date) -> Iterator[DemoLoad]:
    """Yield the loads of the demo, in the order to load them.

    Day-ahead hours of eight days up to today and of the last clock change, real-time intervals of
    the two days before today, curves of the last trading days before today with a correction and
    a withdrawn contract, listed contracts, locations and the source.
    """
    yield DemoLoad("source", "source", (_source(),))
    yield DemoLoad("locations", "locations", (_locations(),))
    yield DemoLoad("contract-expiry", "contract-expiry", (_expiries(today),))
    yield DemoLoad("lmp", "day-ahead", tuple(demo_prices.day_ahead(today)))
    yield DemoLoad("lmp", "real-time", tuple(demo_prices.real_time(today)))
    yield DemoLoad("lmp", "real-time-final", tuple(demo_prices.finals(today)))
    yield DemoLoad("curves", "curves", tuple(demo_curves.observations(today)))
    yield DemoLoad("curves", "curves-corrected", (demo_curves.corrections(today),))


def load_demo(writer: DatasetWriter, today: date) -> list[LoadSummary]:
    """Load the demo; a second time on the same day nothing happens.

    Raises:
        LoadError: another load is open.
    """
    return [
        writer.load(
            load.dataset,
            load.batches,
            source=SYNTHETIC,
            source_ref=f"demo {load.name}",
            content_hash=hashlib.sha256(f"{SCHEME}|{load.name}|{today}".encode()).hexdigest(),
        )
        for load in demo_batches(today)
    ]


def _source() -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"source": SYNTHETIC, "priority": PRIORITY}])


def _locations() -> pa.RecordBatch:
    rows = [
        {
            "iso_code": place.iso,
            "location_id": place.location_id,
            "location_name": place.name,
            "location_type": place.kind,
            "zone": place.zone,
            "hub": place.hub,
        }
        for place in PLACES
    ]
    return pa.RecordBatch.from_pylist(rows)


def _expiries(today: date) -> pa.RecordBatch:
    """Return contracts that expire three trading days before their month, as natural gas does."""
    rows = []
    for offset in EXPIRY_MONTHS:
        month = add_months(today, offset)
        last = month
        for _ in range(3):
            last = previous_trading_day(last, "NYMEX")
        rows.append(
            {
                "root": demo_curves.GAS_ROOT,
                "contract_month": month,
                "last_trade": last,
                "first_delivery": month,
                "last_delivery": month_end(month),
            }
        )
    return pa.RecordBatch.from_pylist(rows)
