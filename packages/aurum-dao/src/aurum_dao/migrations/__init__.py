"""Migrations of the operational tables: Alembic, run by the house itself, packaged in the wheel.

`upgrade(engine)` brings a database to the newest revision, `downgrade(engine, revision)` back.
Alembic's own command needs only `script_location = aurum_dao:migrations`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from aurum_core.errors import NotFoundError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

HEAD = "head"
Step = tuple[str | None, str | None]
"""Revisions before and after; None is a database without tables."""


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


def move(engine: "Engine", *, down_to: str | None = None) -> Step:
    """Migrate to the newest revision, or down to one; return the revisions from and to.

    Raises:
        NotFoundError: this release knows no such revision.
    """
    if down_to is not None and not has_revision(down_to):
        raise NotFoundError(f"There is no revision {down_to}.")
    before = revision_of(engine)
    if down_to is None:
        upgrade(engine)
    else:
        downgrade(engine, down_to)
    return before, revision_of(engine)


def revision_of(engine: "Engine") -> str | None:
    """Return the revision a database is at, None when it was never migrated."""
    with engine.connect() as connection:
        return current_revision(connection)


def current_revision(connection: "Connection") -> str | None:
    """Return the revision of an open connection's database, None when it was never migrated."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision this release knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent)).get_current_head()


def has_revision(revision: str) -> bool:
    """Tell whether this release knows a revision; `base` is before the first."""
    from alembic.script import ScriptDirectory

    revisions = ScriptDirectory(str(Path(__file__).parent)).walk_revisions()
    return revision == "base" or any(one.revision == revision for one in revisions)


def config_of(connection: "Connection") -> "Config":
    """Return an Alembic configuration without a file, bound to an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
