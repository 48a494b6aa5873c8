"""One load, checked: the rows to stage and the rows refused."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.errors import LoadError
from aurum_dao.ports.ingestion import Rejection
from aurum_dao.schemas.arrow import arrow_type_of
from aurum_dao.schemas.dataset import ColumnSpec, Dataset, required
from aurum_dao.schemas.reference import CURVE, ReferenceTable
from aurum_dao.warehouse.merge import stage_columns
from aurum_dao.warehouse.validation.casting import cast_column
from aurum_dao.warehouse.validation.curves import UnitAliases
from aurum_dao.warehouse.validation.duplicates import ROW, find_duplicates
from aurum_dao.warehouse.validation.frame import Frame
from aurum_dao.warehouse.validation.reference import (
    DEFAULTED_LATER,
    OPTIONAL,
    complete_reference,
)
from aurum_dao.warehouse.validation.rules import RULES

CURVE_ATTRIBUTES = tuple(
    c
    for c in CURVE.columns
    if c.name
    in {
        "calendar",
        "trading_calendar",
        "root",
        "weighting",
        "settle_iso",
        "settle_location_id",
        "settle_market",
    }
)
"""Columns of `ref.curve` that a batch of curves may carry beside the dataset's own."""

CONFLICT = "conflicting duplicates: other rows of the load say something else of the same fact"


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows to stage, in canonical columns; rows refused; how many rows were read.

    `extra` holds, row for row, the columns beyond the dataset's own.
    """

    table: pa.Table
    rejections: Sequence[Rejection]
    read: int
    extra: pa.Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every row of a load gets unless it brings its own."""

    source: str
    source_ref: str | None
    ingested_at: datetime
    published_at: datetime | None = None  # an estimate, for a file that was loaded before


def check_dataset(
    dataset: Dataset, raw: pa.Table, stamp: Stamp, aliases: UnitAliases | None = None
) -> Checked:
    """Check a load of a fact.

    Raises:
        LoadError: columns are missing.
    """
    _require_columns(dataset, raw)
    extra = CURVE_ATTRIBUTES if dataset.name == "curves" else ()
    rules = RULES[dataset.name]
    frame = _cast(rules.prepare(raw), (*stage_columns(dataset), *extra))
    _stamp(frame, stamp)
    rules.complete(frame, aliases or {})
    frame.require(sorted(required(dataset.columns), key=lambda name: name in rules.optional))
    names = [c.name for c in stage_columns(dataset)]
    beside = [c.name for c in extra]
    table = pa.table({name: frame[name] for name in (*names, *beside)})
    kept = _settle_duplicates(dataset, frame, table)
    staged = table if kept is None else table.filter(kept)
    return Checked(
        staged.select(names),
        _rejections(raw, frame.reasons),
        raw.num_rows,
        staged.select(beside) if beside else None,
    )


def check_reference(reference: ReferenceTable, raw: pa.Table) -> Checked:
    """Check a load of a reference table: the last row of a key counts.

    Raises:
        LoadError: columns are missing.
    """
    needed = set(required(reference.columns)) - OPTIONAL.get(reference.name, frozenset())
    if missing := sorted(needed - set(raw.column_names)):
        raise LoadError(f"{reference.name} needs the columns: {', '.join(missing)}.")
    frame = _cast(raw, reference.columns)
    complete_reference(reference, frame)
    frame.require([n for n in required(reference.columns) if n not in DEFAULTED_LATER])
    table = pa.table({c.name: frame[c.name] for c in reference.columns})
    refused = _rejections(raw, frame.reasons)
    if frame.reasons is not None:
        table = table.filter(pc.is_null(frame.reasons))
    return Checked(_last_of_key(table, reference.key), refused, raw.num_rows)


def _require_columns(dataset: Dataset, raw: pa.Table) -> None:
    needed = set(required(dataset.columns)) - RULES[dataset.name].optional
    given = set(raw.column_names) | {"source"}
    if "contract_month" in given:
        given.add("delivery_start")
    if missing := sorted(needed - given):
        raise LoadError(f"{dataset.name} needs the columns: {', '.join(missing)}.")


def _cast(raw: pa.Table, columns: Sequence[ColumnSpec]) -> Frame:
    frame = Frame(raw.num_rows)
    for column in columns:
        if column.name not in raw.column_names:
            frame[column.name] = pa.nulls(raw.num_rows, arrow_type_of(column))
            continue
        array, unreadable = cast_column(_whole(raw[column.name]), column)
        frame[column.name] = array
        if unreadable is not None:
            frame.refuse(unreadable, f"{column.name} cannot be read as {column.kind}")
    return frame


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        raise LoadError("The load is too large for one piece: split it.")
    return whole


def _stamp(frame: Frame, stamp: Stamp) -> None:
    frame["ingested_at"] = pa.nulls(frame.count, frame["ingested_at"].type)
    frame.default("ingested_at", stamp.ingested_at)
    if stamp.published_at is not None:
        estimated = pc.is_null(frame["published_at"])
        frame["published_at_estimated"] = pc.or_kleene(frame["published_at_estimated"], estimated)
        frame.default("published_at", stamp.published_at)
    frame.default("published_at_estimated", value=False)
    frame.default("withdrawn", value=False)
    frame.default("version", 1)
    frame.default("source", stamp.source)
    if stamp.source_ref is not None:
        frame.default("source_ref", stamp.source_ref)


def _settle_duplicates(dataset: Dataset, frame: Frame, table: pa.Table) -> pa.Array | None:
    """Refuse conflicting rows; return a mask of the rows to stage, None where all are."""
    rows = pa.array(range(frame.count), pa.int64())
    sound = table.append_column(ROW, rows)
    if frame.reasons is not None:
        sound = sound.filter(pc.is_null(frame.reasons))
    repeated, conflicting = find_duplicates(sound, dataset.key, (*dataset.business, "withdrawn"))
    if conflicting is not None:
        frame.refuse(pc.is_in(rows, value_set=conflicting), CONFLICT)
    kept = None if frame.reasons is None else pc.is_null(frame.reasons)
    if repeated is not None:
        first = pc.invert(pc.is_in(rows, value_set=repeated))
        kept = first if kept is None else pc.and_(kept, first)
    return kept


def _rejections(raw: pa.Table, reasons: pa.Array | None) -> list[Rejection]:
    if reasons is None:
        return []
    refused = pc.is_valid(reasons)
    rows = raw.filter(refused).to_pylist()
    texts = reasons.filter(refused).to_pylist()
    return [
        Rejection(json.dumps(row, default=str), text) for row, text in zip(rows, texts, strict=True)
    ]


def _last_of_key(table: pa.Table, key: Sequence[str]) -> pa.Table:
    rows = pa.array(range(table.num_rows), pa.int64())
    numbered = table.select(list(key)).append_column(ROW, rows)
    last = numbered.group_by(list(key), use_threads=False).aggregate([(ROW, "max")])
    return table.take(last[f"{ROW}_max"].combine_chunks())
