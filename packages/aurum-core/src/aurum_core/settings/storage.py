"""Which engine holds what; chosen once, never swapped while running."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from aurum_core.settings.base import AnyCase, Section


class StorageSettings(Section):
    """The engines, and the embedded ones' directory and sizes."""

    warehouse: Annotated[Literal["duckdb", "trino"], AnyCase] = Field(
        "duckdb", description="Engine of market and reference data."
    )
    operational: Annotated[Literal["sqlite", "postgres"], AnyCase] = Field(
        "sqlite", description="Engine of scenarios, runs, contracts, keys, flags and audit."
    )
    cache: Annotated[Literal["memory", "redis"], AnyCase] = Field(
        "memory", description="Shared cache and rate limiter; memory is per process."
    )
    data_dir: Path = Field(
        Path("aurum-data"), description="Directory of the embedded engines' files."
    )
    duckdb_memory_limit: str = Field(
        "1GB",
        pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$",
        description="Memory of DuckDB, as DuckDB spells it.",
    )
    duckdb_threads: int = Field(1, ge=1, le=256, description="Threads of one DuckDB query.")
    duckdb_workers: int | None = Field(
        None, ge=1, le=256, description="DuckDB queries at a time; unset means one per core."
    )
    snapshot_poll_seconds: float = Field(
        1.0, gt=0, le=3_600, description="How often to look for a newer snapshot."
    )
    demo: bool = Field(False, description="Fill the embedded warehouse with synthetic rows.")
