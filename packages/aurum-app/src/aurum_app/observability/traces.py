"""OpenTelemetry behind the span stage; imported only when traces go somewhere."""

from typing import Any, Protocol

from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from aurum_app.surfaces import CompositionError
from aurum_core.settings import TelemetrySettings

SERVER_ERROR = 500


class Provider(Protocol):
    """What the stage needs of a tracer provider."""

    def get_tracer(self, name: str, /) -> Tracer:
        """Return the tracer of a module."""
        ...

    def shutdown(self) -> None:
        """Send what is left and stop."""
        ...


class RequestSpan:
    """A running server span, current for everything that the request awaits."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))

    def end(
        self, *, method: str, route: str | None, path: str, status: int, request_id: str
    ) -> None:
        """End the span under the route's name, with the HTTP semantic conventions."""
        span = self._span
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "http.response.status_code": status,
            "url.path": path,
            "aurum.request_id": request_id,
        }
        if route is not None:
            span.update_name(f"{method} {route}")
            attributes["http.route"] = route
        if status >= SERVER_ERROR:
            attributes["error.type"] = str(status)
            span.set_status(StatusCode.ERROR)
        span.set_attributes(attributes)
        context.detach(self._token)
        span.end()


def begin_span(provider: Provider, method: str, traceparent: bytes | None) -> RequestSpan:
    """Begin a server span, below the caller's when it sent one."""
    parent = None
    if traceparent is not None:
        carrier = {"traceparent": traceparent.decode()}
        parent = TraceContextTextMapPropagator().extract(carrier)
    tracer = provider.get_tracer("aurum_app")
    return RequestSpan(tracer.start_span(method, parent, kind=SpanKind.SERVER))


def open_provider(telemetry: TelemetrySettings) -> Any:  # noqa: ANN401 - the SDK's, an optional package
    """Return a provider that sends to the collector of the settings; it is nobody's global.

    Raises:
        CompositionError: the extra `telemetry` is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # type: ignore[import-not-found, unused-ignore]
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import (  # type: ignore[import-not-found, unused-ignore]
            Resource,
        )
        from opentelemetry.sdk.trace import (  # type: ignore[import-not-found, unused-ignore]
            TracerProvider,
        )
        from opentelemetry.sdk.trace.export import (  # type: ignore[import-not-found, unused-ignore]
            BatchSpanProcessor,
        )
    except ImportError:
        raise CompositionError(
            "AURUM_TELEMETRY_OTLP_ENDPOINT needs the extra: install aurum-app[telemetry]"
        ) from None
    headers = telemetry.otlp_headers.get_secret_value() if telemetry.otlp_headers else ""
    pairs = (part.partition("=") for part in headers.split(",") if part)
    exporter = OTLPSpanExporter(
        endpoint=telemetry.otlp_endpoint,
        headers={name.strip(): value.strip() for name, _, value in pairs},
    )
    provider = TracerProvider(
        resource=Resource({"service.name": telemetry.service_name}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
