"""`aurum config`: the effective settings, secrets hidden."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aurum_app.cli.options import DataDir
from aurum_app.cli.terminal import FAILED, err, expected_failures, out, plain

if TYPE_CHECKING:
    from rich.table import Table

    from aurum_core.settings import SettingRow

Layout = Annotated[
    Literal["table", "env", "json"], typer.Option("--format", "-f", help="How to print them.")
]
Changed = Annotated[bool, typer.Option("--changed", help="Only what differs from its default.")]
Describe = Annotated[bool, typer.Option("--describe", help="Also say what each setting is for.")]


def config(
    data_dir: DataDir = None,
    layout: Layout = "table",
    *,
    changed: Changed = False,
    describe: Describe = False,
) -> None:
    """Print every setting as it stands, where its value came from, and what would stop a start."""
    from aurum_app.cli.environment import read_environment
    from aurum_app.cli.starting import start_problems
    from aurum_core.settings import describe_settings

    with expected_failures():
        loaded = read_environment(data_dir)
    rows = describe_settings(loaded.settings, loaded.origins)
    _print([row for row in rows if not changed or row.source != "default"], layout, describe)
    problems = start_problems(loaded.settings)
    for line in problems:
        err().print(f"[red]would not start:[/] {plain(line)}")
    if problems:
        raise typer.Exit(FAILED)


def _print(rows: "list[SettingRow]", layout: str, describe: bool) -> None:
    import json
    from dataclasses import asdict

    match layout:
        case "json":
            typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        case "env":
            for row in rows:
                typer.echo(f"{row.name}={row.value}")
        case _:
            out().print(_table(rows, describe=describe))


def _table(rows: "list[SettingRow]", *, describe: bool) -> "Table":
    from rich.table import Table

    table = Table("setting", "value", "from", box=None, pad_edge=False)
    if describe:
        table.add_column("what it is for")
    for row in rows:
        style = None if row.source == "default" else "bold"
        extra = [plain(row.description)] if describe else []
        table.add_row(row.name, plain(row.value) or "[dim]-[/]", row.source, *extra, style=style)
    return table
