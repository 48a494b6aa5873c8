"""The engine that serves: in memory, locked down, the snapshot attached read-only beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aurum_dao.adapters.duckdb.ddl import create_statements
from aurum_dao.sql.builder import CATALOGUE

if TYPE_CHECKING:
    import duckdb

MACROS = (
    "CREATE MACRO at_timezone(ts, zone) AS timezone(zone, ts)",
    "CREATE MACRO to_unixtime(ts) AS epoch(ts)",
    "CREATE MACRO day_of_week(day) AS isodow(day)",
)
"""What Trino has and DuckDB calls otherwise; found as long as nobody says USE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What one engine may use: threads per query and memory for all of them."""

    threads: int = 1
    memory_limit: str = "1GB"


def open_engine(
    directory: Path, private: Path, options: EngineOptions
) -> "duckdb.DuckDBPyConnection":
    """Return an engine that reads files of two directories and no other; blocks for moments.

    `private` is this engine's own: it spills there, and an empty warehouse is read from there until
    the first load. (In memory it would be writable, and that cannot be swapped for a snapshot.)
    """
    import duckdb

    # Deciding by name whether a function needs an extension would ask the network.
    engine = duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
    )
    for statement in _settings(directory, private, options):
        engine.execute(statement)
    return engine


def attach_empty(connection: "duckdb.DuckDBPyConnection", private: Path) -> None:
    """Put an empty warehouse under the catalogue's name."""
    import duckdb

    path = private / "empty.duckdb"
    with duckdb.connect(str(path)) as empty:
        for statement in create_statements():
            empty.execute(statement)
    attach_snapshot(connection, path)


def attach_snapshot(connection: "duckdb.DuckDBPyConnection", path: Path) -> None:
    """Put a snapshot under the catalogue's name; running cursors go on with what they had."""
    connection.execute(f"ATTACH OR REPLACE {_text(path)} AS {CATALOGUE} (READ_ONLY)")


def _settings(directory: Path, private: Path, options: EngineOptions) -> tuple[str, ...]:
    readable = ", ".join(_text(path.resolve()) for path in (directory, private))
    return (
        "SET GLOBAL TimeZone = 'UTC'",  # by SQL: as a connect option it needs an extension
        "SET GLOBAL integer_division = true",
        "SET GLOBAL ieee_floating_point_ops = false",
        f"SET GLOBAL threads = {options.threads:d}",
        f"SET GLOBAL memory_limit = {_text(options.memory_limit)}",
        f"SET GLOBAL temp_directory = {_text(private / 'spill')}",
        *MACROS,
        # In this order: the lock is last, and nothing outside the directories opens after it.
        f"SET GLOBAL allowed_directories = [{readable}]",
        "SET GLOBAL enable_external_access = false",
        "SET GLOBAL lock_configuration = true",
    )


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
