"""The load ledger over SQLAlchemy Core, for the synchronous loader."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from aurum_core.errors import LoadError, StorageFullError, UnavailableError
from aurum_dao.operational.tables import load_ledger, quarantine
from aurum_dao.ports.ingestion import Rejection
from aurum_dao.ports.ledger import LoadCounts, LoadRecord

_TICK = timedelta(microseconds=1)
_CHUNK = 2_000


class SqlLoadLedger:
    """Implements `LoadLedger` on the tables `load_ledger` and `quarantine`."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def find_open(self) -> LoadRecord | None:
        """Return the open load, if any."""
        return self._first(select(load_ledger).where(load_ledger.c.state == "open"))

    def find_committed(
        self, dataset: str, source: str, content_hash: str | None
    ) -> LoadRecord | None:
        """Return the first committed load of this content, if any."""
        if content_hash is None:
            return None
        found = select(load_ledger).where(
            load_ledger.c.dataset == dataset,
            load_ledger.c.source == source,
            load_ledger.c.content_hash == content_hash,
            load_ledger.c.state == "committed",
        )
        return self._first(found.order_by(load_ledger.c.load_seq))

    def list_loads(self, dataset: str | None = None, *, limit: int = 50) -> Sequence[LoadRecord]:
        """Return loads, newest first."""
        found = select(load_ledger).order_by(load_ledger.c.load_seq.desc()).limit(limit)
        if dataset is not None:
            found = found.where(load_ledger.c.dataset == dataset)
        with self._transaction() as connection:
            return [_record_of(row) for row in connection.execute(found).mappings()]

    def list_rejections(self, load_seq: int, *, limit: int = 100) -> Sequence[Rejection]:
        """Return the refused rows of a load in the order of its file."""
        found = (
            select(quarantine.c.row, quarantine.c.reason)
            .where(quarantine.c.load_seq == load_seq)
            .order_by(quarantine.c.id)
            .limit(limit)
        )
        with self._transaction() as connection:
            return [Rejection(row, reason) for row, reason in connection.execute(found)]

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
        """Open the next load; see the port."""
        columns = load_ledger.c
        with self._transaction() as connection:
            newest, last = connection.execute(
                select(func.max(columns.load_seq), func.max(columns.started_at))
            ).one()
            record = LoadRecord(
                load_seq=max(newest or 0, floor) + 1,
                dataset=dataset,
                source=source,
                source_ref=source_ref,
                content_hash=content_hash,
                state="open",
                started_at=now if last is None else max(now, last + _TICK),
                ended_at=None,
                counts=LoadCounts(),
            )
            connection.execute(insert(load_ledger).values(_values_of(record)))
        return record

    def record(self, load_seq: int, counts: LoadCounts, rejections: Sequence[Rejection]) -> None:
        """Write the counts and the refused rows of the open load."""
        dataset = select(load_ledger.c.dataset).where(load_ledger.c.load_seq == load_seq)
        with self._transaction() as connection:
            name = connection.execute(dataset).scalar_one()
            connection.execute(
                update(load_ledger)
                .where(load_ledger.c.load_seq == load_seq)
                .values(_count_values(counts))
            )
            for start in range(0, len(rejections), _CHUNK):
                part = rejections[start : start + _CHUNK]
                connection.execute(insert(quarantine), [_refused(load_seq, name, r) for r in part])

    def commit(self, load_seq: int, now: datetime) -> None:
        """Close an open load as committed."""
        with self._transaction() as connection:
            _close(connection, load_seq, "committed", now)

    def abort(self, load_seq: int, now: datetime) -> None:
        """Close an open load as aborted and forget its refused rows."""
        with self._transaction() as connection:
            connection.execute(delete(quarantine).where(quarantine.c.load_seq == load_seq))
            _close(connection, load_seq, "aborted", now)

    def forget_after(self, load_seq: int, now: datetime) -> None:
        """Abort the committed loads above a number when one of them had rows."""
        columns = load_ledger.c
        lost = (columns.state == "committed") & (columns.load_seq > load_seq)
        rows = func.coalesce(func.sum(columns.rows_inserted + columns.rows_corrected), 0)
        with self._transaction() as connection:
            if connection.execute(select(rows).where(lost)).scalar_one() > 0:
                connection.execute(
                    update(load_ledger).where(lost).values(state="aborted", ended_at=now)
                )

    def _first(self, statement: Select[Any]) -> LoadRecord | None:
        with self._transaction() as connection:
            row = connection.execute(statement.limit(1)).mappings().first()
        return None if row is None else _record_of(row)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise LoadError("Another load is open in the load ledger.") from None
        except DBAPIError as error:
            if "full" in str(error.orig):
                raise StorageFullError("load ledger") from error
            raise UnavailableError("load ledger") from error


def _close(connection: Connection, load_seq: int, state: str, now: datetime) -> None:
    connection.execute(
        update(load_ledger)
        .where(load_ledger.c.load_seq == load_seq, load_ledger.c.state == "open")
        .values(state=state, ended_at=now)
    )


def _refused(load_seq: int, dataset: str, rejection: Rejection) -> dict[str, object]:
    return {
        "load_seq": load_seq,
        "dataset": dataset,
        "row": rejection.row,
        "reason": rejection.reason,
    }


def _count_values(counts: LoadCounts) -> dict[str, int]:
    return {
        "rows_read": counts.read,
        "rows_inserted": counts.inserted,
        "rows_corrected": counts.corrected,
        "rows_unchanged": counts.unchanged,
        "rows_quarantined": counts.quarantined,
    }


def _values_of(record: LoadRecord) -> dict[str, object]:
    return {
        "load_seq": record.load_seq,
        "dataset": record.dataset,
        "source": record.source,
        "source_ref": record.source_ref,
        "content_hash": record.content_hash,
        "state": record.state,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
    }


def _record_of(row: RowMapping) -> LoadRecord:
    return LoadRecord(
        load_seq=row["load_seq"],
        dataset=row["dataset"],
        source=row["source"],
        source_ref=row["source_ref"],
        content_hash=row["content_hash"],
        state=row["state"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        counts=LoadCounts(
            read=row["rows_read"],
            inserted=row["rows_inserted"],
            corrected=row["rows_corrected"],
            unchanged=row["rows_unchanged"],
            quarantined=row["rows_quarantined"],
        ),
    )
