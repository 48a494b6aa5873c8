"""`aurum load`: files into the embedded warehouse, a command per dataset or publisher's format."""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aurum_app.cli.options import DataDir
from aurum_app.cli.terminal import FAILED, MISUSED, expected_failures, fail

if TYPE_CHECKING:
    from aurum_app.cli.loading import Job
    from aurum_dao.ports.ingestion import LoadSummary

DATASETS: Final = MappingProxyType(
    {
        "curves": "Forward curve observations",
        "lmp": "Locational and settlement point prices",
        "eia": "Observations of EIA series",
        "drought-index": "Drought indices by region and timescale",
        "usdm": "Areas of the US Drought Monitor by category",
        "external": "Observations of other providers' series",
        "locations": "Nodes, zones, hubs and interfaces of the ISOs",
        "units": "Spellings of units beyond the built-in ones",
        "contract-expiry": "Listed contracts and their last trade day",
        "source": "Who publishes, and whose rows are read first",
        "curve": "Identity, unit, weighting and settlement of curves",
        "curve-alias": "Keys that clients of earlier releases hold",
    }
)
"""Canonical columns, from CSV, Parquet or Arrow."""
PUBLISHERS: Final = MappingProxyType(
    {
        "ercot-dam-spp": "ERCOT day-ahead settlement point prices, the yearly workbook (.xlsx)",
        "elektra": "Hourly day-ahead prices as elektra's JSON",
    }
)
"""Files as their publishers make them."""
SERIES: Final = MappingProxyType(
    {
        "eia-daily": "One EIA series, daily or monthly (Date,Price or Month,Price): Henry Hub, "
        "unless --set series_id=… says another",
        "alfred": "Observations of one FRED or ALFRED series as the API's JSON, all its vintages",
    }
)
"""Files of one series each, which `--set` may name and describe."""

Files = Annotated[list[Path], typer.Argument(help="Files; each is one load, all or nothing.")]
Source = Annotated[
    str | None, typer.Option(help="Whose rows these are; else the format's own, else 'file'.")
]
Mapped = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="COL=NAME", help="Canonical column COL is called NAME in the file."
    ),
]
Constants = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="COL=VALUE", help="Column COL has this value in every row."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and count, change nothing.")]
Force = Annotated[
    bool, typer.Option("--force", help="Read a file again that is known by its content.")
]
Expiry = Annotated[
    Path | None,
    typer.Option(help="Table of last trade days; else expiry_table.csv beside the file."),
]


def build_app() -> typer.Typer:
    """Return the group with a command for every dataset and format."""
    app = typer.Typer(
        help="Load files. A server on the same data directory goes on serving and then sees them.",
        no_args_is_help=True,
    )
    for name, text in DATASETS.items():
        app.command(name, help=f"{text}: canonical columns (CSV, Parquet, Arrow).")(
            _canonical(name)
        )
    for name, text in PUBLISHERS.items():
        app.command(name, help=f"{text}.")(_published(name))
    app.command("nymex-settlements")(nymex_settlements)
    for name, text in SERIES.items():
        app.command(name, help=f"{text}.")(_series(name))
    return app


def nymex_settlements(
    files: Files,
    data_dir: DataDir = None,
    source: Source = None,
    expiry: Expiry = None,
    *,
    dry_run: DryRun = False,
    force: Force = False,
) -> None:
    """NYMEX settlements by constant position (Parquet, CSV), with an expiry table."""
    from aurum_app.cli.loading import Job

    _run(
        Job("nymex-settlements", tuple(files), source, expiry=expiry, dry_run=dry_run, force=force),
        data_dir,
    )


def _canonical(name: str) -> Callable[..., None]:
    def command(
        files: Files,
        data_dir: DataDir = None,
        source: Source = None,
        mapped: Mapped = None,
        constants: Constants = None,
        *,
        dry_run: DryRun = False,
        force: Force = False,
    ) -> None:
        from aurum_app.cli.loading import Job

        job = Job(
            name.replace("-", "_") if name == "curve-alias" else name,
            tuple(files),
            source,
            columns=_pairs("--map", mapped),
            constants=_pairs("--set", constants),
            dry_run=dry_run,
            force=force,
        )
        _run(job, data_dir)

    return command


def _published(name: str) -> Callable[..., None]:
    def command(
        files: Files,
        data_dir: DataDir = None,
        source: Source = None,
        *,
        dry_run: DryRun = False,
        force: Force = False,
    ) -> None:
        from aurum_app.cli.loading import Job

        _run(Job(name, tuple(files), source, dry_run=dry_run, force=force), data_dir)

    return command


def _series(name: str) -> Callable[..., None]:
    def command(
        files: Files,
        data_dir: DataDir = None,
        source: Source = None,
        constants: Constants = None,
        *,
        dry_run: DryRun = False,
        force: Force = False,
    ) -> None:
        from aurum_app.cli.loading import Job

        told = _pairs("--set", constants)
        job = Job(name, tuple(files), source, constants=told, dry_run=dry_run, force=force)
        _run(job, data_dir)

    return command


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in given or ():
        name, mark, value = text.partition("=")
        if not (name and mark and value):
            fail(f"{option} {text}: must be COL=NAME", code=MISUSED)
        pairs[name.strip()] = value.strip()
    return pairs


def _run(job: "Job", data_dir: Path | None) -> None:
    from aurum_app.cli.environment import read_environment
    from aurum_app.cli.loading import load_files
    from aurum_app.cli.summary import print_summaries

    summaries: list[LoadSummary] = []
    with expected_failures():
        settings = read_environment(data_dir).settings
        try:
            for summary in load_files(settings, job):
                summaries.append(summary)  # noqa: PERF402 - what came before a failure is shown too
        finally:
            if summaries:
                print_summaries(summaries)
    if all(s.read and s.quarantined == s.read for s in summaries):
        raise typer.Exit(FAILED)
