"""Migrations of the operational tables: Alembic, run by the house itself, packaged in the wheel.

`upgrade(engine)` brings a database to the newest revision, `downgrade(engine, revision)` back.
Alembic's own command needs only `script_location = aurum_dao:migrations`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

HEAD = "head"


def upgrade(engine: "Engine", revision: str = HEAD) -> None:
    """Migrate the database up; nothing happens when it is there already."""
    from alembic import command

    with engine.begin() as connection:
        if current_revision(connection) == head_revision() and revision == HEAD:
            return
        command.upgrade(config_of(connection), revision)


def downgrade(engine: "Engine", revision: str) -> None:
    """Migrate the database down to a revision, `base` for none."""
    from alembic import command

    with engine.begin() as connection:
        command.downgrade(config_of(connection), revision)


def current_revision(connection: "Connection") -> str | None:
    """Return the revision the database is at, None when it was never migrated."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision this release knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent)).get_current_head()


def config_of(connection: "Connection") -> "Config":
    """Return an Alembic configuration without a file, bound to an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
