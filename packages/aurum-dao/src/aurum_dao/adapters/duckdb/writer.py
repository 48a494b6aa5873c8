"""The writer of the embedded warehouse: one load is one new snapshot, or nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aurum_core.clock import Clock, SystemClock
from aurum_core.errors import LoadError
from aurum_dao.adapters.duckdb import snapshots
from aurum_dao.adapters.duckdb.cloning import clone_file
from aurum_dao.adapters.duckdb.load_errors import storage_errors
from aurum_dao.adapters.duckdb.sink import open_sink
from aurum_dao.adapters.duckdb.snapshots import Current
from aurum_dao.ports.ingestion import LoadStatus, LoadSummary, Rejection
from aurum_dao.ports.ledger import LoadCounts, LoadLedger, LoadRecord
from aurum_dao.warehouse.loading import (
    Added,
    Target,
    find_target,
    known_summary,
    summary_of,
    table_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from aurum_dao.warehouse.validation import Checked

RECENT_LOADS = 100_000
"""How far back the newest load of a content is looked for."""


class DuckDbWriter:
    """Implements `DatasetWriter` on a directory of snapshots; see `snapshots` for its layout.

    The ledger says which loads there were; CURRENT decides whether the last one happened. A load
    is held in memory once as Arrow; `memory_limit` bounds the engine beside it.
    """

    def __init__(
        self,
        directory: Path,
        ledger: LoadLedger,
        *,
        clock: Clock | None = None,
        memory_limit: str = "1GB",
    ) -> None:
        self._directory = directory
        self._ledger = ledger
        self._clock = clock or SystemClock()
        self._memory_limit = memory_limit

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
        """Load the batches as one load; `dataset` may also name a reference table.

        Raises:
            LoadError: another load is open, the dataset is unknown, or columns are missing.
            StorageFullError: the disk is full; nothing was loaded.
        """
        target = find_target(dataset)
        with storage_errors(self._directory), snapshots.loader_lock(self._directory):
            current = self._settle()
            prior = self._ledger.find_committed(target.name, source, content_hash)
            if prior is not None and prior.counts.quarantined == 0:
                return known_summary(prior, current.load_seq if current else None)
            if prior is not None and not dry_run:
                batches = list(batches)
                said = self._find_said(target, batches, prior, source_ref, current)
                if said is not None:
                    return said
            load = self._begin(target, source, source_ref, content_hash, current, dry_run=dry_run)
            with self._closing(load, dry_run=dry_run):
                published_at = prior.started_at if prior is not None else None
                return self._write(
                    target, batches, load, current, published_at=published_at, dry_run=dry_run
                )

    def settle(self) -> Current | None:
        """Close a load that died, delete what it left, and return what is current."""
        with storage_errors(self._directory), snapshots.loader_lock(self._directory):
            return self._settle()

    def _settle(self) -> Current | None:
        current = snapshots.read_current(self._directory)
        newest = current.load_seq if current else 0
        dead, now = self._ledger.find_open(), self._clock.now()
        if dead is not None:
            close = self._ledger.commit if dead.load_seq == newest else self._ledger.abort
            close(dead.load_seq, now)
        self._ledger.forget_after(newest, now)
        snapshots.remove_orphans(self._directory, current)
        return current

    def _find_said(
        self,
        target: Target,
        batches: Iterable["pa.RecordBatch"],
        prior: LoadRecord,
        source_ref: str | None,
        current: Current | None,
    ) -> LoadSummary | None:
        """Try a file again that had rows refused; None where it adds some, or others are refused.

        So a file that says what it said before leaves no load behind, and none of its rows twice.
        """
        load = self._begin(
            target, prior.source, source_ref, prior.content_hash, current, dry_run=True
        )
        path = snapshots.snapshot_path(self._directory, load.load_seq)
        with self._closing(load, dry_run=True):
            checked, added = self._fill(
                path, target, batches, load, current, published_at=prior.started_at
            )
            snapshots.discard(path)
        if added.anything or self._refused_last(prior) != checked.rejections:
            return None
        version = current.load_seq if current else None
        return summary_of(load, "unchanged", added.counts(checked), checked.rejections, version)

    def _refused_last(self, prior: LoadRecord) -> list[Rejection]:
        """Return what the newest load of a content refused."""
        content = ("committed", prior.source, prior.content_hash)
        loads = self._ledger.list_loads(prior.dataset, limit=RECENT_LOADS)
        same = (one for one in loads if (one.state, one.source, one.content_hash) == content)
        newest = next(same, prior)
        limit = newest.counts.quarantined + 1
        return list(self._ledger.list_rejections(newest.load_seq, limit=limit))

    def _begin(
        self,
        target: Target,
        source: str,
        source_ref: str | None,
        content_hash: str | None,
        current: Current | None,
        *,
        dry_run: bool,
    ) -> LoadRecord:
        floor = current.load_seq if current else 0
        if not dry_run:
            return self._ledger.begin(
                target.name,
                source=source,
                source_ref=source_ref,
                content_hash=content_hash,
                now=self._clock.now(),
                floor=floor,
            )
        return LoadRecord(
            load_seq=floor + 1,
            dataset=target.name,
            source=source,
            source_ref=source_ref,
            content_hash=content_hash,
            state="open",
            started_at=self._clock.now(),
            ended_at=None,
            counts=LoadCounts(),
        )

    @contextmanager
    def _closing(self, load: LoadRecord, *, dry_run: bool) -> Iterator[None]:
        """Take back what a failed load left; a load that CURRENT names has happened."""
        try:
            yield
        except BaseException:
            current = snapshots.read_current(self._directory)
            if current is None or current.load_seq != load.load_seq:
                snapshots.discard(snapshots.snapshot_path(self._directory, load.load_seq))
                if not dry_run:
                    self._ledger.abort(load.load_seq, self._clock.now())
            raise

    def _write(
        self,
        target: Target,
        batches: Iterable["pa.RecordBatch"],
        load: LoadRecord,
        current: Current | None,
        *,
        published_at: datetime | None,
        dry_run: bool,
    ) -> LoadSummary:
        path = snapshots.snapshot_path(self._directory, load.load_seq)
        checked, added = self._fill(
            path, target, batches, load, current, published_at=published_at, keep=not dry_run
        )
        counts = added.counts(checked)
        if dry_run or not added.anything:
            snapshots.discard(path)
        if dry_run:
            return summary_of(load, "dry-run", counts, checked.rejections, None)
        self._ledger.record(load.load_seq, counts, checked.rejections)
        if added.anything:
            self._publish(path, load)
        self._ledger.commit(load.load_seq, self._clock.now())
        status: LoadStatus = "committed" if added.anything else "unchanged"
        version = load.load_seq if added.anything else (current.load_seq if current else None)
        return summary_of(load, status, counts, checked.rejections, version)

    def _fill(
        self,
        path: Path,
        target: Target,
        batches: Iterable["pa.RecordBatch"],
        load: LoadRecord,
        current: Current | None,
        *,
        published_at: datetime | None,
        keep: bool = False,
    ) -> tuple["Checked", Added]:
        """Write the next snapshot's file; one that is kept is brought to its final form."""
        if current is not None:
            self._clone(current, path)
        with open_sink(path, memory_limit=self._memory_limit) as sink:
            checked = target.check(table_of(batches), load, published_at, sink)
            added = target.write(sink, checked, load.load_seq)
            if added.anything and keep:
                sink.checkpoint()
        return checked, added

    def _clone(self, current: Current, path: Path) -> None:
        source = current.path(self._directory)
        try:
            clone_file(source, path)
        except FileNotFoundError:
            raise LoadError(
                f"{self._directory / snapshots.POINTER} names {current.snapshot}, and there is no "
                f"{source}: bring it back, or delete {snapshots.POINTER} to begin an empty "
                "warehouse."
            ) from None

    def _publish(self, path: Path, load: LoadRecord) -> None:
        snapshots.seal(path)
        current = Current(path.name, load.load_seq, load.started_at.isoformat())
        snapshots.publish(self._directory, current)
        snapshots.remove_superseded(self._directory)
