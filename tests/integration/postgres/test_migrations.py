"""Migrations on PostgreSQL: up, down, no drift; who may change what."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, Text, inspect, text

from aurum_core.settings import PostgresSettings, SettingsError
from aurum_dao import migrations
from aurum_dao.adapters.postgres.engine import open_engine, open_owner_engine
from aurum_dao.adapters.postgres.errors import OperationalFaultError
from aurum_dao.adapters.postgres.roles import grant_to_app
from aurum_dao.operational.tables import metadata

pytestmark = pytest.mark.integration


@pytest.fixture
def owner(own_database):
    engine = open_owner_engine(own_database.settings())
    yield engine
    engine.dispose()


def drift_of(engine, wanted=metadata):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, wanted)


def test_metadata_and_migrations_agree(owner):
    assert drift_of(owner) == []
    assert migrations.revision_of(owner) == migrations.head_revision()


def test_drift_is_found(owner):
    wanted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    wanted.tables["load_ledger"].append_column(Column("planted", Text))
    Table("planted", wanted, Column("id", Text))
    assert {change[0] for change in drift_of(owner, wanted)} == {"add_column", "add_table"}


def test_migrations_go_down_and_up(owner):
    migrations.downgrade(owner, "base")
    assert inspect(owner).get_table_names() == ["alembic_version"]
    assert migrations.revision_of(owner) is None
    migrations.upgrade(owner)
    assert drift_of(owner) == []


def test_one_open_load_is_a_rule_of_the_database(owner):
    indexes = {index["name"]: index for index in inspect(owner).get_indexes("load_ledger")}
    one_open = indexes["uq_load_ledger_one_open"]
    assert one_open["unique"]
    assert "open" in one_open["dialect_options"]["postgresql_where"]


def test_the_role_that_serves_changes_rows_and_no_tables(own_database):
    engine = open_engine(own_database.settings())
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM load_ledger"))
        roles = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert tuple(connection.execute(text(roles)).one()) == (False, False)
        owners = "SELECT count(*) FROM pg_tables WHERE tableowner = current_user"
        assert connection.execute(text(owners)).scalar_one() == 0
    for refused in (
        "DROP TABLE quarantine",
        "CREATE TABLE mine (id int)",
        "DELETE FROM alembic_version",
        "ALTER TABLE load_ledger DISABLE ROW LEVEL SECURITY",
    ):
        with pytest.raises(OperationalFaultError), engine.begin() as connection:
            connection.execute(text(refused))
    engine.dispose()


@pytest.mark.parametrize(
    ("weaken", "mend"),
    [
        ("ALTER ROLE aurum_app BYPASSRLS", "ALTER ROLE aurum_app NOBYPASSRLS"),
        ("GRANT aurum_owner_test TO aurum_app", "REVOKE aurum_owner_test FROM aurum_app"),
    ],
)
def test_a_role_that_passes_the_wall_is_refused(owner, own_database, weaken, mend):
    own_database.run(weaken)
    try:
        with (
            pytest.raises(SettingsError, match="aurum_app must be"),
            owner.begin() as connection,
        ):
            grant_to_app(connection)
    finally:
        own_database.run(mend)


def test_migrating_needs_the_owner_of_its_own():
    with pytest.raises(SettingsError, match="AURUM_POSTGRES_MIGRATION_DSN"):
        open_owner_engine(PostgresSettings())


def test_a_connection_string_that_cannot_be_read_is_not_repeated():
    with pytest.raises(SettingsError) as caught:
        open_engine(PostgresSettings(dsn="host=h password secret"))
    assert "secret" not in str(caught.value)
