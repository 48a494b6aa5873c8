"""What a cacheable read asks for, as values."""

from dataclasses import dataclass
from datetime import datetime

from aurum_core.auth import CacheFamily
from aurum_core.cursors import Pins


@dataclass(frozen=True, slots=True)
class Epoch:
    """A stretch of time in which the same URL has the same answer; `text` names it."""

    pins: Pins
    text: str
    since: datetime
    until: datetime


@dataclass(slots=True)
class Wanted:
    """Path, query, `Accept` and tenant of a read, the family of its answer, its epoch."""

    key: tuple[str, bytes, bytes, str]
    family: CacheFamily
    epoch: Epoch
