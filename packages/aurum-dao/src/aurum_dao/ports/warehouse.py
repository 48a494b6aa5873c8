"""The engine's port: statements in, tuples or Arrow out."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Parameter = object


@dataclass(frozen=True, slots=True)
class Statement:
    """Portable SQL with `?` markers and the values bound to them; `name` labels metrics.

    Only `aurum_dao.sql` builds one: text never carries a value. A runner that holds less than the
    load `least_version` catches up before it answers.
    """

    name: str
    text: str
    parameters: tuple[Parameter, ...] = ()
    least_version: int = 0


class DataClock(Protocol):
    """Knows how far the data goes."""

    def data_version(self) -> int:
        """Return the newest committed load this process knows of; never blocks."""
        ...


class StatementRunner(DataClock, Protocol):
    """Runs statements on one engine. Readers are written once over this.

    Raises UnavailableError, OverloadedError or DeadlineError; never a driver's own error.
    """

    async def fetch(self, statement: Statement) -> Sequence[tuple[object, ...]]:
        """Return every row. Instants are aware UTC datetimes, decimals are Decimal."""
        ...

    def stream(self, statement: Statement) -> AsyncIterator["pa.RecordBatch"]:
        """Stream the rows as Arrow batches; closing the iterator frees the engine."""
        ...
