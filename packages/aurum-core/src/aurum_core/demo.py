"""How synthetic rows are told from real ones: by their source, and by the names of their places."""

from typing import Final

SYNTHETIC: Final = "synthetic"
"""The source of every row of the demo set."""
DEMO_PREFIX: Final = "DEMO_"
"""How the demo set's places begin; no real place does."""


def is_demo(location: str | None) -> bool:
    """Tell whether a place is one of the demo set's."""
    return location is not None and location.startswith(DEMO_PREFIX)
