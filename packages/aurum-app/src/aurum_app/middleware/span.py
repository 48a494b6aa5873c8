"""A server span per sampled request; whether it is sampled is known before anything is built."""

import random
import re
from typing import TYPE_CHECKING, Final

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_core.settings import TelemetrySettings

if TYPE_CHECKING:
    from aurum_app.observability.traces import Provider

TRACEPARENT: Final = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{2})")
SAMPLED: Final = 1


class Span(Stage):
    """Opens a span with HTTP semantics when the caller, or the ratio, samples the trace."""

    def __init__(self, telemetry: TelemetrySettings, provider: "Provider | None" = None) -> None:
        self._telemetry = telemetry
        self._provider = provider
        self._random = random.Random()  # noqa: S311 - samples, guards nothing

    def start(self) -> None:
        """Connect the exporter: it starts a thread, so not before the lifespan."""
        if self._provider is None:
            from aurum_app.observability.traces import open_provider

            self._provider = open_provider(self._telemetry)

    def stop(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()

    def enter(self, call: Call) -> None:
        """Begin the span, if there is to be one."""
        given = call.headers.get(b"traceparent")
        match = TRACEPARENT.fullmatch(given) if given is not None else None
        if match is not None:
            sampled = bool(int(match[1], 16) & SAMPLED)
        else:
            sampled = self._random.random() < self._telemetry.trace_ratio
        if sampled and self._provider is not None:
            from aurum_app.observability.traces import begin_span

            call.span = begin_span(self._provider, call.method, given if match else None)

    def close(self, call: Call) -> None:
        """End the span with what is known now."""
        if call.span is not None:
            call.span.end(
                method=call.method,
                route=None if call.entry is None else call.entry.template,
                path=call.shown_path,
                status=call.status,
                request_id=call.request_id,
            )
