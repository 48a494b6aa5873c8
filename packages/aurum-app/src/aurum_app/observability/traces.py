"""OpenTelemetry behind the span stage; imported only when traces go somewhere."""

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # type: ignore[import-not-found, unused-ignore]
from opentelemetry.sdk.resources import Resource  # type: ignore[import-not-found, unused-ignore]
from opentelemetry.sdk.trace import TracerProvider  # type: ignore[import-not-found, unused-ignore]
from opentelemetry.sdk.trace.export import BatchSpanProcessor  # type: ignore[import-not-found, unused-ignore]
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from aurum_core.settings import TelemetrySettings


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
        if route is not None:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
        span.set_attributes(
            {
                "http.request.method": method,
                "http.response.status_code": status,
                "url.path": path,
                "aurum.request_id": request_id,
            }
        )
        if status >= 500:
            span.set_attribute("error.type", str(status))
            span.set_status(StatusCode.ERROR)
        context.detach(self._token)
        span.end()


def open_provider(telemetry: TelemetrySettings) -> TracerProvider:
    """Return a provider that sends to the collector of the settings; it is nobody's global."""
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


def begin_span(provider: TracerProvider, method: str, traceparent: bytes | None) -> RequestSpan:
    """Begin a server span, below the caller's when it sent one."""
    parent = None
    if traceparent is not None:
        carrier = {"traceparent": traceparent.decode()}
        parent = TraceContextTextMapPropagator().extract(carrier)
    span = provider.get_tracer("aurum_app").start_span(method, parent, kind=SpanKind.SERVER)
    return RequestSpan(span)
