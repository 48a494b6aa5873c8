"""What the stages of one app are built from."""

from collections.abc import Mapping
from dataclasses import dataclass

from aurum_app.dispatch import RouteTable
from aurum_app.observability.access import AccessLog
from aurum_app.observability.metrics import HttpMetrics
from aurum_app.replies.coding import Codings
from aurum_app.replies.epoch import EpochSource
from aurum_app.replies.finishing import Finishing
from aurum_app.replies.store import ReplyStore
from aurum_app.surfaces import MountedSurface
from aurum_core.clock import Clock
from aurum_core.settings import AurumSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """One app's parts that more than one stage or route needs; nothing here is shared by apps."""

    settings: AurumSettings
    clock: Clock
    table: RouteTable
    surfaces: Mapping[str, MountedSurface]
    metrics: HttpMetrics
    access: AccessLog
    store: ReplyStore
    finishing: Finishing
    epochs: EpochSource
    codings: Codings
