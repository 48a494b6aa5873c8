"""One line per request, after its last byte."""

import time

from aurum_app.call import Call, Reply
from aurum_app.middleware.metrics import status_of
from aurum_app.middleware.stage import Stage
from aurum_app.observability.access import AccessLog, Line


class AccessLogging(Stage):
    """Writes the access log; the last lines are written when the application ends."""

    def __init__(self, log: AccessLog) -> None:
        self._log = log

    def close(self, call: Call, reply: Reply | None) -> None:
        """Write the line."""
        scope, log = call.scope, self._log
        client = scope.get("client")
        status = status_of(call, reply)
        log.write(
            Line(
                log.timestamp(),
                "info" if status < 500 else "error",
                "request",
                call.request_id,
                call.method,
                scope["path"],
                None if call.entry is None else call.entry.template,
                status,
                0 if reply is None else len(reply.body),
                round((time.monotonic() - call.started) * 1000, 3),
                call.cache or None,
                client[0] if client else None,
            )
        )

    def stop(self) -> None:
        """Write what is left."""
        self._log.flush()
