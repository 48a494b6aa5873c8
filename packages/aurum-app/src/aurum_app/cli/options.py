"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Directory of the embedded stores; else AURUM_DATA_DIR, else ./aurum-data.",
        show_default=False,
    ),
]

Format = Annotated[
    Literal["table", "csv", "json"],
    typer.Option("--format", "-f", help="How rows are printed."),
]
