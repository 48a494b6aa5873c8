"""What a load did, as a table, with the first rows that were refused."""

import json
from typing import TYPE_CHECKING, Final

from aurum_app.cli.terminal import err, out, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurum_dao.ports.ingestion import LoadSummary

SHOWN_REJECTIONS: Final = 5
LONGEST_ROW: Final = 160


def print_summaries(summaries: "Sequence[LoadSummary]") -> None:
    """Print a row per load; below it the first refused rows and why."""
    from rich.table import Table

    table = Table("dataset", "status", "version", box=None, pad_edge=False)
    for count in ("read", "inserted", "unchanged", "corrected", "quarantined"):
        table.add_column(count, justify="right")
    for summary in summaries:
        table.add_row(
            summary.dataset,
            summary.status,
            str(summary.data_version or "-"),
            *(f"{count:,}" for count in counts_of(summary)),
        )
    out().print(table)
    for summary in summaries:
        _print_rejections(summary)


def counts_of(summary: "LoadSummary") -> tuple[int, ...]:
    """Return read, inserted, unchanged, corrected, quarantined."""
    return (
        summary.read,
        summary.inserted,
        summary.unchanged,
        summary.corrected,
        summary.quarantined,
    )


def _print_rejections(summary: "LoadSummary") -> None:
    if not summary.quarantined:
        return
    console = err()
    console.print(f"[yellow]{summary.quarantined:,} rows of {summary.dataset} were not loaded:[/]")
    for rejection in summary.rejections[:SHOWN_REJECTIONS]:
        console.print(f"  [bold]{plain(rejection.reason)}[/] {plain(_shortened(rejection.row))}")
    if summary.quarantined > SHOWN_REJECTIONS:
        console.print("  … all of them, with reasons, are in the quarantine table.")


def _shortened(row: str) -> str:
    """Return a row as one line of limited length, without its empty fields."""
    try:
        fields = json.loads(row)
    except ValueError:
        fields = row
    if isinstance(fields, dict):
        row = json.dumps({k: v for k, v in fields.items() if v is not None}, ensure_ascii=False)
    return row if len(row) <= LONGEST_ROW else row[: LONGEST_ROW - 1] + "…"
