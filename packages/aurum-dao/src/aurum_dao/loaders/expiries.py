"""Tables of listed contracts: canonical ones, and the expiry table of the R package RTL."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.errors import LoadError
from aurum_dao.loaders.canonical import read_canonical
from aurum_dao.loaders.options import ReadOptions
from aurum_dao.schemas.reference import CONTRACT_EXPIRY
from aurum_dao.warehouse.validation.casting import cast_column

RTL_COLUMNS = ("tick.prefix", "Last.Trade", "First.Delivery", "Last.Delivery", "Year", "Month")

Expiries = Mapping[str, tuple[tuple[date, date], ...]]
"""Root → (last trade, contract month), by last trade."""


def read_expiries(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `ref.contract_expiry` of a file.

    Raises:
        LoadError: the file cannot be read.
    """
    for batch in read_canonical(path, options):
        yield _from_rtl(batch) if set(RTL_COLUMNS) <= set(batch.schema.names) else batch


def expiries_by_root(path: Path) -> Expiries:
    """Return the listed contracts of a file by root.

    Raises:
        LoadError: the file cannot be read, or is not a table of contracts.
    """
    table = pa.Table.from_batches(list(read_expiries(path, ReadOptions())))
    if not {"root", "contract_month", "last_trade"} <= set(table.column_names):
        raise LoadError(f"{path.name} is not a table of contract expiries.")
    found: dict[str, dict[date, date]] = {}
    days = (_days(table["contract_month"]), _days(table["last_trade"]))
    for root, month, last in zip(table["root"].to_pylist(), *days, strict=True):
        if root and month and last:
            found.setdefault(root, {})[month] = last
    return {root: tuple(sorted((t, m) for m, t in rows.items())) for root, rows in found.items()}


def _days(column: pa.ChunkedArray) -> list[date | None]:
    array, _ = cast_column(column.combine_chunks(), CONTRACT_EXPIRY.columns[1])
    days: list[date | None] = array.to_pylist()
    return days


def _from_rtl(batch: pa.RecordBatch) -> pa.RecordBatch:
    year, month = (_whole_text(batch[name]) for name in ("Year", "Month"))
    first = pc.binary_join_element_wise(year, pc.utf8_lpad(month, 2, "0"), "01", "-")
    return pa.RecordBatch.from_pydict(
        {
            "root": batch["tick.prefix"],
            "contract_month": first,
            "last_trade": batch["Last.Trade"],
            "first_delivery": batch["First.Delivery"],
            "last_delivery": batch["Last.Delivery"],
        }
    )


def _whole_text(array: pa.Array) -> pa.Array:
    """Return `2003.0` as `2003`."""
    return pc.replace_substring_regex(pc.cast(array, pa.string()), r"\.0*$", "")
