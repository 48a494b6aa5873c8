"""What every reply carries, and how failures are told."""

import json

import pytest

from aurum_app.house import HOUSE
from aurum_core.settings import ApiSettings, AurumSettings, TelemetrySettings

THINGS = "/v2/things"
SECRET = "Zq7secret"
STATUSES = [
    ("GET", THINGS, 200),
    ("GET", f"{THINGS}/export", 200),
    ("POST", f"{THINGS}/one", 405),
    ("OPTIONS", f"{THINGS}/one", 204),
    ("DELETE", f"{THINGS}/one", 204),
    ("GET", f"{THINGS}/none", 404),
    ("GET", f"{THINGS}?limit={SECRET}", 422),
    ("GET", f"{THINGS}?{SECRET}=1", 422),
    ("GET", f"{THINGS}/broken", 500),
    ("GET", "/v1/things", 200),
    ("GET", "/v1/nothing", 404),
    ("GET", "/nothing", 404),
    ("GET", "/livez", 200),
    ("GET", "/", 200),
    ("GET", "/metrics", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), STATUSES)
def test_every_reply_has_the_request_id_and_the_guarding_headers(edge, method, path, status):
    reply = edge.client.request(method, path, headers={"X-Request-Id": "Given_1.2-3"})
    assert reply.status_code == status
    assert reply.headers["x-request-id"] == "Given_1.2-3"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "server" not in reply.headers


@pytest.mark.parametrize(("method", "path", "status"), STATUSES)
def test_the_limiters_headers_are_on_what_passed_it(edge, method, path, status):
    headers = edge.client.request(method, path).headers
    passed = status != 405 and method != "OPTIONS" and path.startswith(("/v1/t", "/v2"))
    assert ("ratelimit" in headers) is passed
    if passed:
        assert headers["ratelimit"] == '"default";r=20;t=0'
        assert headers["ratelimit-policy"] == '"default";q=20;w=2'
        names = ("limit", "remaining", "reset")
        assert [headers[f"x-ratelimit-{n}"] for n in names] == ["20", "20", "0"]


@pytest.mark.parametrize("given", ["a b", "x" * 129, "é", "", 'a"b', "a,b", "a\tb"])
def test_a_request_id_that_is_not_plain_is_replaced(edge, given):
    reply = edge.client.get("/livez", headers={"X-Request-Id": given.encode("latin-1")})
    assert len(reply.headers["x-request-id"]) == 32


@pytest.mark.parametrize(("method", "path", "status"), [s for s in STATUSES if s[2] >= 400])
def test_failures_are_problems_and_never_echo(edge, method, path, status):
    reply = edge.client.request(method, path)
    assert reply.headers["cache-control"] == "no-store"
    assert "secret" not in reply.text.replace(f"?{SECRET}", "") or SECRET in reply.json().get(
        "errors", [{}]
    )[0].get("parameter", "")
    if path.startswith("/v1"):
        assert reply.headers["content-type"] == "application/json"
        assert set(reply.json()) == {"detail"}
        return
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == status
    assert problem["instance"] == path.split("?")[0]
    assert problem["request_id"] == reply.headers["x-request-id"]


def test_a_value_that_breaks_a_rule_is_named_but_not_shown(edge):
    reply = edge.client.get(f"{THINGS}?limit={SECRET}")
    assert reply.json()["errors"][0]["parameter"] == "limit"
    assert SECRET not in reply.text


def test_an_unknown_parameter_of_v2_is_refused_with_a_hint_and_v1_ignores_it(edge):
    error = edge.client.get(f"{THINGS}?limti=1").json()["errors"][0]
    assert error == {
        "parameter": "limti",
        "rule": "unknown_parameter",
        "message": "is not known here; did you mean limit?",
    }
    assert edge.client.get("/v1/things?limti=1").status_code == 200


def test_an_internal_failure_says_nothing_but_is_logged_with_the_request_id(edge, caplog):
    reply = edge.client.get(f"{THINGS}/broken", headers={"X-Request-Id": "look-for-me"})
    assert reply.json()["detail"] == "Internal error"
    [record] = caplog.records
    assert (record.request_id, record.route) == ("look-for-me", "/v2/things/broken")
    assert str(record.exc_info[1]) == "secret of the code"


def test_a_header_that_would_break_its_line_is_a_failure_not_a_cut(edge):
    assert edge.client.get(f"{THINGS}/split").status_code == 500


def test_405_names_the_methods_of_all_routes_of_the_path(edge):
    reply = edge.client.put(f"{THINGS}/pinned")
    assert reply.status_code == 405
    assert reply.headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    options = edge.client.options(f"{THINGS}/pinned")
    assert (options.status_code, options.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS")


def test_a_method_of_a_less_specific_route_is_found(edge):
    assert edge.client.delete(f"{THINGS}/pinned").status_code == 204


def test_a_request_finds_its_state(edge):
    seen = edge.client.get(f"{THINGS}/state", headers={"X-Request-Id": "me"}).json()
    assert 9 < seen.pop("left") <= 10
    assert seen == {
        "request_id": "me",
        "subject": "anonymous",
        "version": 7,
        "today": "2026-03-02",
        "template": "/v2/things/state",
        "url": "/v2/things/state",
    }


def test_latest_is_v2_and_says_where(edge):
    reply = edge.client.get("/latest/things?limit=3")
    assert reply.status_code == 200
    assert reply.headers["content-location"] == "/v2/things?limit=3"
    assert edge.client.get("/v2/things?limit=3").content == reply.content
    assert edge.services.calls == 1
    assert edge.client.get("/latest/things/state").json()["url"] == "/v2/things/state"
    missing = edge.client.get("/latest/nothing")
    assert missing.status_code == 404
    assert missing.json()["instance"] == "/latest/nothing"
    assert "content-location" not in missing.headers


def test_v1_switched_off_is_gone(start):
    edge = start(AurumSettings(api=ApiSettings(enable_v1=False)), house=HOUSE)
    for path in ("/v1/things", "/v1", "/v1/anything/else"):
        reply = edge.client.get(path)
        assert reply.status_code == 410
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.headers["deprecation"] == "@1"
        assert "/docs/migration" in reply.json()["detail"]
    assert edge.client.get(THINGS).status_code == 200
    assert not any("/v1" in path for path in edge.client.get("/openapi.json").json()["paths"])


@pytest.mark.parametrize(("policy", "status"), [("serve", 200), ("warn", 200), ("gone", 410)])
def test_after_the_sunset_the_policy_decides(start, policy, status):
    api = ApiSettings(
        v1_deprecated_at="2020-01-01", v1_sunset_at="2021-01-01", v1_after_sunset=policy
    )
    assert start(AurumSettings(api=api)).client.get("/v1/things").status_code == status


def test_a_deadline_is_kept_whatever_still_runs(start):
    edge = start(AurumSettings(api=ApiSettings(metadata_timeout_seconds=0.05)))
    reply = edge.client.get(f"{THINGS}/slow")
    assert (reply.status_code, reply.json()["type"]) == (504, "/docs/errors#deadline-exceeded")


def test_a_stream_arrives_whole_and_compressed_where_asked(edge):
    plain = edge.client.get(f"{THINGS}/export")
    assert plain.content.endswith(b"1,2\r\n")
    coded = edge.client.get(f"{THINGS}/export", headers={"Accept-Encoding": "gzip"})
    assert coded.headers["content-encoding"] == "gzip"
    assert coded.content == plain.content
    assert edge.client.head(f"{THINGS}/export").content == b""


def test_a_stream_that_fails_is_cut_not_ended(make_app):
    from starlette.testclient import TestClient

    from aurum_app.replies.streams import StreamAbortedError

    app, _, _ = make_app()
    with TestClient(app) as client, pytest.raises(StreamAbortedError):
        client.get(f"{THINGS}/export?fail=true")


def test_cors_is_off_until_origins_are_named(start):
    origin = {"Origin": "https://desk.example"}
    assert "access-control-allow-origin" not in start().client.get(THINGS, headers=origin).headers
    edge = start(AurumSettings(api=ApiSettings(cors_origins=("https://desk.example",))))
    reply = edge.client.get(THINGS, headers=origin)
    assert reply.headers["access-control-allow-origin"] == "https://desk.example"
    assert "ETag" in reply.headers["access-control-expose-headers"]
    assert "Origin" in reply.headers["vary"]
    other = edge.client.get(THINGS, headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers
    preflight = edge.client.options(
        THINGS, headers={**origin, "Access-Control-Request-Method": "GET"}
    )
    assert preflight.status_code == 204
    assert "If-None-Match" in preflight.headers["access-control-allow-headers"]
    assert preflight.headers["x-request-id"]


def test_the_access_log_is_one_json_object_per_request(edge):
    edge.client.get(f"{THINGS}?limit=1", headers={"X-Request-Id": "one"})
    edge.client.get("/v2/th%0Aings%22")
    edge.app.state.composition.access.flush()
    lines = [json.loads(line) for line in b"".join(edge.logged).splitlines()]
    assert [line["status"] for line in lines] == [200, 404]
    assert lines[0]["request_id"] == "one"
    assert lines[0]["route"] == "/v2/things"
    assert lines[0]["cache"] == "miss"
    assert lines[1]["route"] is None


def test_metrics_know_templates_not_paths(edge):
    for n in range(50):
        edge.client.get(f"{THINGS}/id-{n}")
        edge.client.get(f"/random/{n}")
    text = edge.client.get("/metrics").text
    assert (
        'aurum_http_requests_total{method="GET",route="/v2/things/{thing_id}",status="200",'
        'surface="v2"} 50.0' in text
    )
    assert 'route="unmatched",status="404"' in text
    assert "id-7" not in text
    assert "random" not in text


def test_metrics_have_a_toggle_and_a_path(start):
    edge = start(AurumSettings(telemetry=TelemetrySettings(metrics_path="/internal/metrics")))
    reply = edge.client.get("/internal/metrics")
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert edge.client.get("/metrics").status_code == 404
    off = start(AurumSettings(telemetry=TelemetrySettings(metrics_enabled=False)))
    assert off.client.get("/metrics").status_code == 404


def test_probes_answer_and_readiness_follows_the_drain(edge):
    assert edge.client.get("/livez").json() == {"status": "ok"}
    assert edge.client.get("/health").json() == {"status": "ok"}
    assert edge.client.get("/readyz").status_code == 200
    assert edge.client.get("/ready").status_code == 200
    edge.app.state.draining = True
    assert edge.client.get("/readyz").status_code == 503
    assert edge.client.get("/ready").json()["detail"]["status"] == "unavailable"
    assert edge.client.get("/livez").status_code == 200


def test_line_of_a_failure_of_ours_names_error_and_dependency(edge):
    edge.services.failing = True
    assert edge.client.get(THINGS).status_code == 503
    assert edge.client.get(f"{THINGS}/broken").status_code == 500
    edge.client.get("/nowhere")
    edge.app.state.composition.access.flush()
    lines = [json.loads(line) for line in b"".join(edge.logged).splitlines()]
    assert (lines[0]["error"], lines[0]["dependency"]) == ("upstream-unavailable", "warehouse")
    assert lines[1]["error"] == "internal"
    assert not {"error", "dependency"} & set(lines[2])
    assert "dependency" not in lines[1]


def test_a_warehouse_that_cannot_be_followed_is_degraded(edge):
    assert edge.client.get("/readyz").json() == {
        "status": "ready",
        "dependencies": {"warehouse": "ok"},
    }
    assert edge.client.get("/ready").json() == {"status": "ready", "checks": {"warehouse": "ok"}}
    edge.services.last_failure = "/somewhere/CURRENT: no pointer"
    reply = edge.client.get("/readyz")
    assert reply.status_code == 200
    assert reply.json() == {"status": "degraded", "dependencies": {"warehouse": "degraded"}}
    reply = edge.client.get("/ready")
    assert reply.status_code == 503
    assert reply.json() == {
        "detail": {"status": "unavailable", "checks": {"warehouse": "degraded"}}
    }


def test_without_services_probes_answer_and_data_is_unavailable(make_app):
    from starlette.testclient import TestClient

    app, _, _ = make_app()
    client = TestClient(app)
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json()["status"] == "starting"
    assert client.get(THINGS).status_code == 503


def test_the_index_is_json_or_html(start):
    edge = start(house=HOUSE)
    links = edge.client.get("/").json()["links"]
    assert {edge.client.get(url).status_code for url in links.values()} == {200}
    page = edge.client.get("/", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
