"""Observations of one FRED or ALFRED series as the API's JSON: every vintage that the file has.

`{"units", "observations": [{"realtime_start", "date", "value"}, …]}`; `.` is a missing value. A
vintage is known from the end of the day that it begins on, in New York: the hour is not told. The
file does not name its series: the constant `series_id` does, else the end of the file's name.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.errors import LoadError
from aurum_core.market.time import end_of_day_new_york
from aurum_dao.loaders.options import ReadOptions

PROVIDER: Final = "fred"
LEVELS: Final = "lin"
_NAMED = re.compile(r"(?:.*[_-])?([A-Z][A-Z0-9]*)", re.ASCII)
_INSTANT = pa.timestamp("us", tz="UTC")
_SCHEMA = pa.schema([(name, pa.string()) for name in ("date", "realtime_start", "value")])


def read_alfred(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield the observations of a file in one batch.

    Raises:
        LoadError: the file cannot be read, is of another shape, holds changes instead of levels, or
            nothing names its series.
    """
    told = {"provider": PROVIDER, "series_id": _series_id(path, options), **options.constants}
    content = _content(path)
    units = content.get("units", LEVELS)
    if units != LEVELS:
        raise LoadError(f"{path.name} holds {units}, not the levels of the series (units=lin).")
    observations = content["observations"]
    try:
        table = pa.Table.from_pylist(observations, _SCHEMA)
        yield _batch(table.combine_chunks(), told)
    except (pa.ArrowException, AttributeError, TypeError, ValueError) as error:
        raise _not_observations(path) from error


def _content(path: Path) -> Mapping[str, list[Mapping[str, object]]]:
    try:
        with pa.input_stream(str(path), compression="detect") as source:
            content = json.loads(source.read())
    except FileNotFoundError:
        raise LoadError(f"There is no file {path}.") from None
    except ValueError as error:
        raise _not_observations(path) from error
    rows = content.get("observations") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(r, dict) and "value" in r for r in rows):
        raise _not_observations(path)
    found: Mapping[str, list[Mapping[str, object]]] = content
    return found


def _not_observations(path: Path) -> LoadError:
    return LoadError(f"{path.name} is not a series' observations as FRED's API writes them.")


def _series_id(path: Path, options: ReadOptions) -> str:
    given = options.constants.get("series_id")
    found = _NAMED.fullmatch(path.name.partition(".")[0])
    if given is None and found is None:
        raise LoadError(f"{path.name} does not name its series: set series_id.")
    return given or (found[1] if found else "")


def _batch(table: pa.Table, told: Mapping[str, str]) -> pa.RecordBatch:
    count = table.num_rows
    days, starts = table["date"].combine_chunks(), table["realtime_start"].combine_chunks()
    columns: dict[str, pa.Array] = {
        "ts": pc.cast(pc.cast(days, pa.date32()), pa.timestamp("us")).cast(_INSTANT),
        "value": table["value"].combine_chunks(),
        "published_at": _known_from(starts),
        "published_at_estimated": pa.repeat(pa.scalar(value=True), count),
    }
    for name, text in told.items():
        columns[name] = pa.repeat(pa.scalar(text, pa.string()), count)
    return pa.RecordBatch.from_pydict(columns)


def _known_from(starts: pa.Array) -> pa.Array:
    encoded = pc.dictionary_encode(starts)
    known: list[datetime] = [
        end_of_day_new_york(date.fromisoformat(day)) for day in encoded.dictionary.to_pylist()
    ]
    return pc.take(pa.array(known, _INSTANT), encoded.indices)
