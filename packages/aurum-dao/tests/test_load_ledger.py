"""The load ledger on SQLite: numbers, states, and the tables that hold them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, inspect, select

from aurum_core.errors import LoadError
from aurum_dao import migrations
from aurum_dao.adapters.sqlite.engine import open_sqlite_engine
from aurum_dao.operational.ledger import SqlLoadLedger
from aurum_dao.operational.tables import metadata
from aurum_dao.operational.types import ExactDecimal, UtcDateTime
from aurum_dao.ports.ingestion import Rejection
from aurum_dao.ports.ledger import LoadCounts

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    engine = open_sqlite_engine(tmp_path / "folder" / "operational.db")
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine):
    return SqlLoadLedger(engine)


def begin(ledger, now=NOW, floor=0, content_hash="h"):
    return ledger.begin(
        "lmp", source="pjm", source_ref="f.csv", content_hash=content_hash, now=now, floor=floor
    )


def test_numbers_rise_and_skip_what_the_store_has(ledger):
    assert begin(ledger).load_seq == 1
    ledger.commit(1, NOW)
    assert begin(ledger, floor=8).load_seq == 9
    ledger.abort(9, NOW)
    assert begin(ledger).load_seq == 10


def test_second_open_load_is_refused(ledger):
    begin(ledger)
    with pytest.raises(LoadError):
        begin(ledger)
    assert ledger.find_open().load_seq == 1


def test_start_never_goes_back(ledger):
    begin(ledger)
    ledger.commit(1, NOW)
    assert begin(ledger, now=NOW - timedelta(hours=1)).started_at > NOW


def test_committed_content_is_found_by_dataset_source_and_hash(ledger):
    begin(ledger)
    assert ledger.find_committed("lmp", "pjm", "h") is None
    ledger.record(1, LoadCounts(read=3, inserted=2, quarantined=1), [Rejection("{}", "why")])
    ledger.commit(1, NOW)
    found = ledger.find_committed("lmp", "pjm", "h")
    assert (found.counts.inserted, found.started_at, found.source_ref) == (2, NOW, "f.csv")
    assert ledger.find_committed("lmp", "miso", "h") is None
    assert ledger.find_committed("lmp", "pjm", None) is None
    assert ledger.list_rejections(1) == [Rejection("{}", "why")]


def test_aborted_load_forgets_its_refused_rows(ledger):
    begin(ledger)
    ledger.record(1, LoadCounts(read=1, quarantined=1), [Rejection("{}", "why")])
    ledger.abort(1, NOW)
    assert ledger.list_rejections(1) == []
    assert ledger.list_loads()[0].state == "aborted"


def test_closed_load_stays_closed(ledger):
    begin(ledger)
    ledger.commit(1, NOW)
    ledger.abort(1, NOW)
    assert ledger.list_loads()[0].state == "committed"


def test_many_refused_rows_are_kept_in_order(ledger):
    begin(ledger)
    rows = [Rejection(str(n), "why") for n in range(4_500)]
    ledger.record(1, LoadCounts(read=4_500, quarantined=4_500), rows)
    assert ledger.list_rejections(1, limit=5_000) == rows


def test_loads_the_store_does_not_hold_are_forgotten(ledger):
    for n in range(1, 4):
        begin(ledger, content_hash=str(n))
        ledger.record(n, LoadCounts(read=1, inserted=1), ())
        ledger.commit(n, NOW)
    ledger.forget_after(2, NOW)
    states = {load.load_seq: load.state for load in ledger.list_loads()}
    assert states == {1: "committed", 2: "committed", 3: "aborted"}


def test_loads_that_added_nothing_are_not_taken_for_lost(ledger):
    for n, inserted in ((1, 1), (2, 0)):
        begin(ledger, content_hash=str(n))
        ledger.record(n, LoadCounts(read=1, inserted=inserted, unchanged=1 - inserted), ())
        ledger.commit(n, NOW)
    ledger.forget_after(1, NOW)
    assert {load.state for load in ledger.list_loads()} == {"committed"}


def test_metadata_and_migrations_agree(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrations.current_revision(connection) == migrations.head_revision()


def test_migrations_go_down_and_up(engine):
    migrations.downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrations.upgrade(engine)
    assert {"load_ledger", "quarantine"} <= set(inspect(engine).get_table_names())


def test_one_open_load_is_a_rule_of_the_database(engine):
    index = next(
        index
        for index in inspect(engine).get_indexes("load_ledger")
        if index["name"] == "uq_load_ledger_one_open"
    )
    assert index["unique"]


@pytest.fixture
def values():
    table = Table(
        "typed",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("at", UtcDateTime),
        Column("amount", ExactDecimal(18, 6)),
    )
    engine = create_engine("sqlite://")
    table.create(engine)
    with engine.begin() as connection:
        yield table, connection
    engine.dispose()


def test_instant_keeps_its_moment(values):
    table, connection = values
    given = datetime(2026, 3, 3, 12, tzinfo=timezone(timedelta(hours=-5)))
    connection.execute(insert(table).values(id=1, at=given))
    found = connection.execute(select(table.c.at)).scalar_one()
    assert (found, found.utcoffset()) == (given, timedelta(0))


def test_naive_instant_is_refused(values):
    table, connection = values
    with pytest.raises(Exception, match="offset"):
        connection.execute(insert(table).values(id=1, at=NOW.replace(tzinfo=None)))


def test_decimal_keeps_its_digits(values):
    table, connection = values
    given = Decimal("123456789012.345678")
    connection.execute(insert(table).values(id=1, amount=given))
    assert connection.execute(select(table.c.amount)).scalar_one() == given


def test_decimal_that_does_not_fit_is_refused(values):
    table, connection = values
    for wrong in (Decimal("NaN"), Decimal(10) ** 12):
        with pytest.raises(Exception, match="fit"):
            connection.execute(insert(table).values(id=1, amount=wrong))
