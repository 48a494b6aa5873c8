"""Writing: the port that ingestion teams import, and what a load tells when it ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

LoadStatus = Literal["committed", "unchanged", "dry-run"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was not loaded: the row as JSON text, and why."""

    row: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSummary:
    """What a load did: every row read is counted once."""

    dataset: str
    status: LoadStatus
    data_version: int | None
    read: int
    inserted: int
    corrected: int
    unchanged: int
    quarantined: int
    rejections: Sequence[Rejection] = ()  # the first ones; all are in `quarantine`


class DatasetWriter(Protocol):
    """Appends to one warehouse: all of a load or none of it, nothing when repeated.

    A batch carries the dataset's canonical columns (`aurum_dao.schemas`); derived ones may be
    absent. Rows that break a rule go to quarantine with the reason, the rest is loaded.
    """

    def load(
        self,
        dataset: str,
        batches: Iterable["pa.RecordBatch"],
        *,
        source: str,
        source_ref: str | None = None,
        content_hash: str | None = None,
        dry_run: bool = False,
    ) -> LoadSummary:
        """Load the batches as one load.

        Raises:
            LoadError: another load is open, the dataset is unknown, or columns are missing.
        """
        ...
