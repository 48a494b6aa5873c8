"""The services of one running app, built once from its readers and settings."""

from dataclasses import dataclass

from aurum_core.clock import Clock, business_date
from aurum_core.cursors import CursorSigner, Pins
from aurum_core.settings import AurumSettings
from aurum_core.telemetry import Meter
from aurum_dao.ports.curves import CurveReader
from aurum_dao.ports.iso import LmpReader
from aurum_dao.ports.metadata import MetadataReader
from aurum_dao.ports.warehouse import DataClock
from aurum_services.curves import CurveService
from aurum_services.iso import LmpService
from aurum_services.metadata import MetadataService
from aurum_services.paging import Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """What the services read from; composition chooses the adapters."""

    clock: DataClock
    curves: CurveReader
    iso: LmpReader
    metadata: MetadataReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One app's services. Handlers find them in `request.state.services`."""

    settings: AurumSettings
    clock: Clock
    data_clock: DataClock
    pager: Pager
    curves: CurveService
    iso: LmpService
    metadata: MetadataService
    meter: Meter

    def pins(self) -> Pins:
        """Return what a new read is pinned to now: the newest load known here, and today."""
        return Pins(self.data_clock.data_version(), today=business_date(self.clock))


def build_services(
    settings: AurumSettings,
    readers: Readers,
    *,
    signer: CursorSigner,
    clock: Clock,
    meter: Meter,
) -> Services:
    """Build the services over the readers."""
    pager = Pager(signer, clock)
    return Services(
        settings=settings,
        clock=clock,
        data_clock=readers.clock,
        pager=pager,
        curves=CurveService(readers.curves, pager),
        iso=LmpService(readers.iso, pager),
        metadata=MetadataService(readers.metadata, pager),
        meter=meter,
    )
