"""The tenant transaction and row-level security behind it: the second wall holds by itself."""

import asyncio
import os
import random
import signal
import time
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import text

from aurum_core.auth import TenantId
from aurum_core.deadline import Deadline, deadline_scope
from aurum_core.errors import DeadlineError, OverloadedError, UnavailableError
from aurum_dao.adapters.postgres.engine import open_owner_engine
from aurum_dao.adapters.postgres.errors import OperationalFaultError
from aurum_dao.adapters.postgres.roles import grant_to_app
from aurum_dao.adapters.postgres.tenants import open_tenants
from aurum_dao.migrations.tenancy import disable_rls, enable_rls, find_rls_faults

pytestmark = pytest.mark.integration
ACME, OTHER = TenantId("acme"), TenantId("other")
ALL = text("SELECT tenant_id FROM note ORDER BY id")  # no filter: what a forgotten WHERE would do
ADD = text("INSERT INTO note (tenant_id, body) VALUES (:tenant, 'x')")


def make_table(database):
    engine = open_owner_engine(database.settings())
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE note (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                " tenant_id text NOT NULL, body text)"
            )
        )
        enable_rls(connection, "note")
        grant_to_app(connection)
    engine.dispose()


@pytest.fixture(scope="module")
def tenant_database(worker_database):
    """The worker's database with a table of tenants, for this module only."""
    make_table(worker_database)
    yield worker_database
    worker_database.run("DROP TABLE note")


@pytest.fixture
def database(tenant_database):
    tenant_database.run(
        "TRUNCATE note", "INSERT INTO note (tenant_id) VALUES ('acme'), ('other'), ('other')"
    )
    return tenant_database


@asynccontextmanager
async def warm_tenants(database, **changes):
    async with open_tenants(database.settings(**changes)) as tenants:
        async with tenants.tenant_tx(ACME) as tx:
            await tx.execute(text("SELECT 1"))
        yield tenants


def tenants_seen(database, tenant):
    async def run():
        async with open_tenants(database.settings()) as tenants, tenants.tenant_tx(tenant) as tx:
            return list((await tx.execute(ALL)).scalars())

    return asyncio.run(run())


def running_statements(database, needle):
    """Backends busy with a statement that holds the needle; only a superuser sees its text."""
    wanted = "SELECT pid FROM pg_stat_activity WHERE query LIKE %s AND state = 'active'"
    with psycopg.connect(database.server.address(database.name)) as connection:
        found = connection.execute(f"{wanted} AND pid <> pg_backend_pid()", [f"%{needle}%"])
        return [pid for (pid,) in found]


def test_a_statement_without_a_filter_sees_one_tenant(database):
    assert tenants_seen(database, ACME) == ["acme"]
    assert tenants_seen(database, OTHER) == ["other", "other"]
    assert tenants_seen(database, TenantId("nobody")) == []


def test_rows_are_committed_and_an_error_takes_them_back(database):
    async def run():
        async with open_tenants(database.settings()) as tenants:
            async with tenants.tenant_tx(ACME) as tx:
                await tx.execute(ADD, {"tenant": "acme"})

            async def fails():
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(ADD, {"tenant": "acme"})
                    raise RuntimeError

            with pytest.raises(RuntimeError):
                await fails()

    asyncio.run(run())
    assert tenants_seen(database, ACME) == ["acme", "acme"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO note (tenant_id) VALUES ('other')",
        "UPDATE note SET tenant_id = 'other'",
    ],
)
def test_a_row_cannot_be_written_for_another_tenant(database, statement):
    async def run():
        async with open_tenants(database.settings()) as tenants:
            with pytest.raises(OperationalFaultError):
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text(statement))

    asyncio.run(run())
    assert tenants_seen(database, OTHER) == ["other", "other"]


def test_another_tenants_rows_cannot_be_changed_or_removed(database):
    async def run():
        async with open_tenants(database.settings()) as tenants, tenants.tenant_tx(ACME) as tx:
            changed = await tx.execute(text("UPDATE note SET body = 'y' WHERE tenant_id = 'other'"))
            removed = await tx.execute(text("DELETE FROM note WHERE tenant_id = 'other'"))
            assert (changed.rowcount, removed.rowcount) == (0, 0)

    asyncio.run(run())


def test_without_a_tenant_there_are_no_rows_for_the_owner_either(database):
    engine = open_owner_engine(database.settings())
    with engine.begin() as connection:
        assert list(connection.execute(ALL)) == []
    with pytest.raises(OperationalFaultError), engine.begin() as connection:
        connection.execute(ADD, {"tenant": ""})
    engine.dispose()


@pytest.mark.parametrize("tenant", ["", "Acme", "a' OR '1'='1", "a" * 64, "acme\n"])
def test_what_is_no_tenant_is_refused(database, tenant):
    with pytest.raises(ValueError, match="tenant"):
        tenants_seen(database, TenantId(tenant))


def test_a_pooled_connection_keeps_no_tenant(database):
    """After success, an error, a cancelled task: the next user of the connection has no tenant."""

    async def left_over(tenants):
        async with tenants._engine.connect() as connection:
            setting = text("SELECT current_setting('aurum.tenant', true)")
            timeout = text("SELECT current_setting('statement_timeout')")
            rows = (await connection.execute(ALL)).all()
            return (
                (await connection.execute(setting)).scalar_one() or None,
                (await connection.execute(timeout)).scalar_one(),
                rows,
            )

    async def run():
        clean = (None, "10s", [])
        async with open_tenants(database.settings(pool_size=1)) as tenants:
            async with tenants.tenant_tx(ACME) as tx:
                await tx.execute(ALL)
            assert await left_over(tenants) == clean
            with pytest.raises(OperationalFaultError):
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text("SELECT 1/0"))
            assert await left_over(tenants) == clean
            with pytest.raises(OperationalFaultError):  # the setting is '' now, and no tenant
                async with tenants._engine.begin() as connection:
                    await connection.execute(ADD, {"tenant": ""})

            async def sleeps():
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text("SELECT pg_sleep(30)"))

            task = asyncio.create_task(sleeps())
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait(set(tenants._closing), timeout=5)
            assert await left_over(tenants) == clean

    asyncio.run(run())


def test_tenants_side_by_side_never_mix(database):
    async def run():
        async with open_tenants(database.settings(pool_size=4)) as tenants:
            waiting = asyncio.Semaphore(4)

            async def look(tenant):
                async with waiting, tenants.tenant_tx(tenant) as tx:
                    await asyncio.sleep(0)
                    return tenant, set((await tx.execute(ALL)).scalars())

            for tenant, seen in await asyncio.gather(
                *(look(tenant) for _ in range(40) for tenant in (ACME, OTHER))
            ):
                assert seen == {tenant}

    asyncio.run(run())


def test_a_cancelled_task_frees_the_server(database):
    async def run():
        async with warm_tenants(database) as tenants:

            async def sleeps():
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text("SELECT pg_sleep(30), 'cancelled-one'"))

            task = asyncio.create_task(sleeps())
            await asyncio.sleep(0.3)
            assert await asyncio.to_thread(running_statements, database, "cancelled-one")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.3)
            assert not await asyncio.to_thread(running_statements, database, "cancelled-one")

    asyncio.run(run())


def test_the_deadline_ends_a_statement_here_and_on_the_server(database):
    async def run():
        async with warm_tenants(database) as tenants:
            start = time.monotonic()

            async def sleeps():
                with deadline_scope(Deadline.after(0.4)):
                    async with tenants.tenant_tx(ACME) as tx:
                        await tx.execute(text("SELECT pg_sleep(30), 'late-one'"))

            task = asyncio.create_task(sleeps())
            await asyncio.sleep(0.2)
            assert await asyncio.to_thread(running_statements, database, "late-one")
            with pytest.raises(DeadlineError):
                await task
            assert time.monotonic() - start < 0.9
            await asyncio.sleep(0.3)
            assert not await asyncio.to_thread(running_statements, database, "late-one")
            async with tenants.tenant_tx(ACME) as tx:
                assert (await tx.execute(ALL)).scalars().all() == ["acme"]

    asyncio.run(run())


def test_a_passed_deadline_starts_nothing(database):
    async def run():
        async with warm_tenants(database) as tenants:
            with deadline_scope(Deadline.after(0)), pytest.raises(DeadlineError):
                async with tenants.tenant_tx(ACME):
                    pytest.fail("it began")

    asyncio.run(run())


def test_a_silent_server_keeps_nobody_waiting(database, postgres_server):
    """A stopped backend answers neither the statement nor its cancel request."""
    if postgres_server.process is None:
        pytest.skip("the server's processes are not ours")

    async def run():
        async with warm_tenants(database) as tenants:
            async with tenants.tenant_tx(ACME) as tx:
                pid = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            os.kill(pid, signal.SIGSTOP)
            try:
                start = time.monotonic()
                with deadline_scope(Deadline.after(0.5)), pytest.raises(DeadlineError):
                    async with tenants.tenant_tx(ACME) as tx:
                        await tx.execute(ALL)
                assert time.monotonic() - start < 1.0
                async with tenants.tenant_tx(OTHER) as tx:  # others go on meanwhile
                    assert len((await tx.execute(ALL)).all()) == 2
            finally:
                os.kill(pid, signal.SIGCONT)

    asyncio.run(run())


def test_killed_idle_connections_fail_no_request(database):
    async def run():
        async with open_tenants(database.settings(pool_size=3)) as tenants:

            async def look():
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text("SELECT pg_sleep(0.05)"))
                    return (await tx.execute(ALL)).scalars().all()

            await asyncio.gather(*(look() for _ in range(3)))
            await asyncio.to_thread(
                database.run,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'aurum_app' AND datname = current_database()",
            )
            assert await asyncio.gather(*(look() for _ in range(3))) == [["acme"]] * 3

    asyncio.run(run())


def test_a_connection_killed_in_use_is_unavailable_and_writes_nothing(database):
    async def run():
        async with open_tenants(database.settings()) as tenants:

            async def loses_its_connection():
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(ADD, {"tenant": "acme"})
                    pid = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                    await asyncio.to_thread(database.run, f"SELECT pg_terminate_backend({pid})")
                    await tx.execute(ALL)

            with pytest.raises(UnavailableError) as caught:
                await loses_its_connection()
            assert caught.value.dependency == "operational store"

    asyncio.run(run())
    assert tenants_seen(database, ACME) == ["acme"]


def test_a_full_pool_refuses_soon_and_recovers(database):
    async def run():
        async with open_tenants(database.settings(pool_size=1)) as tenants:
            async with tenants.tenant_tx(ACME):
                start = time.monotonic()
                with pytest.raises(OverloadedError):
                    async with tenants.tenant_tx(OTHER):
                        pytest.fail("there was a second connection")
                assert time.monotonic() - start < 1.0
            async with tenants.tenant_tx(OTHER) as tx:
                assert len((await tx.execute(ALL)).all()) == 2

    asyncio.run(run())


def test_who_would_wait_behind_too_many_is_refused_at_once(database):
    async def run():
        settings = database.settings(pool_size=1, max_waiting=1)
        async with open_tenants(settings) as tenants:

            async def takes(seconds):
                start = time.monotonic()
                try:
                    async with tenants.tenant_tx(ACME):
                        await asyncio.sleep(seconds)
                except OverloadedError:
                    return "refused", time.monotonic() - start
                return "served", time.monotonic() - start

            await takes(0)
            answers = await asyncio.gather(takes(0.1), takes(0), takes(0))
            assert [kind for kind, _ in answers] == ["served", "served", "refused"]
            assert answers[2][1] < 0.1

    asyncio.run(run())


def test_cancelled_uses_give_every_connection_back(database):
    async def run():
        drawn = random.Random(7)
        async with open_tenants(database.settings(pool_size=2)) as tenants:

            async def look():
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text("SELECT pg_sleep(0.005)"))
                    return (await tx.execute(ALL)).scalars().all()

            for _ in range(150):
                task = asyncio.create_task(look())
                await asyncio.sleep(drawn.uniform(0, 0.012))
                task.cancel()
                await asyncio.wait({task})
            await asyncio.wait(set(tenants._closing) or {task}, timeout=5)
            assert await asyncio.gather(look(), look()) == [["acme"]] * 2
            assert tenants._engine.pool.checkedout() == 0

    asyncio.run(run())


def test_a_lock_is_not_waited_for_longer_than_the_setting(database):
    async def run():
        settings = database.settings(lock_timeout_seconds=0.2)
        async with open_tenants(settings) as tenants, tenants.tenant_tx(ACME) as first:
            await first.execute(text("UPDATE note SET body = 'first'"))
            with pytest.raises(OverloadedError):
                async with tenants.tenant_tx(ACME) as second:
                    await second.execute(text("UPDATE note SET body = 'second'"))

    asyncio.run(run())


def test_the_servers_own_limit_is_a_deadline(database):
    async def run():
        async with open_tenants(database.settings(statement_timeout_seconds=0.2)) as tenants:
            with pytest.raises(DeadlineError):
                async with tenants.tenant_tx(ACME) as tx:
                    await tx.execute(text("SELECT pg_sleep(30)"))

    asyncio.run(run())


def test_connections_carry_the_settings(database):
    names = {
        "statement_timeout": "7s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "20s",
        "TimeZone": "UTC",
        "application_name": "aurum",
    }
    changes = {
        "statement_timeout_seconds": 7,
        "lock_timeout_seconds": 3,
        "idle_in_transaction_timeout_seconds": 20,
    }

    async def run():
        settings = database.settings(**changes)
        async with open_tenants(settings) as tenants, tenants.tenant_tx(ACME) as tx:
            shown = text(
                "SELECT name, current_setting(name) AS setting FROM unnest(CAST(:names AS text[])) AS n (name)"
            )
            found = await tx.execute(shown, {"names": list(names)})
            assert {row.name: row.setting for row in found} == names

    asyncio.run(run())


def test_every_tenant_table_has_its_wall(database):
    engine = open_owner_engine(database.settings())
    with engine.connect() as connection:
        assert find_rls_faults(connection) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("weaken", "found"),
    [
        ("ALTER TABLE note DISABLE ROW LEVEL SECURITY", "not enabled"),
        ("ALTER TABLE note NO FORCE ROW LEVEL SECURITY", "FORCE"),
        ("DROP POLICY tenant ON note", "no policy"),
        ("ALTER TABLE note ALTER tenant_id DROP NOT NULL", "null"),
        ("CREATE POLICY open ON note USING (true)", "USING or WITH CHECK"),
        (
            "ALTER POLICY tenant ON note WITH CHECK (true)",
            "USING or WITH CHECK",
        ),
    ],
)
def test_a_weakened_wall_is_found(database, weaken, found):
    engine = open_owner_engine(database.settings())
    with engine.connect() as connection:
        connection.exec_driver_sql(weaken)
        faults = find_rls_faults(connection)
        connection.rollback()
    engine.dispose()
    assert len(faults) == 1
    assert found in faults[0]


def test_taking_the_wall_down_leaves_the_table_as_it_was(database):
    engine = open_owner_engine(database.settings())
    with engine.connect() as connection:
        disable_rls(connection, "note")
        assert len(find_rls_faults(connection)) == 3
        enable_rls(connection, "note")
        assert find_rls_faults(connection) == []
        connection.rollback()
    engine.dispose()
