"""One line per request, after its last byte."""

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_app.observability.access import AccessLog


class AccessLogging(Stage):
    """Writes the access log; the last lines are written when the application ends."""

    def __init__(self, log: AccessLog) -> None:
        self._log = log

    def close(self, call: Call) -> None:
        """Note what the line will say."""
        scope = call.scope
        self._log.note(
            (
                call.request_id,
                call.method,
                scope["path"],
                call.entry,
                call.status,
                call.sent_bytes,
                call.seconds,
                call.cache,
                scope.get("client"),
                call.failure,
            )
        )

    def stop(self) -> None:
        """Write what is left."""
        self._log.flush()
