"""Spans: decided before anything is built, named by the route, below the caller's."""

import pytest
from opentelemetry import trace

from aurum_app.middleware import span as stage
from aurum_app.surfaces import CompositionError
from aurum_core.settings import AurumSettings, TelemetrySettings

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-"


class FakeSpan(trace.NonRecordingSpan):
    def __init__(self, name, parent):
        super().__init__(trace.INVALID_SPAN_CONTEXT)
        self.name, self.parent = name, trace.get_current_span(parent).get_span_context()
        self.attributes, self.ended, self.status = {}, False, None

    def update_name(self, name):
        self.name = name

    def set_attributes(self, attributes):
        self.attributes.update(attributes)

    def set_status(self, status, description=None):
        self.status = status

    def end(self, end_time=None):
        self.ended = True


class FakeProvider:
    def __init__(self):
        self.spans, self.closed = [], False

    def get_tracer(self, name):
        return self

    def start_span(self, name, context=None, kind=None):
        self.spans.append(FakeSpan(name, context))
        return self.spans[-1]

    def shutdown(self):
        self.closed = True


@pytest.fixture
def traced(start, monkeypatch):
    provider = FakeProvider()

    def run(ratio):
        monkeypatch.setattr("aurum_app.observability.traces.open_provider", lambda _: provider)
        telemetry = TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318", trace_ratio=ratio)
        return start(AurumSettings(telemetry=telemetry)), provider

    return run


def test_a_sampled_request_is_a_span_with_http_semantics(traced):
    edge, provider = traced(1.0)
    edge.client.get("/v2/things/one", headers={"X-Request-Id": "r"})
    [span] = provider.spans
    assert span.name == "GET /v2/things/{thing_id}"
    assert span.ended
    assert span.attributes == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "url.path": "/v2/things/one",
        "http.route": "/v2/things/{thing_id}",
        "aurum.request_id": "r",
    }


def test_a_failure_marks_its_span(traced):
    edge, provider = traced(1.0)
    edge.client.get("/v2/things/broken")
    assert provider.spans[0].attributes["error.type"] == "500"
    assert provider.spans[0].status is trace.StatusCode.ERROR


@pytest.mark.parametrize(
    ("ratio", "header", "spans"),
    [
        (0.0, f"{PARENT}01", 1),
        (1.0, f"{PARENT}00", 0),
        (0.0, None, 0),
        (1.0, None, 1),
        (0.0, "nonsense", 0),
        (1.0, "nonsense", 1),
    ],
)
def test_the_caller_decides_first_then_the_ratio(traced, ratio, header, spans):
    edge, provider = traced(ratio)
    edge.client.get("/v2/things", headers={"traceparent": header} if header else {})
    assert len(provider.spans) == spans
    if spans and header and header != "nonsense":
        assert f"{provider.spans[0].parent.trace_id:032x}" == TRACE


def test_without_the_extra_the_start_says_what_to_install(make_app):
    from starlette.testclient import TestClient

    pytest.importorskip("opentelemetry")
    try:
        import opentelemetry.sdk  # noqa: F401
    except ImportError:
        telemetry = TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318")
        app, _, _ = make_app(AurumSettings(telemetry=telemetry))
        with pytest.raises(CompositionError, match=r"aurum-app\[telemetry\]"), TestClient(app):
            pass
    assert stage.SAMPLED == 1
