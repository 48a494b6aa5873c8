"""The command line: `aurum serve`, `load`, `query`, `migrate`, `config` and the rest.

Each command is a module of its own and imports what it needs when it runs, so that `aurum --help`
costs nothing but typer.
"""

import typer

from aurum_app.cli.config import config
from aurum_app.cli.demo import demo
from aurum_app.cli.load import build_app as load_commands
from aurum_app.cli.migrate import migrate
from aurum_app.cli.openapi import openapi
from aurum_app.cli.query import build_app as query_commands
from aurum_app.cli.serve import serve
from aurum_app.cli.version import version


def build_app() -> typer.Typer:
    """Return the command line as a whole."""
    app = typer.Typer(
        name="aurum",
        help="Energy market data as an API: serve it, load it, look at it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("serve")(serve)
    app.add_typer(load_commands(), name="load")
    app.add_typer(query_commands(), name="query")
    app.command("migrate")(migrate)
    app.command("config")(config)
    app.command("openapi")(openapi)
    app.command("demo")(demo)
    app.command("version")(version)
    return app


def main() -> None:
    """Run the command line of this process."""
    build_app()()
