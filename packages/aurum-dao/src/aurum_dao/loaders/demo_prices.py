"""Synthetic locational prices, in whole cents so that components add up exactly."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from aurum_core.clock import NEW_YORK
from aurum_core.market.keys import expected_interval_minutes, settlement_market_of
from aurum_core.market.time import minutes_in_day, operating_day_bounds, zone_of
from aurum_dao.loaders.demo_places import PLACES, Place
from aurum_dao.loaders.schedules import day_ahead_published

DAY_AHEAD_DAYS = 8
REAL_TIME_DAYS = 2
_LAG = timedelta(minutes=5)
_FINAL_AFTER = timedelta(hours=6)
# cents above the level by local hour: night low, morning and evening peaks, a solar belly
_SHAPE = (
    -900, -1100, -1200, -1200, -1000, -500, 200, 600, 300, -200, -700, -1100,
    -1400, -1500, -1300, -800, 0, 900, 1900, 2400, 1700, 800, 0, -500,
)  # fmt: skip
_BELLY = range(10, 15)


def day_ahead(today: date) -> Iterator[pa.RecordBatch]:
    """Yield the day-ahead hours of the days up to today and of the last clock change."""
    days = [today - timedelta(days=n) for n in range(DAY_AHEAD_DAYS)]
    for place in PLACES:
        for day in sorted({*days, last_clock_change(today)}):
            zone = zone_of(place.iso)
            starts = _starts(day, place, 60)
            published = day_ahead_published(day, zone)
            yield _batch(place, "DAY_AHEAD_HOURLY", 60, starts, [published] * len(starts), "final")


def real_time(today: date) -> Iterator[pa.RecordBatch]:
    """Yield the real-time intervals of the days before today, as first published."""
    for place, market, minutes, starts in _real_time_days(today):
        published = [start + timedelta(minutes=minutes) + _LAG for start in starts]
        yield _batch(place, market, minutes, starts, published, "preliminary")


def finals(today: date) -> Iterator[pa.RecordBatch]:
    """Yield the hubs' intervals again, final: the same prices but for one correction an hour."""
    for place, market, minutes, starts in _real_time_days(today):
        if place.kind == "HUB":
            published = [start + _FINAL_AFTER for start in starts if start.date() < today]
            kept = [start for start in starts if start.date() < today]
            yield _batch(place, market, minutes, kept, published, "final")


def is_clock_change(day: date) -> bool:
    """Tell whether a day has 23 or 25 hours in New York."""
    return minutes_in_day(day, NEW_YORK) != 1_440


def last_clock_change(today: date) -> date:
    """Return the newest day before today on which New York changed its clocks."""
    days = (today - timedelta(days=n) for n in range(1, 400))
    return next(day for day in days if is_clock_change(day))


def _real_time_days(today: date) -> Iterator[tuple[Place, str, int, list[datetime]]]:
    for place in PLACES:
        market = settlement_market_of(place.iso)
        minutes = expected_interval_minutes(market)
        for n in range(REAL_TIME_DAYS, 0, -1):
            yield place, market, minutes, _starts(today - timedelta(days=n), place, minutes)


def _starts(day: date, place: Place, minutes: int) -> list[datetime]:
    start, end = operating_day_bounds(day, zone_of(place.iso))
    count = int((end - start).total_seconds()) // 60 // minutes
    return [start + timedelta(minutes=minutes) * n for n in range(count)]


def _batch(
    place: Place,
    market: str,
    minutes: int,
    starts: Sequence[datetime],
    published: Sequence[datetime],
    finality: str,
) -> pa.RecordBatch:
    count, zone = len(starts), zone_of(place.iso)
    spread = 0 if minutes == 60 else 700
    energy = [_energy(place, start, start.astimezone(zone).hour, spread) for start in starts]
    if finality == "final" and minutes != 60:
        energy = [e + (37 if s.minute == 0 else 0) for e, s in zip(energy, starts, strict=True)]
    congestion = [_wave(place.seed, start, 300) - 120 for start in starts]
    loss = [_wave(place.seed + 50, start, 90) for start in starts]
    ghg = [410 if place.iso == "CAISO" else 0] * count
    total = [sum(parts) for parts in zip(energy, congestion, loss, ghg, strict=True)]
    parts = place.iso != "ERCOT"  # settlement point prices have no components
    return pa.RecordBatch.from_pydict(
        {
            "iso_code": pa.array([place.iso] * count, pa.string()),
            "market": pa.array([market] * count, pa.string()),
            "location_id": pa.array([place.location_id] * count, pa.string()),
            "location_name": pa.array([place.name] * count, pa.string()),
            "location_type": pa.array([place.kind] * count, pa.string()),
            "interval_start": pa.array(starts, pa.timestamp("us", tz="UTC")),
            "interval_minutes": pa.array([minutes] * count, pa.int32()),
            "price_total": _cents(total),
            "price_energy": _cents(energy if parts else [None] * count),
            "price_congestion": _cents(congestion if parts else [None] * count),
            "price_loss": _cents(loss if parts else [None] * count),
            "price_ghg": _cents(ghg if place.iso == "CAISO" else [None] * count),
            "finality": pa.array([finality] * count, pa.string()),
            "published_at": pa.array(published, pa.timestamp("us", tz="UTC")),
        }
    )


def _energy(place: Place, start: datetime, hour: int, spread: int) -> int:
    belly = 3_600 if place.kind == "NODE" and hour in _BELLY else 0  # where prices go below zero
    return place.level + _SHAPE[hour] - belly + _wave(place.seed + 100, start, 400 + spread)


def _wave(seed: int, start: datetime, size: int) -> int:
    """Return a whole number below `size` that place and instant alone decide."""
    minute = int(start.astimezone(UTC).timestamp()) // 60
    return (minute * 7_919 + seed * 104_729 + minute // 60 * 31_337) % size


def _cents(values: Sequence[int | None]) -> pa.Array:
    return pa.array([None if v is None else v / 100 for v in values], pa.float64())
