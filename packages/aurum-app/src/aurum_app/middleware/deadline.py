"""Until when: one deadline per request, by the class of its route."""

import time
from typing import Final

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_core.auth import RouteClass
from aurum_core.settings import ApiSettings

BODILESS: Final = frozenset({"GET", "HEAD"})


class DeadlineSetter(Stage):
    """Sets the instant at which the client gets an answer, whatever still runs.

    A request with a body is timed from its end: how long that may take is the server's business.
    """

    def __init__(self, api: ApiSettings) -> None:
        self._seconds = {
            RouteClass.HEALTH: api.health_timeout_seconds,
            RouteClass.METADATA: api.metadata_timeout_seconds,
            RouteClass.INTERACTIVE: api.request_timeout_seconds,
            RouteClass.EXPORT: api.export_first_byte_timeout_seconds,
        }

    def enter(self, call: Call) -> None:
        """Count from the request's beginning, or from the end of its body."""
        entry = call.entry
        if entry is not None:
            begun = call.started if call.method in BODILESS else time.monotonic()
            call.deadline_at = begun + self._seconds[entry.policy.route_class]
