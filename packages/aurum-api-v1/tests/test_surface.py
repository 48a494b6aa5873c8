"""The module is the surface: routers, errors, the life of v1 in headers, rows and DTOs alike."""

import json
import logging
import subprocess
import sys
from datetime import date
from email.utils import parsedate_to_datetime
from typing import get_args

import pytest
from fastapi.routing import APIRoute

import aurum_api_v1
from aurum_api_v1 import rows
from aurum_core import errors
from aurum_core.auth import policy_of
from aurum_core.dto import legacy
from aurum_core.rows import fields_of
from aurum_core.settings import ApiSettings, AurumSettings

ROUTES = [
    (name, route)
    for name, router in aurum_api_v1.ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
]


def test_every_route_has_a_policy_a_tag_and_a_summary():
    assert len(ROUTES) == 16
    for name, route in ROUTES:
        policy = policy_of(route.endpoint)
        assert policy is not None
        assert policy.cache is not None
        assert route.tags == [name]
        assert route.path.startswith("/v1/")
        assert route.response_model is None
        assert (route.endpoint.__doc__ or "").strip()


def test_every_route_has_a_successor():
    for _, route in ROUTES:
        assert aurum_api_v1.successor_of(route.path).startswith("/v2/")
    assert aurum_api_v1.successor_of("/v1/else") == aurum_api_v1.successor_of(None) == "/v2"


def test_lifecycle_headers():
    settings = AurumSettings(
        api=ApiSettings(v1_deprecated_at=date(2026, 1, 1), v1_sunset_at=date(2027, 12, 31))
    )
    headers = dict(aurum_api_v1.lifecycle_headers(settings, "/v1/curves"))
    assert headers["Deprecation"] == "@1767225600"
    assert headers["Sunset"] == "Fri, 31 Dec 2027 00:00:00 GMT"
    assert parsedate_to_datetime(headers["Sunset"]).date() == date(2027, 12, 31)
    assert headers["X-API-Version"] == "v1"
    for relation in ("deprecation", "sunset", "successor-version"):
        assert f'rel="{relation}"' in headers["Link"]
    assert "</v2/curves/observations>" in headers["Link"]


RULE = errors.Violation("query", "limit", "less_than_equal", "too much")
POINTER = errors.Violation("body", "/terms/0/price", "missing", "is required")


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (errors.NotFoundError("Location not found"), {"detail": "Location not found"}),
        (errors.AurumError(), {"detail": "Internal error"}),
        (errors.CursorInvalidError(), {"detail": "Invalid cursor"}),
        (errors.CursorExpiredError(), {"detail": "Cursor has expired"}),
        (
            errors.RuleError([RULE, POINTER]),
            {
                "detail": [
                    {"type": "less_than_equal", "loc": ["query", "limit"], "msg": "too much"},
                    {
                        "type": "missing",
                        "loc": ["body", "terms", 0, "price"],
                        "msg": "is required",
                    },
                ]
            },
        ),
        (
            errors.UnauthenticatedError(),
            {
                "error": "unauthorized",
                "message": "Authentication required",
                "detail": "Authentication required",
            },
        ),
        (
            errors.RateLimitedError("Slow down."),
            {"error": "rate_limited", "message": "Too many requests", "detail": "Slow down."},
        ),
        (
            errors.OverloadedError("warehouse"),
            {
                "error": "ServiceUnavailable",
                "message": "Too busy",
                "detail": "The warehouse cannot answer now.",
                "request_id": "r",
            },
        ),
        (
            errors.DeadlineError(),
            {
                "error": "GatewayTimeout",
                "message": "The deadline passed",
                "detail": "The deadline passed",
                "request_id": "r",
            },
        ),
    ],
)
def test_errors_have_the_shapes_of_the_contract(error, body):
    media_type, text = aurum_api_v1.render_error(error, path="/v1/x", request_id="r")
    assert media_type == "application/json"
    assert json.loads(text) == body


@pytest.mark.parametrize(
    ("row_type", "dto"),
    [
        (rows.CurveRow, legacy.LegacyCurvePoint),
        (rows.CurveDiffRow, legacy.LegacyCurveDiff),
        (rows.LmpRow, legacy.LegacyLmp),
        (rows.LmpAverageRow, legacy.LegacyLmpAverage),
        (rows.LocationRow, legacy.LegacyLocation),
    ],
)
def test_rows_are_what_their_dtos_say(row_type, dto):
    served = fields_of(row_type)
    assert [f.name for f in served] == list(dto.model_fields)
    for field in served:
        annotation = dto.model_fields[field.name].annotation
        optional = type(None) in get_args(annotation)
        assert optional == field.nullable, field.name


@pytest.mark.parametrize(
    ("url", "model"),
    [
        ("/v1/curves", legacy.LegacyPage[legacy.LegacyCurvePoint]),
        ("/v1/curves/strips?type=QUARTER", legacy.LegacyPage[legacy.LegacyCurvePoint]),
        (
            "/v1/curves/diff?asof_a=2026-03-02&asof_b=2026-03-03&iso=PJM",
            legacy.LegacyPage[legacy.LegacyCurveDiff],
        ),
        ("/v1/iso/lmp/last-24h", legacy.LegacyPage[legacy.LegacyLmp]),
        ("/v1/iso/lmp/negative", legacy.LegacyPage[legacy.LegacyLmp]),
        ("/v1/iso/lmp/hourly", legacy.LegacyPage[legacy.LegacyLmpAverage]),
        ("/v1/iso/lmp/daily", legacy.LegacyPage[legacy.LegacyLmpAverage]),
        ("/v1/metadata/dimensions?include_counts=true", legacy.LegacyDimensionsPage),
        ("/v1/metadata/dimensions", legacy.LegacyDimensionsPage),
        ("/v1/metadata/locations", legacy.LegacyPage[legacy.LegacyLocation]),
        ("/v1/metadata/locations/ERCOT/HB_NORTH", legacy.LegacySingle[legacy.LegacyLocation]),
        ("/v1/metadata/units", legacy.LegacySingle[legacy.LegacyUnits]),
        ("/v1/metadata/units/mapping", legacy.LegacyPage[legacy.LegacyUnitMapping]),
        ("/v1/metadata/calendars", legacy.LegacyPage[legacy.LegacyCalendar]),
        ("/v1/metadata/calendars/PJM/blocks", legacy.LegacyPage[str]),
    ],
)
def test_answers_are_valid_by_the_documented_model(bench, url, model):
    answer = bench.client.get(url)
    assert answer.status_code == 200
    assert model.model_validate_json(answer.content)


def test_the_document_names_models_and_parameters(bench):
    document = bench.client.app.openapi()
    operation = document["paths"]["/v1/curves"]["get"]
    assert set(operation["responses"]["200"]["content"]) == {"application/json", "text/csv"}
    limit = next(p for p in operation["parameters"] if p["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 1000)
    assert limit["schema"]["default"] == 200


def test_unknown_parameters_are_logged_by_name_alone(bench, caplog):
    with caplog.at_level(logging.INFO, logger="aurum_api_v1"):
        assert bench.get("/v1/curves", secret="hunter2", **{"a\nb": 1}).status_code == 200
    assert "secret" in caplog.text
    assert "hunter2" not in caplog.text
    assert "a\nb" not in caplog.text


def test_the_package_imports_without_arrow():
    code = "import sys, aurum_api_v1; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
