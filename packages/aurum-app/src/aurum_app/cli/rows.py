"""Rows on the terminal: a table for people, CSV and JSON for programs."""

from collections.abc import Sequence
from typing import Any

import typer

from aurum_app.cli.terminal import err, out, plain
from aurum_core.rows import Kind, fields_of

NUMBERS = frozenset({Kind.PRICE, Kind.DOUBLE, Kind.INTEGER})


def print_rows(table: "tuple[type, Sequence[Any]]", layout: str) -> None:
    """Print the rows of one row type."""
    from aurum_services.encoding import encode_page, json_of
    from aurum_services.formats import CSV

    row_type, rows = table
    match layout:
        case "csv":
            body = encode_page(CSV, rows, row_type, meta={}, links={})
            typer.echo(body.decode().replace("\r\n", "\n"), nl=False)
        case "json":
            typer.echo(json_of(rows).decode())
        case _:
            _print_table(row_type, rows)


def _print_table(row_type: type, rows: Sequence[Any]) -> None:
    from rich.table import Table

    if not rows:
        err().print("no rows")
        return
    table = Table(box=None, pad_edge=False)
    for field in fields_of(row_type):
        table.add_column(field.name, justify="right" if field.kind in NUMBERS else "left")
    for row in rows:
        table.add_row(*(_text(getattr(row, f.name)) for f in fields_of(row_type)))
    out().print(table)


def _text(value: object) -> str:
    return "-" if value is None else plain(str(value))
