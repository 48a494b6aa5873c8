"""The surface as data: every route guarded, errors rendered, parameters strict."""

import json

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import aurum_api_v2
from aurum_core.auth import policy_of
from aurum_core.errors import RuleError, Violation


def routes():
    return [route for _, router in aurum_api_v2.ROUTERS for route in router.routes]


def test_every_route_is_of_the_surface_and_has_a_policy():
    assert routes()
    for route in routes():
        assert route.path.startswith(aurum_api_v2.PREFIX)
        assert policy_of(route.endpoint) is not None, route.path


def test_templates_are_there_once():
    seen = [(method, route.path) for route in routes() for method in route.methods]
    assert len(seen) == len(set(seen))


def test_errors_are_problems():
    error = RuleError([Violation("query", "limit", "range", "must be at most 1000")])
    media_type, body = aurum_api_v2.render_error(error, path="/v2/curves", request_id="r")
    assert media_type == "application/problem+json"
    assert json.loads(body)["errors"][0]["parameter"] == "limit"


@pytest.fixture(scope="module")
def bare():
    app = FastAPI()
    for _, router in aurum_api_v2.ROUTERS:
        app.include_router(router)
    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("/v2/iso/lmp", "limits=3", "limits"),
        ("/v2/iso/lmp", "limit=0", "limit"),
        ("/v2/iso/lmp", "limit=1001", "limit"),
        ("/v2/iso/lmp", "limit=1_0", "limit"),
        ("/v2/iso/lmp", "start=yesterday", "start"),
        ("/v2/iso/lmp", "start=2026-02-30", "start"),
        ("/v2/iso/lmp", "known_at=2026-01-01", "known_at"),
        ("/v2/iso/lmp", "tz=Mars/Olympus", "tz"),
        ("/v2/iso/lmp", "format=xml", "format"),
        ("/v2/iso/lmp", "iso=", "iso"),
        ("/v2/curves/diff", "asof_a=2026-01-01", "asof_b"),
        ("/v2/curves/observations", "asof_policy=latest", "asof_policy"),
        ("/v2/metadata/units/convert", "value=1e400&from=a&to=b", "value"),
        ("/v2/metadata/calendars/PJM/blocks", "year=1999", "year"),
    ],
)
def test_bad_parameters_are_refused_by_name(bare, path, query, parameter):
    answer = bare.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert parameter in [detail["loc"][1] for detail in answer.json()["detail"]]
