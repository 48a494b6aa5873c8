"""Refuse blocking calls that our own code makes on an event loop.

Complements the lag watch: it names the call at once, however short, but knows only Python's own
blocking functions, and `except Exception` swallows what it raises. Imports are let through: a
driver that is imported at its first use reads files once, and the lag watch judges how long.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from blockbuster import BlockBuster

OURS = (
    "aurum_core",
    "aurum_dao",
    "aurum_services",
    "aurum_api_v1",
    "aurum_api_v2",
    "aurum_app",
)
IMPORTS = ("importlib/_bootstrap", "<frozen importlib")
LOADERS = frozenset({"_find_and_load", "get_code", "get_data", "_path_stat", "_fill_cache"})


@contextmanager
def no_blocking(*modules: str) -> Iterator[BlockBuster]:
    """Raise `BlockingError` at a blocking call below these modules, ours when none are named."""
    guard = BlockBuster(scanned_modules=list(modules or OURS))
    for function in guard.functions.values():
        for file in IMPORTS:
            function.can_block_in(file, LOADERS)
    guard.activate()
    try:
        yield guard
    finally:
        guard.deactivate()
