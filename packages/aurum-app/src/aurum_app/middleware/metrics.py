"""Counting requests: by route template, never by path."""

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_app.observability.metrics import HttpMetrics


class Metrics(Stage):
    """Counts every request with its status and time; a client that left counts as 499."""

    def __init__(self, metrics: HttpMetrics) -> None:
        self._metrics = metrics

    def close(self, call: Call) -> None:
        """Count it as answered."""
        self._metrics.record(
            (call.entry, call.surface, call.method, call.status, call.cache), call.seconds
        )
