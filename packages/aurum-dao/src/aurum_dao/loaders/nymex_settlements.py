"""Settlements of NYMEX futures by constant position: 1 is the contract that expires next.

Columns `asof_date`, `root`, `contract_index`, `price`, and where the file has them
`contract_month`, `currency`, `per_unit`. The position's contract follows from the expiry table: it
is listed up to and including its last trade day. Months of a strip weigh equally, as lots do.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.errors import LoadError
from aurum_dao.loaders.canonical import read_canonical
from aurum_dao.loaders.expiries import Expiries, expiries_by_root
from aurum_dao.loaders.options import ReadOptions
from aurum_dao.loaders.schedules import settlement_published
from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.warehouse.validation.casting import cast_column

EXPIRY_FILE = "expiry_table.csv"
NEEDED = ("asof_date", "root", "contract_index", "price")


@dataclass(frozen=True, slots=True)
class Product:
    """The curve of one root."""

    asset_class: str
    location: str
    currency: str
    per_unit: str


PRODUCTS: Mapping[str, Product] = MappingProxyType(
    {
        "NG": Product("gas", "Henry Hub", "USD", "MMBtu"),
        "CL": Product("oil", "Cushing", "USD", "bbl"),
        "HO": Product("oil", "New York Harbor", "USD", "gal"),
        "RB": Product("oil", "New York Harbor", "USD", "gal"),
    }
)


def read_nymex_settlements(path: Path, options: ReadOptions) -> Iterator[pa.RecordBatch]:
    """Yield the settlements as curve observations.

    Raises:
        LoadError: the file or the expiry table cannot be read, or columns are missing.
    """
    expiries = expiries_by_root(expiry_path(path, options))
    for batch in read_canonical(path, options):
        missing = [name for name in NEEDED if name not in batch.schema.names]
        if missing:
            raise LoadError(f"{path.name} has no column {', '.join(missing)}.")
        yield _observations(batch, expiries)


def expiry_path(path: Path, options: ReadOptions) -> Path:
    """Return the expiry table that a file is read with: the one named, else the one beside it.

    Raises:
        LoadError: there is none.
    """
    expiry = options.expiry or path.with_name(EXPIRY_FILE)
    if not expiry.exists():
        raise LoadError(f"nymex-settlements needs an expiry table: there is no {expiry}.")
    return expiry


def contract_month_of(root: str, asof: date, position: int, expiries: Expiries) -> date | None:
    """Return the contract month of a position on a trade day, None beyond the table."""
    listed = expiries.get(root, ())
    index = bisect_left(listed, (asof, date.min)) + position - 1
    return listed[index][1] if position >= 1 and index < len(listed) else None


def _observations(batch: pa.RecordBatch, expiries: Expiries) -> pa.RecordBatch:
    asof, _ = cast_column(batch["asof_date"], CURVES.column("asof_date"))
    root = pc.utf8_upper(pc.cast(batch["root"], pa.string()))
    month, published = _by_position(asof, root, batch["contract_index"], expiries)
    start = _months(batch["contract_month"]) if "contract_month" in batch.schema.names else month
    count = batch.num_rows
    columns: dict[str, pa.Array] = {
        "asof_date": asof,
        "tenor_type": _same("MONTHLY", count),
        "delivery_start": start,
        "contract_month": pc.coalesce(month, start),
        "price_type": _same("SETTLE", count),
        "value": batch["price"],
        "region": _same("US", count),
        "market": _same("NYMEX", count),
        "product": root,
        "root": root,
        "trading_calendar": _same("NYMEX", count),
        "weighting": _same("none", count),
        "published_at": published,
        "published_at_estimated": _same(True, count),
        "contract_index": batch["contract_index"],
    }
    for name in ("asset_class", "location", "currency", "per_unit"):
        own = batch[name] if name in batch.schema.names else None
        derived = _of_product(root, name)
        columns[name] = derived if own is None else pc.coalesce(pc.cast(own, pa.string()), derived)
    return pa.RecordBatch.from_pydict(columns)


def _by_position(
    asof: pa.Array, root: pa.Array, position: pa.Array, expiries: Expiries
) -> tuple[pa.Array, pa.Array]:
    parts = (pc.cast(array, pa.string()) for array in (root, asof, position))
    joined = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
    encoded = pc.dictionary_encode(joined)
    pairs = [_resolved(text, expiries) for text in encoded.dictionary.to_pylist()]
    months = pa.array([month for month, _ in pairs], pa.date32())
    published = pa.array([known for _, known in pairs], pa.timestamp("us", tz="UTC"))
    return pc.take(months, encoded.indices), pc.take(published, encoded.indices)


def _resolved(text: str, expiries: Expiries) -> tuple[date | None, object]:
    root, asof, position = text.split("|")
    if not root or not asof:
        return None, None
    day = date.fromisoformat(asof)
    month = contract_month_of(root, day, int(position), expiries) if position.isdigit() else None
    return month, settlement_published(day)


def _months(array: pa.Array) -> pa.Array:
    """Return `2018-02` as its first day; full dates stay."""
    array = pc.cast(array, pa.string())
    short = pc.equal(pc.utf8_length(array), 7)
    dates = pc.if_else(short, pc.binary_join_element_wise(array, "01", "-"), array)
    return cast_column(dates, CURVES.column("contract_month"))[0]


def _of_product(root: pa.Array, name: str) -> pa.Array:
    encoded = pc.dictionary_encode(root)
    products = [PRODUCTS.get(code) for code in encoded.dictionary.to_pylist()]
    values = [getattr(product, name) if product else None for product in products]
    return pc.take(pa.array(values, pa.string()), encoded.indices)


def _same(value: object, count: int) -> pa.Array:
    return pa.array([value] * count)
