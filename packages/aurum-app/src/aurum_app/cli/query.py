"""`aurum query`: a quick look at what the stores hold, through the services, without a server."""

from typing import TYPE_CHECKING, Annotated

import typer

from aurum_app.cli.options import DataDir, Format
from aurum_app.cli.terminal import expected_failures, fail

if TYPE_CHECKING:
    from pathlib import Path

    from aurum_app.cli.looking import Read

Words = list[str] | None
Iso = Annotated[Words, typer.Option(help="ISO, as PJM or ISO-NE; may be repeated.")]
Location = Annotated[Words, typer.Option(help="Hub, zone or node; may be repeated.")]
Market = Annotated[Words, typer.Option(help="DAY_AHEAD_HOURLY …, or DA, RT; may be repeated.")]
Asset = Annotated[Words, typer.Option("--asset-class", help="power, gas, oil …")]
Product = Annotated[Words, typer.Option(help="What is traded: NG, CL …")]
Block = Annotated[Words, typer.Option(help="5x16, 2x16H, 7x8 …, or PEAK, WRAP, ALL.")]
Source = Annotated[Words, typer.Option(help="Who published it.")]
Name = Annotated[Words, typer.Option("--curve", help="Key or slug of a curve; may be repeated.")]
Day = Annotated[str | None, typer.Option(metavar="DATE", help="As-of date; else the newest.")]
Start = Annotated[str | None, typer.Option(metavar="WHEN", help="Operating day, or an instant.")]
End = Annotated[str | None, typer.Option(metavar="WHEN", help="End of the range, exclusive.")]
Negative = Annotated[bool, typer.Option("--negative", help="Only prices below zero.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows at most.")]


def build_app() -> typer.Typer:
    """Return the group."""
    app = typer.Typer(help="Look at what is stored, without a server.", no_args_is_help=True)
    app.command("curves")(curves)
    app.command("lmp")(lmp)
    app.command("datasets")(datasets)
    return app


def curves(
    iso: Iso = None,
    location: Location = None,
    asset_class: Asset = None,
    product: Product = None,
    block: Block = None,
    source: Source = None,
    curve: Name = None,
    asof: Day = None,
    limit: Limit = 20,
    data_dir: DataDir = None,
    layout: Format = "table",
) -> None:
    """Show forward curves: per curve its newest as-of, or the one asked for."""
    from aurum_app.cli.looking import CurveLook

    look = CurveLook(
        iso=tuple(iso or ()),
        location=tuple(location or ()),
        asset_class=tuple(asset_class or ()),
        product=tuple(product or ()),
        block=tuple(block or ()),
        source=tuple(source or ()),
        curve_keys=tuple(curve or ()),
        asof=asof,
        limit=limit,
    )
    _show(look.read, data_dir, layout)


def lmp(
    location: Location = None,
    iso: Iso = None,
    market: Market = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 24,
    data_dir: DataDir = None,
    layout: Format = "table",
    *,
    negative: Negative = False,
) -> None:
    """Show prices by interval: of the range, else the last 24 hours that are stored."""
    from aurum_app.cli.looking import LmpLook

    look = LmpLook(
        iso=tuple(iso or ()),
        market=tuple(market or ()),
        location=tuple(location or ()),
        start=start,
        end=end,
        negative=negative,
        limit=limit,
    )
    _show(look.read, data_dir, layout)


def datasets(data_dir: DataDir = None, layout: Format = "table") -> None:
    """Show what is stored: rows, the time they span, the newest load."""
    from aurum_app.cli.looking import read_datasets

    _show(read_datasets, data_dir, layout)


def _show(read: "Read", data_dir: "Path | None", layout: str) -> None:
    from aurum_app.cli.environment import read_environment
    from aurum_app.cli.looking import look_at
    from aurum_app.cli.rows import print_rows
    from aurum_app.cli.store import is_embedded, is_new, with_cursor_key

    with expected_failures():
        settings = read_environment(data_dir).settings
        directory = settings.storage.data_dir
        if is_embedded(settings):
            if is_new(directory):
                fail(f"{directory} holds nothing yet: `aurum demo` or `aurum load` fills it")
            settings = with_cursor_key(settings)
        print_rows(look_at(settings, read), layout)
