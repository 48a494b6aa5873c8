"""What `aurum load` does once its arguments are understood."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from aurum_app.cli.terminal import err, plain
from aurum_app.cli.writing import open_store
from aurum_dao.loaders import ReadOptions, find_format, load_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurum_core.settings import AurumSettings
    from aurum_dao.ports.ingestion import LoadSummary


@dataclass(frozen=True, slots=True)
class Job:
    """Files of one format, and how to read them."""

    format_name: str
    files: tuple[Path, ...]
    source: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    expiry: Path | None = None
    dry_run: bool = False
    force: bool = False


def load_files(settings: "AurumSettings", job: Job) -> "Iterator[LoadSummary]":
    """Load the files one after the other and yield what each did.

    Raises:
        LoadError: a file cannot be read, or another load is open; files before it are loaded.
    """
    find_format(job.format_name)
    options = ReadOptions(columns=job.columns, constants=job.constants, expiry=job.expiry)
    with open_store(settings) as writer:
        for path in job.files:
            with _progress(path) as report:
                summary = load_file(
                    writer,
                    job.format_name,
                    path,
                    source=job.source,
                    options=options,
                    dry_run=job.dry_run,
                    force=job.force,
                    progress=report,
                )
            yield summary


@contextmanager
def _progress(path: Path) -> "Iterator[Callable[[int], None]]":
    """Show rows as they are read, where somebody looks on."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = err()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(f"{plain(path.name)}: reading")

        def report(rows: int) -> None:
            bar.update(task, description=f"{plain(path.name)}: {rows:,} rows read")

        yield report
