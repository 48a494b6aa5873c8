"""Which route a path is, and that the three-hundredth costs what the first costs."""

import time

import pytest

from aurum_app.dispatch import RouteEntry, RouteTable
from aurum_core.auth import open_policy

TEMPLATES = (
    "/v2/curves",
    "/v2/curves/diff",
    "/v2/curves/{curve_key}",
    "/v2/curves/{curve_key}/diff",
    "/v2/scenarios/{scenario_id}/runs",
    "/v2/scenarios/{scenario_id}/runs:bulk",
    "/v2/scenarios/{scenario_id}/runs/{run_id}",
    "/v2/eia/datasets",
    "/v2/eia/datasets/{dataset_path:path}",
    "/v2/drought/tiles/{dataset}/{z:int}/{x:int}/{y:int}.png",
    "/v2/drought/tiles/{dataset}/{z:int}/{x:int}/{name}",
    "/",
)


def table_of(templates, method="GET"):
    entries = [
        RouteEntry(template=t, method=method, router="r", policy=open_policy(), app=None)
        for t in templates
    ]
    return RouteTable(entries)


@pytest.mark.parametrize("order", [TEMPLATES, TEMPLATES[::-1]])
@pytest.mark.parametrize(
    ("path", "template", "params"),
    [
        ("/", "/", {}),
        ("/v2/curves", "/v2/curves", {}),
        ("/v2/curves/diff", "/v2/curves/diff", {}),
        ("/v2/curves/a:b|c", "/v2/curves/{curve_key}", {"curve_key": "a:b|c"}),
        ("/v2/curves/diff/diff", "/v2/curves/{curve_key}/diff", {"curve_key": "diff"}),
        ("/v2/scenarios/7/runs", "/v2/scenarios/{scenario_id}/runs", {"scenario_id": "7"}),
        (
            "/v2/scenarios/7/runs:bulk",
            "/v2/scenarios/{scenario_id}/runs:bulk",
            {"scenario_id": "7"},
        ),
        (
            "/v2/scenarios/7/runs/8",
            "/v2/scenarios/{scenario_id}/runs/{run_id}",
            {"scenario_id": "7", "run_id": "8"},
        ),
        ("/v2/eia/datasets", "/v2/eia/datasets", {}),
        (
            "/v2/eia/datasets/electricity/rto/region",
            "/v2/eia/datasets/{dataset_path:path}",
            {"dataset_path": "electricity/rto/region"},
        ),
        (
            "/v2/drought/tiles/spi/3/1/2.png",
            "/v2/drought/tiles/{dataset}/{z:int}/{x:int}/{y:int}.png",
            {"dataset": "spi", "z": 3, "x": 1, "y": 2},
        ),
        (
            "/v2/drought/tiles/spi/3/1/b.png",
            "/v2/drought/tiles/{dataset}/{z:int}/{x:int}/{name}",
            {"dataset": "spi", "z": 3, "x": 1, "name": "b.png"},
        ),
    ],
)
def test_a_path_finds_its_route_in_any_order_of_declaration(order, path, template, params):
    entry, found = table_of(order).find(path, "GET")
    assert (entry.template, found) == (template, params)


@pytest.mark.parametrize(
    "path",
    ["", "v2/curves", "/v2", "/v2/curves/", "/v2/curves//diff", "/v2/scenarios//runs", "//"],
)
def test_a_path_without_a_route_finds_none(path):
    assert table_of(TEMPLATES).find(path, "GET") is None


def test_head_is_where_get_is():
    assert table_of(TEMPLATES).find("/v2/curves", "HEAD") is not None
    assert table_of(TEMPLATES, "POST").find("/v2/curves", "HEAD") is None


def test_route_three_hundred_costs_what_route_one_costs():
    many = [f"/v2/d{n}/{{key}}/things/{{id}}" for n in range(300)]
    one, all_of = table_of(many[:1]), table_of(many)

    def seconds(table, path):
        best = 1.0
        for _ in range(7):
            begun = time.perf_counter()
            for _ in range(500):
                table.find(path, "GET")
            best = min(best, time.perf_counter() - begun)
        return best

    assert seconds(all_of, "/v2/d299/a/things/b") < 2 * seconds(one, "/v2/d0/a/things/b")


def test_three_hundred_routes_through_the_app(start):
    from types import SimpleNamespace

    from fastapi import APIRouter

    from aurum_api_v2.responses import AnswerResponse
    from aurum_core.answers import Answer
    from aurum_core.auth import CacheFamily, guard, market_data

    router = APIRouter(prefix="/v2")
    for n in range(300):

        @router.get(f"/d{n}/{{key}}")
        @guard(market_data(CacheFamily.METADATA))
        async def handler(key: str, n: int = n) -> AnswerResponse:
            return AnswerResponse(Answer(body=f'"{key}"'.encode()))

    surface = SimpleNamespace(
        NAME="v2",
        PREFIX="/v2",
        ROUTERS=(("many", router),),
        render_error=None,
        lifecycle_headers=lambda settings, template: (),
    )
    edge = start(surfaces=(surface,))
    for n in (0, 150, 299):
        assert edge.client.get(f"/v2/d{n}/x%20y").json() == "x y"
