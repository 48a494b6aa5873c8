"""The load ledger on SQLite: numbers, states, and the tables that hold them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, inspect, select

from aurum_dao import migrations
from aurum_dao.adapters.sqlite.engine import open_load_ledger, open_sqlite_engine
from aurum_dao.operational.tables import metadata
from aurum_dao.operational.types import ExactDecimal, UtcDateTime
from aurum_dao.testing.ledgers import LedgerBehaviour

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    engine = open_sqlite_engine(tmp_path / "folder" / "operational.db")
    yield engine
    engine.dispose()


class TestSqliteLedger(LedgerBehaviour):
    @pytest.fixture
    def opens(self, tmp_path):
        return partial(open_load_ledger, tmp_path / "operational.db")


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
