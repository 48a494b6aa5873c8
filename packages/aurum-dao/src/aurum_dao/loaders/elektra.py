"""Hourly day-ahead prices as elektra's JSON: the hour ending is the ordinal hour of the day.

`{"iso", "node", "data": [{"flow_date", "hour_ending", "price"}, …]}`: 1 … 23 on the short day,
1 … 25 on the long one.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from aurum_core.errors import LoadError
from aurum_core.market.errors import MarketError
from aurum_core.market.keys import canonical_iso
from aurum_core.market.time import instant_of_ordinal, zone_of
from aurum_dao.loaders.options import ReadOptions
from aurum_dao.loaders.schedules import day_ahead_published


def read_elektra(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield the hours of a file, one batch per node.

    Raises:
        LoadError: the file cannot be read or is of another shape.
    """
    del options
    try:
        content = json.loads(path.read_bytes())
        documents = content if isinstance(content, list) else [content]
        batches = [_batch(document) for document in documents]
    except FileNotFoundError:
        raise LoadError(f"There is no file {path}.") from None
    except MarketError as error:
        raise LoadError(f"{path.name}: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LoadError(f"{path.name} is not hourly prices as elektra writes them.") from error
    yield from batches


def _batch(document: Mapping[str, object]) -> pa.RecordBatch:
    hours = document["data"]
    if not isinstance(hours, list):
        raise TypeError("data is not a list")
    iso = canonical_iso(str(document["iso"]))
    node = str(document["node"]).strip()
    zone = zone_of(iso)
    rows = []
    for hour in hours:
        day = date.fromisoformat(hour["flow_date"])
        ordinal = int(hour["hour_ending"])
        rows.append(
            {
                "iso_code": iso,
                "market": "DAY_AHEAD_HOURLY",
                "location_id": node,
                "location_name": node,
                "location_type": "HUB" if node.upper().endswith("HUB") else None,
                "interval_start": instant_of_ordinal(day, ordinal, zone),
                "interval_minutes": 60,
                "price_total": None if hour["price"] is None else str(hour["price"]),
                "published_at": day_ahead_published(day, zone),
                "published_at_estimated": True,
            }
        )
    return pa.RecordBatch.from_pylist(rows, _SCHEMA)


_SCHEMA = pa.schema(
    [
        ("iso_code", pa.string()),
        ("market", pa.string()),
        ("location_id", pa.string()),
        ("location_name", pa.string()),
        ("location_type", pa.string()),
        ("interval_start", pa.timestamp("us", tz="UTC")),
        ("interval_minutes", pa.int32()),
        ("price_total", pa.string()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("published_at_estimated", pa.bool_()),
    ]
)
