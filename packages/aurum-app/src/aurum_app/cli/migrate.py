"""`aurum migrate`: the operational store's tables, as this release needs them."""

from typing import Annotated

import typer

from aurum_app.cli.options import DataDir
from aurum_app.cli.terminal import expected_failures, out

DownTo = Annotated[
    str | None,
    typer.Option(
        metavar="REVISION",
        help="Go down to a revision, `base` for no tables: rows of later tables are lost.",
    ),
]


def migrate(data_dir: DataDir = None, down_to: DownTo = None) -> None:
    """Bring the operational store to this release's revision. Safe to repeat, and beside a server.

    SQLite migrates by itself when it is opened. PostgreSQL does not: run this as the owner,
    AURUM_POSTGRES_MIGRATION_DSN, before a release is started; the role aurum_app then gets its
    rights on every table.
    """
    from aurum_app.cli.environment import read_environment
    from aurum_app.resources import migrate_operational

    with expected_failures():
        settings = read_environment(data_dir).settings
        before, after = migrate_operational(settings, down_to=down_to)
    engine, told = settings.storage.operational, f"{before or 'base'} → {after or 'base'}"
    out().print(f"operational store ({engine}): {told}")
