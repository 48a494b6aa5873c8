"""`aurum openapi`: the documents as the app serves them, without a store."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from aurum_app.cli.terminal import err, expected_failures

SurfaceName = Annotated[
    Literal["v1", "v2", "all"], typer.Option("--surface", "-s", help="Which surface.")
]
Target = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write to this file instead of the terminal.")
]


def openapi(surface: SurfaceName = "v2", target: Target = None) -> None:
    """Print the OpenAPI document of a surface (default settings, so that it never drifts)."""
    from aurum_app.factory import create_app
    from aurum_app.openapi import generator_of, render_document
    from aurum_core.settings import AurumSettings

    with expected_failures():
        generator = generator_of(create_app(AurumSettings()))
        text = render_document(generator.document(surface))
        if target is None:
            typer.echo(text, nl=False)
            return
        target.write_text(text, encoding="utf-8")
        err().print(f"wrote {target}")
