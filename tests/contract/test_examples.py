"""The example of every operation is a request that the demo set answers with content."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from aurum_app.factory import create_app
from aurum_app.openapi import generator_of
from aurum_app.resources import open_writer
from aurum_core.settings import AurumSettings, StorageSettings
from aurum_dao.loaders.demo import load_demo

DEMO_DAY = date(2026, 11, 24)
DOCUMENTS = generator_of(create_app(AurumSettings()))


def requests() -> Iterator[Any]:
    for surface in ("v1", "v2"):
        for path, item in DOCUMENTS.document(surface)["paths"].items():
            for method, operation in item.items():
                examples = {
                    (p["in"], p["name"]): p["example"]
                    for p in operation.get("parameters", ())
                    if "example" in p
                }
                query = {
                    name: value for (place, name), value in examples.items() if place == "query"
                }
                inside = {
                    name: value for (place, name), value in examples.items() if place == "path"
                }
                yield pytest.param(method, path.format_map(inside), query, id=f"{method} {path}")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    storage = StorageSettings(data_dir=tmp_path_factory.mktemp("examples"))
    settings = AurumSettings(storage=storage)
    with open_writer(settings) as writer:
        load_demo(writer, DEMO_DAY)
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.mark.lag(2, reason="the first request imports, the start opens the store")
@pytest.mark.parametrize(("method", "path", "query"), list(requests()))
def test_example_is_answered(
    api: TestClient, method: str, path: str, query: dict[str, Any]
) -> None:
    answer = api.request(method, path, params=query)
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("application/json"):
        assert answer.json()["data"]
    else:
        assert len(answer.text.splitlines()) > 1


def test_no_example_is_left_over() -> None:
    from aurum_app.openapi.examples import EXAMPLES

    paths = {p for s in ("v1", "v2") for p in DOCUMENTS.document(s)["paths"]}
    assert set(EXAMPLES) <= paths
    for path in EXAMPLES:
        document = DOCUMENTS.document(path.split("/")[1])
        names = {p["name"] for o in document["paths"][path].values() for p in o["parameters"]}
        unknown = set(EXAMPLES[path]) - names
        assert not unknown, (path, unknown)


def test_dates_of_the_examples_are_in_the_demo_as_loaded(tmp_path: Path) -> None:
    from aurum_dao.loaders.demo_curves import asof_dates

    assert {date(2026, 11, 20), date(2026, 11, 23)} <= set(asof_dates(DEMO_DAY))
