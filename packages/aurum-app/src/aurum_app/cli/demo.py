"""`aurum demo`, and what the first start of `aurum serve` loads."""

from typing import TYPE_CHECKING

from aurum_app.cli.options import DataDir
from aurum_app.cli.terminal import expected_failures, said

if TYPE_CHECKING:
    from aurum_core.settings import AurumSettings
    from aurum_dao.ports.ingestion import LoadSummary


def demo(data_dir: DataDir = None) -> None:
    """Load the synthetic demo set: DEMO_ locations that never meet real ones. Safe to repeat."""
    from aurum_app.cli.environment import read_environment
    from aurum_app.cli.summary import print_summaries

    with expected_failures():
        settings = read_environment(data_dir).settings
        print_summaries(load_demo(settings))


def load_demo(settings: "AurumSettings") -> "list[LoadSummary]":
    """Load the demo set into the embedded warehouse and say so.

    Raises:
        LoadError: another load is open.
    """
    from aurum_app.cli.writing import open_store
    from aurum_core.clock import SystemClock, business_date
    from aurum_dao.loaders import demo as demo_set

    with said().status("Loading the demo set …"), open_store(settings) as writer:
        summaries = demo_set.load_demo(writer, business_date(SystemClock()))
    added = sum(summary.inserted + summary.corrected for summary in summaries)
    said().print(f"Demo set: {added:,} synthetic rows, all at DEMO_ locations.")
    return summaries
