"""Whether a runner follows CURRENT, said to who runs it: once when it changes, not at every look.

Clients are told no more than that the warehouse cannot answer; paths and causes go to the log.
"""

import logging
from pathlib import Path

LOG = logging.getLogger("aurum_dao.adapters.duckdb")


class Following:
    """The last failure of following CURRENT, None while it is followed."""

    __slots__ = ("failure",)

    def __init__(self) -> None:
        self.failure: str | None = None

    def failed(self, path: Path, error: BaseException) -> None:
        """Remember what could not be read and why; log it when it is something else than before."""
        cause = error.__cause__ or error
        reason = f"{path}: {' '.join(str(cause).split())}"
        if reason != self.failure:
            LOG.error(
                "The warehouse goes on with what it has, newer loads are not seen: %s", reason
            )
        self.failure = reason

    def attached(self, path: Path, version: int) -> None:
        """Log the load that readers see from now on."""
        LOG.info("The warehouse shows data_version %d, from %s", version, path)
        self.failure = None

    def followed(self) -> None:
        """Forget a failure: what is attached is what CURRENT names."""
        self.failure = None
