"""Counting requests: by route template, never by path."""

import time

from aurum_app.call import Call, Reply
from aurum_app.middleware.stage import Stage
from aurum_app.observability.metrics import UNMATCHED, HttpMetrics, Series


class Metrics(Stage):
    """Counts every request with its status and time; a client that left counts as 499."""

    def __init__(self, metrics: HttpMetrics) -> None:
        self.metrics = metrics
        self._known: dict[tuple[str, str, str, int], Series] = {}

    def enter(self, call: Call) -> None:  # noqa: ARG002 - a hook
        """Count it as under way."""
        self.metrics.in_flight += 1

    def close(self, call: Call, reply: Reply | None) -> None:
        """Count it as answered."""
        metrics = self.metrics
        metrics.in_flight -= 1
        entry = call.entry
        template = UNMATCHED if entry is None else entry.template
        status = status_of(call, reply)
        key = (call.surface, template, call.method, status)
        series = self._known.get(key)
        if series is None:
            series = metrics.series(call.surface, template, call.method, str(status))
            self._known[key] = series
        series.observe(time.monotonic() - call.started)
        if call.cache:
            metrics.cache[call.cache] = metrics.cache.get(call.cache, 0) + 1


def status_of(call: Call, reply: Reply | None) -> int:
    """Return the status that was sent, 499 for a client that left before."""
    if call.gone:
        return 499
    return 500 if reply is None else reply.status
