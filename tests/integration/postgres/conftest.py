"""One migrated template per session; databases of it per worker and per test."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from aurum_core.settings import PostgresSettings
from aurum_dao.adapters.postgres.migrating import migrate_postgres
from aurum_testkit.postgres import PostgresServer, unique_name

pytest.register_assert_rewrite("aurum_dao.testing")  # before the test modules import a suite

OWNER = "aurum_owner_test"
APP = "aurum_app"
PASSWORD = "only-in-tests"
TABLES = "quarantine, load_ledger"


class Database(NamedTuple):
    """A database of the operational store and how its two roles reach it."""

    name: str
    server: PostgresServer

    def settings(self, **changes: object) -> PostgresSettings:
        server, name = self.server, self.name
        return PostgresSettings(
            dsn=SecretStr(server.address(name, user=APP, password=PASSWORD)),
            migration_dsn=SecretStr(server.address(name, user=OWNER, password=PASSWORD)),
            **changes,
        )

    def run(self, *statements: str) -> None:
        self.server.execute(*statements, database=self.name)


@pytest.fixture(scope="session")
def postgres_roles(postgres_server) -> PostgresServer:
    """The server with an owner, who is no superuser, and the role that serves."""
    for role in (OWNER, APP):
        postgres_server.execute(
            f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            f"ALTER ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD '{PASSWORD}'",
        )
    return postgres_server


@pytest.fixture(scope="session")
def postgres_template(postgres_roles) -> Iterator[str]:
    """A migrated database that nobody is connected to."""
    with postgres_roles.database(unique_name("aurum_template"), owner=OWNER) as name:
        migrate_postgres(Database(name, postgres_roles).settings())
        yield name


@pytest.fixture(scope="session")
def worker_database(postgres_roles, postgres_template) -> Iterator[Database]:
    name = unique_name("aurum_worker")
    with postgres_roles.database(name, template=postgres_template, owner=OWNER):
        yield Database(name, postgres_roles)


@pytest.fixture
def database(worker_database) -> Database:
    """The worker's database, migrated and empty."""
    worker_database.run(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")
    return worker_database


@pytest.fixture
def own_database(postgres_roles, postgres_template) -> Iterator[Database]:
    """A migrated database of this test alone, whose schema it may change."""
    name = unique_name("aurum_own")
    with postgres_roles.database(name, template=postgres_template, owner=OWNER):
        yield Database(name, postgres_roles)


@pytest.fixture
def empty_database(postgres_roles) -> Iterator[Database]:
    """A database that was never migrated."""
    with postgres_roles.database(unique_name("aurum_empty"), owner=OWNER) as name:
        yield Database(name, postgres_roles)
