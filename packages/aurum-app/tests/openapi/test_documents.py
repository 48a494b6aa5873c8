"""The documents as a client generator, a linter and a reader need them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from aurum_app.factory import create_app
from aurum_app.openapi import OpenAPIGenerator, generator_of, render_document
from aurum_core.settings import ApiSettings, AurumSettings

Document = dict[str, Any]
SURFACES = ("v1", "v2")


@pytest.fixture(scope="module")
def generator() -> OpenAPIGenerator:
    return generator_of(create_app(AurumSettings()))


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def resolved(document: Document, part: Document) -> Document:
    while "$ref" in part:
        here: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            here = here[step]
        part = here
    return part


@pytest.mark.parametrize("name", [*SURFACES, "all"])
def test_every_reference_leads_somewhere(generator: OpenAPIGenerator, name: str) -> None:
    document = generator.document(name)
    references = set(re.findall(r'"\$ref": "([^"]+)"', render_document(document)))
    assert references
    for reference in references:
        resolved(document, {"$ref": reference})


@pytest.mark.parametrize("name", SURFACES)
def test_every_shared_part_is_used(generator: OpenAPIGenerator, name: str) -> None:
    document = generator.document(name)
    text = render_document(document)
    for kind, parts in document["components"].items():
        for part in parts:
            assert f'"#/components/{kind}/{part}"' in text


@pytest.mark.parametrize("name", [*SURFACES, "all"])
def test_operation_ids_are_unique_and_readable(generator: OpenAPIGenerator, name: str) -> None:
    ids = [o["operationId"] for _, _, o in operations(generator.document(name))]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", one) for one in ids)


def test_operation_id_is_domain_and_function(generator: OpenAPIGenerator) -> None:
    ids = {p: o["operationId"] for p, _, o in operations(generator.document("v2"))}
    assert ids["/v2/curves/observations"] == "curves_list_observations"
    ids = {p: o["operationId"] for p, _, o in operations(generator.document("all"))}
    assert ids["/v2/curves/observations"] == "v2_curves_list_observations"


@pytest.mark.parametrize("name", SURFACES)
def test_document_holds_its_own_surface_only(generator: OpenAPIGenerator, name: str) -> None:
    assert all(path.startswith(f"/{name}/") for path in generator.document(name)["paths"])


@pytest.mark.parametrize("name", [*SURFACES, "all"])
def test_operation_has_tag_summary_and_success(generator: OpenAPIGenerator, name: str) -> None:
    document = generator.document(name)
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert set(operation["tags"]) <= tags, where
        assert len(operation["summary"]) > 10, where
        assert not operation["summary"].endswith("."), where
        assert any(status.startswith("2") for status in operation["responses"]), where
        assert "Raises:" not in operation.get("description", ""), where


@pytest.mark.parametrize("name", SURFACES)
def test_reads_have_no_body_and_can_be_not_modified(generator: OpenAPIGenerator, name: str) -> None:
    for path, method, operation in operations(generator.document(name)):
        if method == "get":
            assert "requestBody" not in operation, path
            assert "content" not in operation["responses"]["304"], path


@pytest.mark.parametrize("name", SURFACES)
def test_parameter_is_what_a_url_can_say(generator: OpenAPIGenerator, name: str) -> None:
    for path, _, operation in operations(generator.document(name)):
        for parameter in operation.get("parameters", ()):
            schema, where = parameter["schema"], f"{path} {parameter['name']}"
            text = json.dumps(schema)
            assert '"null"' not in text, where
            assert "title" not in schema, where
            assert not {"ge", "le", "gt", "lt"} & set(schema), where
            if schema.get("type") == "string" and "default" in schema:
                assert isinstance(schema["default"], str), where


@pytest.mark.parametrize("name", SURFACES)
def test_required_parameters_have_an_example(generator: OpenAPIGenerator, name: str) -> None:
    for path, _, operation in operations(generator.document(name)):
        for parameter in operation.get("parameters", ()):
            assert not parameter["required"] or "example" in parameter, (path, parameter["name"])


def test_v2_errors_are_problems(generator: OpenAPIGenerator) -> None:
    document = generator.document("v2")
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                content = resolved(document, response)["content"]
                assert list(content) == ["application/problem+json"], (path, status)
        assert {"401", "403", "429", "503", "504"} <= set(operation["responses"]), path


def test_v1_errors_have_the_shapes_of_the_contract(generator: OpenAPIGenerator) -> None:
    document = generator.document("v1")
    shapes = {"401": "V1Refusal", "403": "V1Refusal", "429": "V1Refusal"}
    shapes["422"] = "V1ValidationError"
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                schema = resolved(document, response)["content"]["application/json"]["schema"]
                expected = shapes.get(status, "V1Error")
                assert schema["$ref"].endswith(f"/{expected}"), (path, status)


def test_v1_answers_say_when_v1_ends(generator: OpenAPIGenerator) -> None:
    for path, _, operation in operations(generator.document("v1")):
        headers = operation["responses"]["200"]["headers"]
        assert {"Deprecation", "Sunset", "Link", "X-API-Version"} <= set(headers), path


def test_retry_after_is_promised_where_it_is_sent(generator: OpenAPIGenerator) -> None:
    document = generator.document("v2")
    for name in ("TooManyRequests", "ServiceUnavailable"):
        assert "Retry-After" in document["components"]["responses"][name]["headers"]


def test_formats_of_an_operation_are_its_media_types(generator: OpenAPIGenerator) -> None:
    paths = generator.document("v2")["paths"]
    page = paths["/v2/iso/lmp"]["get"]["responses"]["200"]["content"]
    export = paths["/v2/iso/lmp/export"]["get"]["responses"]["200"]["content"]
    assert set(export) == {
        "application/x-ndjson",
        "text/csv",
        "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream",
    }
    assert set(page) == {*export, "application/json", "application/vnd.aurum.columns+json"}


def test_document_is_made_once(generator: OpenAPIGenerator) -> None:
    assert generator.document("v2") is generator.document("v2")


def test_two_apps_have_documents_of_their_own() -> None:
    other = create_app(AurumSettings(api=ApiSettings(title="Other", v2_routers=("metadata",))))
    document = generator_of(other).document("v2")
    assert document["info"]["title"] == "Other v2"
    assert all(path.startswith("/v2/metadata/") for path in document["paths"])


def test_surface_that_is_off_is_in_no_document() -> None:
    generator = generator_of(create_app(AurumSettings(api=ApiSettings(enable_v1=False))))
    assert generator.surfaces() == ("v2",)
    assert not any(path.startswith("/v1/") for path in generator.document("all")["paths"])
