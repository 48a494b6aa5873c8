"""Reference rows that follow from facts: curves, sources and locations first seen in a load."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.market.keys import CurveIdentity, slug_of
from aurum_core.market.time import zone_of
from aurum_dao.schemas.arrow import arrow_schema_of
from aurum_dao.schemas.reference import CURVE, LOCATION, SOURCE
from aurum_dao.warehouse.validation.curves import DIMENSIONS
from aurum_dao.warehouse.validation.reference import DEFAULT_PRIORITY, SINCE_EVER

if TYPE_CHECKING:
    from aurum_dao.warehouse.validation import Checked

BLOCK_CALENDARS = MappingProxyType(
    {name: name for name in ("PJM", "NYISO", "ISONE", "MISO", "ERCOT", "SPP", "CAISO", "WECC")}
)
"""The calendar in which the blocks of an ISO are traded."""


def source_rows(table: pa.Table) -> pa.Table:
    """Return a row of `ref.source` per source of a load: shared, of default priority."""
    names = pc.unique(table["source"]).to_pylist()
    rows = [{"source": n, "priority": DEFAULT_PRIORITY, "tenant_id": None} for n in names]
    return pa.Table.from_pylist(rows, arrow_schema_of(SOURCE))


def location_rows(table: pa.Table) -> pa.Table:
    """Return a row of `ref.location` per location of a load, valid since ever."""
    rows = []
    for row in _first_rows(table, ("iso_code", "location_id")):
        iso = row["iso_code"]
        rows.append(
            {
                **{name: row[name] for name in ("location_id", "location_name", "location_type")},
                "iso_code": iso,
                "valid_from": SINCE_EVER,
                "timezone": zone_of(iso).key,
            }
        )
    return pa.Table.from_pylist(rows, arrow_schema_of(LOCATION))


def curve_rows(checked: "Checked", known: set[str]) -> pa.Table:
    """Return a row of `ref.curve` per curve of a load.

    What a batch does not say stays null, so that it replaces nothing; a curve that is not `known`
    gets the defaults: the ISO's block calendar, block hours where it has a block, else days.
    """
    extra = checked.extra
    table = checked.table
    if extra is not None:
        for name in extra.column_names:
            if name not in table.column_names:
                table = table.append_column(name, extra[name])
    rows = [_curve_row(row, known) for row in _first_rows(table, ("curve_key",))]
    return pa.Table.from_pylist(rows, _nullable(arrow_schema_of(CURVE)))


def with_weighting(table: pa.Table, known: set[str]) -> pa.Table:
    """Return rows of `ref.curve` with the default weighting where a curve is new and says none."""
    default = pc.if_else(pc.is_valid(table["block"]), "block_hours", "days")
    new = pc.invert(pc.is_in(table["curve_key"], value_set=pa.array(sorted(known), pa.string())))
    given = table["weighting"]
    filled = pc.if_else(pc.and_(new, pc.is_null(given)), default, given)
    return table.set_column(table.column_names.index("weighting"), "weighting", filled)


def _curve_row(row: Mapping[str, object], known: set[str]) -> dict[str, object]:
    identity = CurveIdentity(**{name: _text(row[name]) for name in DIMENSIONS})
    result = {c.name: row.get(c.name) for c in CURVE.columns}
    result["slug"] = slug_of(identity)
    if row["curve_key"] not in known:
        if identity.block is not None and identity.iso is not None:
            result["calendar"] = row.get("calendar") or BLOCK_CALENDARS.get(identity.iso)
        result["weighting"] = row.get("weighting") or ("block_hours" if identity.block else "days")
    return result


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _first_rows(table: pa.Table, key: Sequence[str]) -> list[dict[str, object]]:
    rows = pa.array(range(table.num_rows), pa.int64())
    numbered = table.select(list(key)).append_column("_row", rows)
    first = numbered.group_by(list(key), use_threads=False).aggregate([("_row", "min")])
    found: list[dict[str, object]] = table.take(first["_row_min"].combine_chunks()).to_pylist()
    return found


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])
