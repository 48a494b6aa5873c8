"""The load ledger: which loads there were, which one is open, and which rows they refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from aurum_dao.ports.ingestion import Rejection

LoadState = Literal["open", "committed", "aborted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCounts:
    """Rows of one load; `read` is the sum of the others."""

    read: int = 0
    inserted: int = 0
    corrected: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRecord:
    """One load of the ledger. `started_at` is the `ingested_at` of its rows."""

    load_seq: int
    dataset: str
    source: str
    source_ref: str | None
    content_hash: str | None
    state: LoadState
    started_at: datetime
    ended_at: datetime | None
    counts: LoadCounts


class LoadLedger(Protocol):
    """Numbers loads from 1 without a gap that could be taken twice; at most one is open."""

    def find_open(self) -> LoadRecord | None:
        """Return the load that has begun and not ended, if any."""
        ...

    def find_committed(
        self, dataset: str, source: str, content_hash: str | None
    ) -> LoadRecord | None:
        """Return the first committed load of this content, if any; None knows no content."""
        ...

    def list_loads(self, dataset: str | None = None, *, limit: int = 50) -> Sequence[LoadRecord]:
        """Return loads, newest first."""
        ...

    def list_rejections(self, load_seq: int, *, limit: int = 100) -> Sequence[Rejection]:
        """Return the refused rows of a load in the order of its file."""
        ...

    def begin(
        self,
        dataset: str,
        *,
        source: str,
        source_ref: str | None,
        content_hash: str | None,
        now: datetime,
        floor: int = 0,
    ) -> LoadRecord:
        """Open the next load: its number is above every earlier one and above `floor`.

        `started_at` is `now`, or just after the newest load where the clock has gone back.

        Raises:
            LoadError: another load is open.
        """
        ...

    def record(self, load_seq: int, counts: LoadCounts, rejections: Sequence[Rejection]) -> None:
        """Write down, before the commit point, what the open load does and what it refused."""
        ...

    def commit(self, load_seq: int, now: datetime) -> None:
        """Close an open load: its rows are there for every reader."""
        ...

    def abort(self, load_seq: int, now: datetime) -> None:
        """Close an open load: nothing of it is there, its refused rows are forgotten."""
        ...

    def forget_after(self, load_seq: int, now: datetime) -> None:
        """Abort the committed loads above a number when one of them had rows.

        The store is at `load_seq` and holds none of them: it was deleted or brought back from a
        copy, and their files may be loaded again.
        """
        ...
