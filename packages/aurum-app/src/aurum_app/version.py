"""Versions of the installed packages."""

from importlib.metadata import version
from typing import Final

PACKAGES: Final = (
    "aurum-app",
    "aurum-api-v1",
    "aurum-api-v2",
    "aurum-services",
    "aurum-dao",
    "aurum-core",
)
VERSION: Final = version("aurum-app")
REVISION: Final = "+".join(version(name) for name in PACKAGES)
"""Names the code that writes answers: entity tags of other code do not match."""
