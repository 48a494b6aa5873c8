"""Hostile strings in every string parameter of both documents: no 5xx, no echo, no effect."""

import json

import pytest

from aurum_testkit.hostile import HEADER_SAFE, HOSTILE

pytestmark = pytest.mark.integration
SAMPLES = {
    "curve_key": "demo",
    "name": "PJM",
    "iso": "PJM",
    "location_id": "DEMO",
    "start": "2026-01-01",
    "end": "2026-01-02",
    "asof_a": "2026-01-02",
    "asof_b": "2026-01-05",
    "value": "1",
    "from": "USD/MWh",
    "to": "USD/MMBtu",
    "block": "5x16",
    "date": "2026-01-02",
    "type": "QUARTER",
}


def operations(document):
    """Yield (path, operation) of every GET."""
    for path, item in document["paths"].items():
        if "get" in item:
            yield path, item["get"]


def is_text(parameter) -> bool:
    """Tell whether a parameter takes a string of some kind."""
    schema = parameter["schema"]
    kinds = {schema.get("type"), *(part.get("type") for part in schema.get("anyOf", ()))}
    return "string" in kinds


def filled(path: str, operation, wanted: str | None = None, value: str = ""):
    """Return the URL's path and query with the wanted parameter set to the value."""
    query = {}
    for parameter in operation.get("parameters", ()):
        name, chosen = parameter["name"], parameter["name"] == wanted
        if parameter["in"] == "path":
            text = value if chosen else SAMPLES.get(name, "x")
            path = path.replace("{" + name + "}", text)
        elif parameter["in"] == "query" and (chosen or parameter.get("required")):
            query[name] = value if chosen else SAMPLES.get(name, "x")
    return path, query


def safe_path(path: str) -> str:
    """Quote a path as a browser would, dots and slashes of the value included."""
    from urllib.parse import quote

    return "/".join(quote(part, safe="", errors="surrogatepass") for part in path.split("/"))


@pytest.mark.parametrize("surface", ["v1", "v2"])
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_no_string_parameter_breaks(client, surface, name):
    document = client.get(f"/{surface}/openapi.json").json()
    value = HOSTILE[name]
    for template, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] not in ("path", "query") or not is_text(parameter):
                continue
            if parameter["in"] == "path" and value in ("", ".", ".."):
                continue
            path, query = filled(template, operation, parameter["name"], value)
            answer = client.get(safe_path(path), params=query)
            where = (template, parameter["name"], answer.status_code, answer.text[:300])
            assert answer.status_code < 500, where
            if answer.status_code >= 400:
                body = json.loads(answer.text)
                assert ("detail" in body) if surface == "v1" else (body["status"] >= 400), where
                assert "<script>" not in answer.text, where
            assert "planted" not in answer.headers.get("set-cookie", ""), where


@pytest.mark.parametrize("name", sorted(HEADER_SAFE))
def test_no_header_breaks(client, name):
    value = HEADER_SAFE[name]
    for header in ("Accept", "If-None-Match", "X-Request-Id", "traceparent", "Accept-Encoding"):
        for path in ("/v1/curves", "/v2/curves", "/v2/iso/lmp/last-24h"):
            answer = client.get(path, headers={header: value})
            assert answer.status_code in (200, 304, 406), (header, path, answer.text[:300])


def test_rows_are_as_many_as_before(client):
    rows = client.get("/v2/metadata/datasets").json()["data"]
    held = {row["name"]: row["row_count"] for row in rows}
    assert held["curves"] > 0
    assert held["lmp"] > 0
