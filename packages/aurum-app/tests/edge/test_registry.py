"""Composition as data: what fits together starts, everything else says why it does not."""

from types import SimpleNamespace

import pytest
from fastapi import APIRouter

from aurum_api_v2.responses import AnswerResponse
from aurum_app.house import HOUSE
from aurum_app.middleware import MIDDLEWARE, enabled_middleware
from aurum_app.surfaces import CompositionError
from aurum_core.auth import CacheFamily, guard, market_data, open_policy
from aurum_core.settings import (
    ApiSettings,
    AurumSettings,
    LimitSettings,
    LogSettings,
    SettingsError,
    TelemetrySettings,
)

OPEN = guard(market_data(CacheFamily.METADATA))


def surface(*routers, name="v2"):
    return SimpleNamespace(
        NAME=name,
        PREFIX=f"/{name}",
        ROUTERS=tuple(routers),
        render_error=lambda error, **_: ("text/plain", b""),
        lifecycle_headers=lambda settings, template: (),
    )


def router_at(*paths, method="GET", policy=OPEN):
    router = APIRouter()
    for path in paths:

        async def handler() -> AnswerResponse:
            raise AssertionError

        router.add_api_route(path, policy(handler) if policy else handler, methods=[method])
    return router


def test_the_order_of_the_middleware():
    assert [declaration.name for declaration in MIDDLEWARE] == [
        "cors",
        "request_id",
        "span",
        "access_log",
        "metrics",
        "errors",
        "dispatch",
        "authentication",
        "policy",
        "limiter",
        "cache",
        "body",
        "deadline",
        "handler",
    ]


def test_the_order_of_the_house():
    assert [name for name, _ in HOUSE] == ["health", "metrics", "documents", "index"]


@pytest.mark.parametrize(
    ("settings", "off"),
    [
        (AurumSettings(), {"cors", "span"}),
        (AurumSettings(api=ApiSettings(cors_origins=("https://a.example",))), {"span"}),
        (AurumSettings(log=LogSettings(level="warning")), {"cors", "span", "access_log"}),
        (
            AurumSettings(telemetry=TelemetrySettings(metrics_enabled=False)),
            {"cors", "span", "metrics"},
        ),
        (
            AurumSettings(telemetry=TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318")),
            {"cors"},
        ),
        (
            AurumSettings(
                telemetry=TelemetrySettings(
                    otlp_endpoint="http://127.0.0.1:4318", traces_enabled=False
                )
            ),
            {"cors", "span"},
        ),
    ],
)
def test_settings_toggle_middleware(settings, off):
    on = {declaration.name for declaration in enabled_middleware(settings)}
    assert {declaration.name for declaration in MIDDLEWARE} - on == off


def test_a_router_registered_twice_stops_the_start(make_app):
    ppa = router_at("/v2/ppa/contracts")
    with pytest.raises(CompositionError, match=r"declared twice: by router 'ppa' and .* 'ppa_v2'"):
        make_app(surfaces=(surface(("ppa", ppa), ("ppa_v2", ppa)),))


def test_one_path_by_two_parameter_names_stops_the_start(make_app):
    two = router_at("/v2/things/{a}", "/v2/things/{b}")
    with pytest.raises(CompositionError, match="declared twice"):
        make_app(surfaces=(surface(("two", two)),))


def test_two_methods_on_one_path_are_fine(make_app):
    both = ("get", router_at("/v2/x")), ("post", router_at("/v2/x", method="POST"))
    make_app(surfaces=(surface(*both),))


def test_a_route_without_policy_stops_the_start(make_app):
    bare = router_at("/v2/bare", policy=None)
    with pytest.raises(CompositionError, match="GET /v2/bare of router 'bare' has no policy"):
        make_app(surfaces=(surface(("bare", bare)),))


def test_a_path_outside_of_its_surface_stops_the_start(make_app):
    with pytest.raises(CompositionError, match="not below /v2"):
        make_app(surfaces=(surface(("stray", router_at("/v3/stray"))),))


@pytest.mark.parametrize(
    ("wanted", "served"),
    [(None, {"a", "b"}), (("a",), {"a"}), ((), set()), (("b", "a"), {"a", "b"})],
)
def test_settings_choose_routers(start, wanted, served):
    routers = ("a", router_at("/v2/a")), ("b", router_at("/v2/b"))
    settings = AurumSettings(api=ApiSettings(v2_routers=wanted))
    edge = start(settings, surfaces=(surface(*routers),))
    found = {n for n in "ab" if edge.client.get(f"/v2/{n}").status_code != 404}
    assert found == served


def test_an_unknown_router_name_stops_the_start_with_a_hint(make_app):
    settings = AurumSettings(api=ApiSettings(v2_routers=("curve",)))
    with pytest.raises(CompositionError, match="no router 'curve'; did you mean 'curves'"):
        make_app(settings, surfaces=(surface(("curves", router_at("/v2/curves"))),))


def test_rules_across_settings_are_checked(make_app):
    with pytest.raises(SettingsError, match="AURUM_AUTH_MODE"):
        make_app(AurumSettings(environment="production"))


def test_an_enforcing_limiter_is_refused_for_now(make_app):
    with pytest.raises(CompositionError, match="AURUM_LIMITS_ENABLED"):
        make_app(AurumSettings(limits=LimitSettings(enabled=True)))


def test_a_route_of_the_house_with_roles_is_guarded(start):
    def build(app, settings):
        return router_at("/v2/admin/cache")

    edge = start(surfaces=(surface(),), house=(("admin", build),))
    assert "ratelimit" in edge.client.get("/v2/admin/cache").headers


def test_an_open_route_of_the_house_is_not_limited(start):
    def build(app, settings):
        return router_at("/probe", policy=guard(open_policy()))

    assert "ratelimit" not in start(house=(("probe", build),)).client.get("/probe").headers
