"""One EIA series as two columns: `Date,Price` by day, `Month,Price` by month.

It is Henry Hub's spot price, unless the constants `series_id` and the like say another. A file does
not tell when its values became known: that is the time of the load.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyarrow as pa

from aurum_core.errors import LoadError
from aurum_dao.loaders.canonical import read_canonical
from aurum_dao.loaders.options import ReadOptions

VALUE: Final = "Price"
PERIODS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"Date": ("daily", "D"), "Month": ("monthly", "M")}
)
"""Column of the period → frequency, and the last part of a legacy id."""

HENRY_HUB: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dataset": "natural-gas/pri/fut",
        "facets": json.dumps({"series": "RNGWHHD"}),
        "unit": "dollars per million Btu",
        "description": "Henry Hub natural gas spot price",
    }
)


def read_eia_daily(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file as observations.

    Raises:
        LoadError: the file cannot be read, or has other columns.
    """
    for batch in read_canonical(path, ReadOptions()):
        yield _observations(path, batch, options.constants)


def _observations(
    path: Path, batch: pa.RecordBatch, constants: Mapping[str, str]
) -> pa.RecordBatch:
    names = batch.schema.names
    column = next((name for name in PERIODS if name in names), None)
    if column is None or VALUE not in names:
        raise LoadError(f"{path.name} does not have the columns Date,Price or Month,Price.")
    frequency, letter = PERIODS[column]
    henry_hub = {**HENRY_HUB, "series_id": f"NG.RNGWHHD.{letter}"}
    told = {
        "frequency": frequency,
        **({} if "series_id" in constants else henry_hub),
        **constants,
    }
    columns = {name: _same(text, batch.num_rows) for name, text in told.items()}
    return pa.RecordBatch.from_pydict({"period": batch[column], "value": batch[VALUE], **columns})


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)
