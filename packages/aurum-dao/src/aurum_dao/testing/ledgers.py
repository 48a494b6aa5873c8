"""What every load ledger must do: subclass `LedgerBehaviour` and say how to open one.

```
class TestSqliteLedger(LedgerBehaviour):
    @pytest.fixture
    def opens(self, tmp_path):  # opens the same empty ledger again and again; can be pickled
        return partial(open_load_ledger, tmp_path / "operational.db")
```
"""

# ruff: noqa: D102, S101 - the name of a case says what holds; a suite asserts

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from aurum_core.errors import LoadError
from aurum_dao.ports.ingestion import Rejection
from aurum_dao.ports.ledger import LoadCounts, LoadLedger, LoadRecord

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue
    from multiprocessing.synchronize import Barrier

    Results = SimpleQueue[int]

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
RACERS = 2
ROUNDS = 10
PATIENCE_SECONDS = 60.0


class StoredLedger(LoadLedger, Protocol):
    """A ledger in a database, which also shows the rows it was told were refused."""

    def list_rejections(self, load_seq: int, *, limit: int = 100) -> Sequence[Rejection]:
        """Return the refused rows of a load in the order of its file."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


Opens = Callable[[], StoredLedger]


def begin(
    ledger: StoredLedger, now: datetime = NOW, floor: int = 0, content_hash: str = "h"
) -> LoadRecord:
    """Open the next load of a dataset."""
    return ledger.begin(
        "lmp", source="pjm", source_ref="f.csv", content_hash=content_hash, now=now, floor=floor
    )


def race(opens: Opens, barrier: "Barrier", results: "Results", name: str) -> None:
    """Begin a load at the same moment as the other racer, round by round; count the won ones."""
    ledger, won = opens(), 0
    for number in range(ROUNDS):
        barrier.wait(PATIENCE_SECONDS)
        try:
            mine: LoadRecord | None = begin(ledger, content_hash=f"{name}-{number}")
        except LoadError:
            mine = None
        barrier.wait(PATIENCE_SECONDS)
        if mine is not None:
            won += 1
            ledger.commit(mine.load_seq, NOW)
    ledger.close()
    results.put(won)


class LedgerBehaviour:
    """Numbers, states, refused rows, and one open load at a time."""

    @pytest.fixture
    def opens(self) -> Opens:
        """Return what opens the same empty ledger every time; it can be pickled."""
        raise NotImplementedError

    @pytest.fixture
    def ledger(self, opens: Opens) -> Iterator[StoredLedger]:
        """Return an empty ledger."""
        ledger = opens()
        yield ledger
        ledger.close()

    def test_numbers_rise_and_skip_what_the_store_has(self, ledger: StoredLedger) -> None:
        assert begin(ledger).load_seq == 1
        ledger.commit(1, NOW)
        assert begin(ledger, floor=8).load_seq == 9
        ledger.abort(9, NOW)
        assert begin(ledger).load_seq == 10

    def test_second_open_load_is_refused(self, ledger: StoredLedger) -> None:
        begin(ledger)
        with pytest.raises(LoadError):
            begin(ledger)
        found = ledger.find_open()
        assert found is not None
        assert found.load_seq == 1

    def test_another_process_sees_the_open_load(self, ledger: StoredLedger, opens: Opens) -> None:
        mine, other = begin(ledger), opens()
        try:
            assert other.find_open() == mine
            with pytest.raises(LoadError):
                begin(other)
        finally:
            other.close()

    def test_of_two_processes_at_once_one_opens_a_load(
        self, ledger: StoredLedger, opens: Opens
    ) -> None:
        spawning = multiprocessing.get_context("spawn")
        barrier, results = spawning.Barrier(RACERS), spawning.SimpleQueue()
        racers = [
            spawning.Process(target=race, args=(opens, barrier, results, f"racer-{number}"))
            for number in range(RACERS)
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join(PATIENCE_SECONDS)
        assert [racer.exitcode for racer in racers] == [0] * RACERS
        assert sum(results.get() for _ in racers) == ROUNDS
        loads = ledger.list_loads()
        assert [load.load_seq for load in loads] == list(range(ROUNDS, 0, -1))
        assert {load.state for load in loads} == {"committed"}

    def test_start_never_goes_back(self, ledger: StoredLedger) -> None:
        begin(ledger)
        ledger.commit(1, NOW)
        assert begin(ledger, now=NOW - timedelta(hours=1)).started_at > NOW

    def test_committed_content_is_found_by_dataset_source_and_hash(
        self, ledger: StoredLedger
    ) -> None:
        begin(ledger)
        assert ledger.find_committed("lmp", "pjm", "h") is None
        ledger.record(1, LoadCounts(read=3, inserted=2, quarantined=1), [Rejection("{}", "why")])
        ledger.commit(1, NOW)
        found = ledger.find_committed("lmp", "pjm", "h")
        assert found is not None
        assert (found.counts.inserted, found.started_at, found.source_ref) == (2, NOW, "f.csv")
        assert ledger.find_committed("lmp", "miso", "h") is None
        assert ledger.find_committed("eia", "pjm", "h") is None
        assert ledger.find_committed("lmp", "pjm", None) is None
        assert ledger.list_rejections(1) == [Rejection("{}", "why")]

    def test_instants_come_back_in_utc(self, ledger: StoredLedger) -> None:
        begin(ledger)
        ledger.commit(1, NOW + timedelta(microseconds=1))
        load = ledger.list_loads()[0]
        assert load.ended_at == NOW + timedelta(microseconds=1)
        assert (load.started_at.tzinfo, load.ended_at.tzinfo) == (UTC, UTC)

    def test_loads_are_listed_newest_first_by_dataset(self, ledger: StoredLedger) -> None:
        for name in ("lmp", "curves", "lmp"):
            load = ledger.begin(name, source="s", source_ref=None, content_hash=None, now=NOW)
            ledger.commit(load.load_seq, NOW)
        assert [load.load_seq for load in ledger.list_loads("lmp")] == [3, 1]
        assert [load.load_seq for load in ledger.list_loads(limit=2)] == [3, 2]

    def test_aborted_load_forgets_its_refused_rows(self, ledger: StoredLedger) -> None:
        begin(ledger)
        ledger.record(1, LoadCounts(read=1, quarantined=1), [Rejection("{}", "why")])
        ledger.abort(1, NOW)
        assert ledger.list_rejections(1) == []
        assert ledger.list_loads()[0].state == "aborted"

    def test_closed_load_stays_closed(self, ledger: StoredLedger) -> None:
        begin(ledger)
        ledger.commit(1, NOW)
        ledger.abort(1, NOW)
        assert ledger.list_loads()[0].state == "committed"

    def test_many_refused_rows_are_kept_in_order(self, ledger: StoredLedger) -> None:
        begin(ledger)
        rows = [Rejection(f'{{"n": {n}, "text": "é \\u0000 \'"}}', "why") for n in range(4_500)]
        ledger.record(1, LoadCounts(read=4_500, quarantined=4_500), rows)
        assert ledger.list_rejections(1, limit=5_000) == rows

    def test_loads_the_store_does_not_hold_are_forgotten(self, ledger: StoredLedger) -> None:
        for n in range(1, 4):
            begin(ledger, content_hash=str(n))
            ledger.record(n, LoadCounts(read=1, inserted=1), ())
            ledger.commit(n, NOW)
        ledger.forget_after(2, NOW)
        states = {load.load_seq: load.state for load in ledger.list_loads()}
        assert states == {1: "committed", 2: "committed", 3: "aborted"}

    def test_loads_that_added_nothing_are_not_taken_for_lost(self, ledger: StoredLedger) -> None:
        for n, inserted in ((1, 1), (2, 0)):
            begin(ledger, content_hash=str(n))
            ledger.record(n, LoadCounts(read=1, inserted=inserted, unchanged=1 - inserted), ())
            ledger.commit(n, NOW)
        ledger.forget_after(1, NOW)
        assert {load.state for load in ledger.list_loads()} == {"committed"}
