"""What a caller may say about a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file.

    `columns` maps canonical names to the file's own; `constants` gives columns that the file does
    not have one value for every row; `expiry` is the table of listed contracts, where one is used.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    expiry: Path | None = None
