"""The formats by the names that `aurum load` uses.

A dataset's or a reference table's own name reads canonical files; the others are publishers'.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from aurum_core.errors import LoadError
from aurum_dao.loaders.alfred import read_alfred
from aurum_dao.loaders.canonical import read_canonical
from aurum_dao.loaders.eia_daily import read_eia_daily
from aurum_dao.loaders.elektra import read_elektra
from aurum_dao.loaders.ercot_dam_spp import read_ercot_dam_spp
from aurum_dao.loaders.expiries import read_expiries
from aurum_dao.loaders.nymex_settlements import expiry_path, read_nymex_settlements
from aurum_dao.loaders.options import ReadOptions
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.reference import CONTRACT_EXPIRY, REFERENCE_TABLES

Reader = Callable[[Path, ReadOptions], Iterator[pa.RecordBatch]]


def _no_companions(path: Path, options: ReadOptions) -> tuple[Path, ...]:
    del path, options
    return ()


def _expiry_companion(path: Path, options: ReadOptions) -> tuple[Path, ...]:
    return (expiry_path(path, options),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format: what it fills, who publishes it, and how it is read.

    `companions` are other files that the rows depend on.
    """

    name: str
    dataset: str
    description: str
    read: Reader
    source: str | None = None
    companions: Callable[[Path, ReadOptions], tuple[Path, ...]] = _no_companions


def _canonical(name: str, description: str) -> Format:
    text = f"{description} (CSV, Parquet, Arrow)"
    own = name.replace("_", "-")
    return Format(name=own, dataset=name, description=text, read=read_canonical)


def _all() -> tuple[Format, ...]:
    facts = (_canonical(d.name, d.description) for d in DATASETS.values())
    references = (
        _canonical(t.name, t.description) for t in REFERENCE_TABLES.values() if t != CONTRACT_EXPIRY
    )
    return (
        *facts,
        *references,
        Format(
            name="contract-expiry",
            dataset="contract-expiry",
            description="Listed contracts: canonical, or the expiry table of the R package RTL",
            read=read_expiries,
        ),
        Format(
            name="ercot-dam-spp",
            dataset="lmp",
            description="ERCOT day-ahead settlement point prices, yearly workbook (report 13060)",
            read=read_ercot_dam_spp,
            source="ercot",
        ),
        Format(
            name="nymex-settlements",
            dataset="curves",
            description="NYMEX settlements by constant position, with an expiry table",
            read=read_nymex_settlements,
            source="nymex",
            companions=_expiry_companion,
        ),
        Format(
            name="elektra",
            dataset="lmp",
            description="Hourly day-ahead prices as elektra's JSON, ordinal hours",
            read=read_elektra,
            source="elektra",
        ),
        Format(
            name="eia-daily",
            dataset="eia",
            description="One EIA series, daily or monthly: a date or month and its price (CSV)",
            read=read_eia_daily,
            source="eia",
        ),
        Format(
            name="alfred",
            dataset="external",
            description="Observations of one FRED or ALFRED series as the API's JSON",
            read=read_alfred,
            source="fred",
        ),
    )


FORMATS: Mapping[str, Format] = MappingProxyType({f.name: f for f in _all()})


def find_format(name: str) -> Format:
    """Return a format by name.

    Raises:
        LoadError: there is none; the message lists them.
    """
    found = FORMATS.get(name.replace("_", "-"))
    if found is None:
        raise LoadError(f"There is no format {name!r}; there are: {', '.join(sorted(FORMATS))}.")
    return found
