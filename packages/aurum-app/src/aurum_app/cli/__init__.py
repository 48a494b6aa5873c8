"""The command line; `main` is the console script."""

from aurum_app.cli.commands import build_app, main

__all__ = ["build_app", "main"]
