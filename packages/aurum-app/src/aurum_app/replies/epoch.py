"""What makes two answers of one URL the same: the data, the day, the cursors' period, the code."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from typing import Any

from aurum_app.version import REVISION
from aurum_app.wanted import Epoch
from aurum_core.clock import NEW_YORK, business_date
from aurum_core.errors import UnavailableError


class EpochSource:
    """Gives the current epoch of one app; a new one only when data, day or period change."""

    def __init__(self, cursor_ttl_seconds: int) -> None:
        self._ttl = cursor_ttl_seconds
        self._epoch: Epoch | None = None

    def current(self, state: dict[str, Any] | None) -> Epoch:
        """Return the epoch of now.

        Raises:
            UnavailableError: the application has not opened its services.
        """
        services = state.get("services") if state else None
        if services is None:
            raise UnavailableError("service", "The service is starting.")
        now = services.clock.now()
        epoch = self._epoch
        if (
            epoch is None
            or epoch.pins.data_version != services.data_clock.data_version()
            or not epoch.since <= now < epoch.until
        ):
            epoch = self._epoch = self._made(services, now)
        return epoch

    def _made(self, services: Any, now: datetime) -> Epoch:  # noqa: ANN401 - Services, or a test's stand-in
        pins = services.pins()
        today = pins.today or business_date(services.clock)
        period = int(now.timestamp()) // self._ttl
        text = f"{pins.data_version}.{today:%Y%m%d}.{period}.{REVISION}"
        begin = datetime.fromtimestamp(period * self._ttl, UTC)
        since = max(_midnight(today), begin)
        until = min(_midnight(today + timedelta(1)), begin + timedelta(seconds=self._ttl))
        return Epoch(pins, text, since, until)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, day_time(), NEW_YORK).astimezone(UTC)
