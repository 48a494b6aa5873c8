"""Rules of published series: the EIA's and other providers'."""

import json
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.market.errors import IdentityError
from aurum_core.market.periods import HourStamp, canonical_frequency, hour_stamp_of, period_of
from aurum_dao.warehouse.validation.frame import Frame

OPTIONAL = frozenset({"series_id", "data_column", "period_start", "period_end"})
"""Columns that a file of EIA series may leave out: they follow from others."""

MISSING = "."
"""What publishers write for a value that there is not, beside nothing at all."""

_TEXT, _INSTANT = pa.string(), pa.timestamp("us", tz="UTC")


def eia_with_missing_values(raw: pa.Table) -> pa.Table:
    """Return a load in which a missing value is null, its text beside it."""
    return _with_missing_values(raw, "raw_value")


def external_with_missing_values(raw: pa.Table) -> pa.Table:
    """Return a load in which a missing value is null, its text beside it."""
    return _with_missing_values(raw, "value_raw")


def complete_eia(frame: Frame) -> None:
    """Make ids canonical, work out what each period stands for, refuse what cannot be."""
    frame.default("data_column", "value")
    frame["series_id"], frame["dataset"], frame["facets"], frame["_stamp"] = frame.map_distinct(
        ("series_id", "dataset", "facets"), [_TEXT] * 4, _series
    )
    frame["frequency"], frame["period"], start, end = frame.map_distinct(
        ("frequency", "period", "_stamp"), (_TEXT, _TEXT, _INSTANT, _INSTANT), _period
    )
    del frame.columns["_stamp"]
    frame.agree("period_start", start)
    frame.agree("period_end", end)


def complete_external(frame: Frame) -> None:
    """Make the provider's name canonical."""
    frame["provider"] = pc.utf8_lower(frame["provider"])


def eia_series_id(route: str, facets: dict[str, str]) -> str:
    """Return the id of an EIA series: its route with dots, then its facets by name."""
    return ";".join(
        [route.strip("/").replace("/", "."), *(f"{k}={v}" for k, v in sorted(facets.items()))]
    )


def _with_missing_values(raw: pa.Table, text_name: str) -> pa.Table:
    names = raw.column_names
    origin = "value" if "value" in names else text_name
    if origin not in names:
        return raw
    value = _decoded(raw[origin])
    text = pc.cast(value, _TEXT)
    missing = pc.equal(pc.utf8_trim_whitespace(text), MISSING)
    kept = (
        pc.coalesce(pc.cast(_decoded(raw[text_name]), _TEXT), text) if text_name in names else text
    )
    rest = raw.drop_columns([name for name in ("value", text_name) if name in names])
    return rest.append_column("value", pc.if_else(missing, None, value)).append_column(
        text_name, kept
    )


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, column.type.value_type) if _is_encoded(column) else column


def _is_encoded(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _series(series_id: str, dataset: str, facets: str) -> tuple[str | None, ...]:
    """Return the canonical id, route and facets of a series, and how it stamps hours."""
    route = dataset.strip("/")
    named = _facets(facets)
    derived = eia_series_id(route, named) if route and named else None
    given = _sorted_id(series_id)
    if derived and ";" in given and given != derived:
        raise IdentityError("series_id does not agree with dataset and facets", name=series_id)
    stamp = hour_stamp_of(route or given.partition(";")[0].replace(".", "/"))
    text = json.dumps(named, sort_keys=True, separators=(",", ":")) if named else None
    return given or derived, route or None, text, stamp


def _sorted_id(series_id: str) -> str:
    route, *facets = (part.strip() for part in series_id.split(";"))
    if not facets:
        return route
    pairs = [facet.partition("=") for facet in facets]
    if not all(name and mark and value for name, mark, value in pairs):
        raise IdentityError(f"{series_id!r} has a facet that is not name=value", name=series_id)
    return eia_series_id(route, {name: value for name, _, value in pairs})


def _facets(text: str) -> dict[str, str]:
    found = json.loads(text) if text else {}
    if not isinstance(found, dict) or not all(isinstance(v, str | int) for v in found.values()):
        raise IdentityError("facets is not an object of names and values", name=text)
    if ";" in "".join(str(value) for value in found.values()):
        raise IdentityError("a facet's value holds a semicolon", name=text)
    return {name: str(value) for name, value in found.items()}


def _period(frequency: str, token: str, stamp: str) -> tuple[object, ...]:
    if not frequency or not token:
        return frequency or None, token or None, None, None
    name = canonical_frequency(frequency)
    period = period_of(token, name, cast("HourStamp", stamp or "end"))
    return name, period.token, period.start, period.end
