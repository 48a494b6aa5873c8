"""The audit trail and its export to files."""

from pathlib import Path

from pydantic import Field

from aurum_core.settings.base import Section


class AuditSettings(Section):
    """What is recorded, and whether a copy is written to files."""

    enabled: bool = Field(True, description="Record who changed what.")
    export_enabled: bool = Field(False, description="Also write the records as JSON lines.")
    export_dir: Path | None = Field(
        None, description="Directory of those files; unset is audit/ in the data directory."
    )
