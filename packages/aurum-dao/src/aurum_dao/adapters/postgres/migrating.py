"""Migrations of a PostgreSQL database, by its owner."""

from aurum_core.settings.postgres import PostgresSettings
from aurum_dao.adapters.postgres.engine import open_owner_engine
from aurum_dao.adapters.postgres.roles import grant_to_app
from aurum_dao.migrations import Step, move


def migrate_postgres(settings: PostgresSettings, *, down_to: str | None = None) -> Step:
    """Migrate up, or down to a revision, and give the role that serves its rights.

    Raises:
        SettingsError: no owner's connection; or no role that serves, or one that passes the wall.
        NotFoundError: this release knows no such revision.
        UnavailableError: the server cannot be reached.
    """
    engine = open_owner_engine(settings)
    try:
        step = move(engine, down_to=down_to)
        with engine.begin() as connection:
            grant_to_app(connection)
    finally:
        engine.dispose()
    return step
