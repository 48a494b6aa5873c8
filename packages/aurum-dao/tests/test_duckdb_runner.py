"""The embedded engine under pressure: deadlines, cancels, swaps, and what it refuses."""

import asyncio
import time
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from aurum_core.deadline import Deadline, deadline_scope
from aurum_core.errors import AurumError, DeadlineError, OverloadedError, UnavailableError
from aurum_core.telemetry import NullMeter
from aurum_dao.ports.warehouse import Statement
from aurum_dao.testing.facts import SOURCES, price

pytest.importorskip("duckdb", reason="the embedded warehouse is aurum-dao[duckdb]")

from aurum_dao.adapters.duckdb.runner import open_duckdb_runner

SLOW = Statement(
    "slow", "SELECT count(*) FROM range(100000) a, range(1000000) b WHERE a.range > b.range"
)
COUNT = "SELECT count(*), max(data_version) FROM iceberg.market.lmp WHERE data_version <= ?"
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)


def prices(version, count=10):
    rows = [price(NOON + timedelta(hours=n + count * version), n) for n in range(count)]
    return {
        "market.lmp": [row | {"data_version": version} for row in rows],
        "ref.source": SOURCES,
    }


def run(scenario, directory, **options):
    async def main():
        async with open_duckdb_runner(directory, poll_seconds=60, **options) as runner:
            await scenario(runner)

    asyncio.run(main())


async def idle(runner, seconds=2.0):
    """Wait until no thread is taken any more, by what is awaited or abandoned."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        threads = runner._threads
        if threads.pages.busy == threads.exports.busy == 0:
            return True
        await asyncio.sleep(0.005)
    return False


async def value(runner, text, *parameters):
    return (await runner.fetch(Statement("test", text, parameters)))[0][0]


def test_the_deadline_interrupts_the_query(tmp_path):
    async def scenario(runner):
        begun = time.monotonic()
        with deadline_scope(Deadline.after(0.1)), pytest.raises(DeadlineError):
            await runner.fetch(SLOW)
        assert time.monotonic() - begun < 1
        assert await idle(runner)
        assert await value(runner, "SELECT 1") == 1

    run(scenario, tmp_path, workers=1)


def test_cancelling_frees_the_worker(tmp_path):
    async def scenario(runner):
        task = asyncio.create_task(runner.fetch(SLOW))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await idle(runner)
        assert await value(runner, "SELECT 1") == 1

    run(scenario, tmp_path, workers=1)


def test_cancelling_before_the_thread_began_is_not_lost(tmp_path):
    async def scenario(runner):
        for _ in range(20):
            task = asyncio.create_task(runner.fetch(SLOW))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert await idle(runner)

    run(scenario, tmp_path, workers=1)


def test_more_than_it_can_take_is_shed(tmp_path):
    async def scenario(runner):
        slow = [asyncio.create_task(runner.fetch(SLOW)) for _ in range(2)]
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        with pytest.raises(OverloadedError):
            await value(runner, "SELECT 1")
        assert 0.2 < time.monotonic() - begun < 1
        for task in slow:
            task.cancel()
        await asyncio.wait(slow)

    run(scenario, tmp_path, workers=2, queue_seconds=0.25)


def test_concurrent_queries_never_mix_rows(tmp_path):
    text = "SELECT ? AS mine, sum(range) FROM range(?)"

    async def scenario(runner):
        async def ask(n):
            for _ in range(10):
                rows = await runner.fetch(Statement("mine", text, (n, 1000 + n)))
                assert rows == [(n, (1000 + n) * (999 + n) // 2)]

        await asyncio.gather(*(ask(n) for n in range(40)))

    run(scenario, tmp_path, workers=4)


def test_a_snapshot_is_swapped_under_load_and_no_pin_reads_below_itself(tmp_path, add_snapshot):
    add_snapshot(tmp_path, prices(1), 1)

    async def scenario(runner):
        stop = asyncio.Event()
        seen = set()

        async def read():
            while not stop.is_set():
                pinned = runner.data_version()
                rows = await runner.fetch(Statement("count", COUNT, (pinned,), pinned))
                assert rows == [(10 * pinned, pinned)]
                seen.add(pinned)

        readers = [asyncio.create_task(read()) for _ in range(4)]
        for version in range(2, 9):
            await asyncio.to_thread(add_snapshot, tmp_path, prices(version), version)
            await runner.refresh()
            assert runner.data_version() == version
            await asyncio.sleep(0.02)
        stop.set()
        await asyncio.gather(*readers)
        assert max(seen) == 8

    run(scenario, tmp_path)


def test_a_statement_brings_the_runner_up_to_the_load_it_needs(tmp_path, add_snapshot):
    add_snapshot(tmp_path, prices(1), 1)

    async def scenario(runner):
        await asyncio.to_thread(add_snapshot, tmp_path, prices(2), 2)
        assert runner.data_version() == 1
        assert await runner.fetch(Statement("count", COUNT, (2,), 2)) == [(20, 2)]
        assert runner.data_version() == 2
        with pytest.raises(UnavailableError, match="does not hold that load"):
            await runner.fetch(Statement("count", COUNT, (3,), 3))

    run(scenario, tmp_path)


def test_a_new_load_is_found_by_polling(tmp_path, add_snapshot):
    async def main():
        async with open_duckdb_runner(tmp_path, poll_seconds=0.02) as runner:
            assert runner.data_version() == 0
            assert await value(runner, "SELECT count(*) FROM iceberg.market.lmp") == 0
            await asyncio.to_thread(add_snapshot, tmp_path, prices(1), 1)
            for _ in range(200):
                if runner.data_version() == 1:
                    break
                await asyncio.sleep(0.01)
            assert await value(runner, "SELECT count(*) FROM iceberg.market.lmp") == 10

    asyncio.run(main())


def test_a_pointer_to_nowhere_leaves_what_is_attached(tmp_path, add_snapshot):
    add_snapshot(tmp_path, prices(1), 1)

    async def scenario(runner):
        for broken in ('{"snapshot": "warehouse-9.duckdb", "load_seq": 9}', "no pointer"):
            (tmp_path / "CURRENT").write_text(broken)
            with pytest.raises(UnavailableError):
                await runner.refresh()
            assert await runner.fetch(Statement("count", COUNT, (1,))) == [(10, 1)]
        (tmp_path / "CURRENT").write_text('{"snapshot": "warehouse-0.duckdb", "load_seq": 0}')
        assert await runner.refresh() == 1  # an older load is never gone back to

    run(scenario, tmp_path)


def _break_pointer(directory):
    (directory / "CURRENT").write_text("no pointer")


def _remove_pointer(directory):
    (directory / "CURRENT").unlink()


def _remove_snapshot(directory):
    (directory / "warehouse-2.duckdb").unlink()


def _spoil_snapshot(directory):
    (directory / "warehouse-2.duckdb").write_bytes(b"no database" * 1_000)


@pytest.mark.parametrize(
    ("spoil", "file", "cause"),
    [
        (_break_pointer, "CURRENT", "not a pointer"),
        (_remove_pointer, "CURRENT", "has gone"),
        (_remove_snapshot, "warehouse-2.duckdb", "does not exist"),
        (_spoil_snapshot, "warehouse-2.duckdb", "not a valid DuckDB"),
    ],
)
def test_a_warehouse_that_cannot_be_followed_is_said_once(
    tmp_path, add_snapshot, caplog, spoil, file, cause
):
    """To who runs it, with path and cause; to clients nothing of the machine."""
    caplog.set_level("INFO", logger="aurum_dao.adapters.duckdb")
    add_snapshot(tmp_path, prices(1), 1)

    async def scenario(runner):
        assert runner.last_failure is None
        await asyncio.to_thread(add_snapshot, tmp_path, prices(2), 2)
        pointer = (tmp_path / "CURRENT").read_bytes()
        whole = (tmp_path / "warehouse-2.duckdb").read_bytes()
        spoil(tmp_path)
        for _ in range(3):
            with pytest.raises(UnavailableError) as raised:
                await runner.refresh()
            assert str(raised.value) == "The warehouse cannot answer now."
        assert await runner.fetch(Statement("count", COUNT, (1,))) == [(10, 1)]
        assert str(tmp_path / file) in runner.last_failure
        assert cause in runner.last_failure
        (error,) = [r for r in caplog.records if r.levelname == "ERROR"]
        assert runner.last_failure in error.getMessage()
        (tmp_path / "warehouse-2.duckdb").write_bytes(whole)
        (tmp_path / "CURRENT").write_bytes(pointer)
        assert await runner.refresh() == 2
        assert runner.last_failure is None
        await runner.refresh()

    run(scenario, tmp_path)
    said = [r.getMessage() for r in caplog.records if r.levelname == "INFO"]
    assert ["data_version 1" in said[0], "data_version 2" in said[1], len(said)] == [True, True, 2]


def test_a_lost_pointer_is_counted_while_polling(tmp_path, add_snapshot):
    counted = []

    class Counter(NullMeter):
        def count(self, name, *args, **labels):
            counted.append(name)

    async def main():
        meter = Counter()
        async with open_duckdb_runner(tmp_path, poll_seconds=0.01, meter=meter) as runner:
            await asyncio.sleep(0.1)
            assert not counted  # nothing was ever loaded: that is no failure
            await asyncio.to_thread(add_snapshot, tmp_path, prices(1), 1)
            await runner.refresh()
            (tmp_path / "CURRENT").unlink()
            for _ in range(200):
                if counted:
                    break
                await asyncio.sleep(0.01)
        assert set(counted) == {"aurum_warehouse_refresh_failures_total"}

    asyncio.run(main())


def test_a_stream_goes_on_with_the_snapshot_it_began_with(tmp_path, add_snapshot):
    add_snapshot(tmp_path, prices(1, count=200_000), 1)

    async def scenario(runner):
        text = "SELECT data_version FROM iceberg.market.lmp ORDER BY interval_start"
        versions, rows = set(), 0
        async with aclosing(runner.stream(Statement("all", text))) as stream:
            async for batch in stream:
                if not rows:
                    await asyncio.to_thread(add_snapshot, tmp_path, prices(2), 2)
                    assert await runner.refresh() == 2
                rows += batch.num_rows
                versions.update(batch["data_version"].unique().to_pylist())
        assert (rows, versions) == (200_000, {1})

    run(scenario, tmp_path)


@pytest.mark.parametrize("way", ["close", "cancel"])
def test_leaving_a_stream_frees_the_engine(tmp_path, way):
    endless = Statement("endless", "SELECT a.range FROM range(1000000) a, range(1000000) b")

    async def scenario(runner):
        stream = runner.stream(endless)
        await anext(stream)
        if way == "close":
            await stream.aclose()
        else:
            waiting = asyncio.create_task(_drain(stream))
            await asyncio.sleep(0.05)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert await idle(runner)
        assert runner._streams == 0
        assert [b async for b in runner.stream(Statement("one", "SELECT 1 AS one"))]

    run(scenario, tmp_path, workers=1)


async def _drain(stream):
    async with aclosing(stream):
        async for _ in stream:
            await asyncio.sleep(0)


def test_the_deadline_of_a_stream_ends_with_its_first_batch(tmp_path):
    async def scenario(runner):
        text = "SELECT range FROM range(400000)"
        with deadline_scope(Deadline.after(1)):
            rows, batches = 0, runner.stream(Statement("range", text))
            async for batch in batches:
                rows += batch.num_rows
                if rows <= 65_536:
                    await asyncio.sleep(1.1)
        assert rows == 400_000
        with deadline_scope(Deadline.after(0.1)), pytest.raises(DeadlineError):
            await anext(runner.stream(SLOW))
        assert await idle(runner)

    run(scenario, tmp_path)


def test_exports_and_pages_do_not_wait_for_each_other(tmp_path):
    async def scenario(runner):
        pull = asyncio.create_task(anext(runner.stream(SLOW)))
        await asyncio.sleep(0.05)
        assert await value(runner, "SELECT 1") == 1
        pull.cancel()
        await asyncio.wait([pull])

    run(scenario, tmp_path, workers=1)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('../../../etc/passwd')",
        "ATTACH '/tmp/elsewhere.duckdb' AS other",
        "COPY (SELECT 1) TO '/tmp/aurum-stolen.csv'",
        "SET threads = 8",
        "SET GLOBAL enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
        "INSERT INTO iceberg.ref.source VALUES ('x', 1, NULL)",
        "DROP TABLE iceberg.ref.source",
    ],
)
def test_the_engine_is_locked_down(tmp_path, add_snapshot, text):
    add_snapshot(tmp_path, prices(1), 1)

    async def scenario(runner):
        with pytest.raises(AurumError):
            await runner.fetch(Statement("hostile", text))
        assert await value(runner, "SELECT count(*) FROM iceberg.ref.source") == 3

    run(scenario, tmp_path)


def test_it_counts_and_reads_time_as_the_other_engine_does(tmp_path):
    async def scenario(runner):
        assert await value(runner, "SELECT 7 / 2") == 3
        assert await value(runner, "SELECT to_unixtime(?)", NOON) == NOON.timestamp()
        assert await value(runner, "SELECT day_of_week(CAST(? AS date))", NOON.date()) == 2
        wall = "SELECT CAST(at_timezone(?, ?) AS timestamp)"
        assert (await value(runner, wall, NOON, "America/New_York")).hour == 12
        assert await value(runner, "SELECT date_trunc('hour', ?)", NOON) == NOON
        zoned = await value(runner, "SELECT CAST(? AS timestamptz)", NOON)
        assert zoned == NOON
        assert zoned.utcoffset() == timedelta(0)
        assert await value(runner, "SELECT CAST(1.5 AS decimal(18,6))") == Decimal("1.5")

    run(scenario, tmp_path)


@pytest.mark.parametrize("text", ["SELECT 1 / 0", "SELECT nothing", "SELEC", "SELECT 'x'::integer"])
def test_a_fault_of_ours_is_no_drivers_error(tmp_path, text):
    async def scenario(runner):
        with pytest.raises(AurumError) as caught:
            await value(runner, text)
        assert caught.value.status == 500
        assert caught.value.detail == "Internal error"

    run(scenario, tmp_path)


def test_more_memory_than_allowed_is_overload(tmp_path):
    text = (
        "SELECT max(s) FROM (SELECT string_agg(CAST(range AS varchar), ',') s FROM range(40000000))"
    )

    async def scenario(runner):
        with pytest.raises(OverloadedError):
            await value(runner, text)
        assert await value(runner, "SELECT 1") == 1

    run(scenario, tmp_path, memory_limit="32MB")


class Counting:
    """A meter that remembers."""

    def __init__(self):
        self.seen = []

    def count(self, name, amount=1, **labels):
        self.seen.append((name, labels))

    def observe(self, name, seconds, **labels):
        self.seen.append((name, labels))


def test_statements_are_measured_by_name_and_outcome(tmp_path):
    meter = Counting()

    async def scenario(runner):
        await value(runner, "SELECT 1")
        with pytest.raises(AurumError):
            await value(runner, "SELEC")
        with deadline_scope(Deadline.after(0.05)), pytest.raises(DeadlineError):
            await runner.fetch(SLOW)

    run(scenario, tmp_path, meter=meter)
    found = [(labels["statement"], labels["outcome"]) for _, labels in meter.seen]
    assert found == [("test", "ok"), ("test", "error"), ("slow", "deadline")]


def test_nothing_of_ours_blocks_the_loop(tmp_path, add_snapshot):
    blockbuster = pytest.importorskip("blockbuster", reason="it sees blocking calls")
    add_snapshot(tmp_path, prices(1, count=70_000), 1)

    @asynccontextmanager
    async def guarded():
        with blockbuster.blockbuster_ctx("aurum_dao"):
            yield

    async def main():
        async with guarded(), open_duckdb_runner(tmp_path, poll_seconds=0.01) as runner:
            await asyncio.gather(*(value(runner, "SELECT 1") for _ in range(20)))
            text = "SELECT * FROM iceberg.market.lmp ORDER BY interval_start"
            assert sum([b.num_rows async for b in runner.stream(Statement("all", text))]) == 70_000
            await runner.refresh()
            await asyncio.sleep(0.05)

    asyncio.run(main())
