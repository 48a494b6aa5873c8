"""One operation made whole: its error answers, headers, conditional answers, no body on reads."""

from dataclasses import dataclass
from typing import Any, Final

from aurum_app.openapi.components import Part, Shape, header_refs
from aurum_app.openapi.contents import complete_contents
from aurum_app.openapi.examples import examples_of
from aurum_app.openapi.parameters import clean_parameters

BODILESS: Final = frozenset({"get", "head", "delete", "options", "trace"})
READS: Final = frozenset({"get", "head"})
NAMING: Final = frozenset({"calendar"})
"""Query parameters that name a thing: there may be no such thing."""
PAGED: Final = frozenset({"cursor", "since_cursor", "prev_cursor"})


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as FastAPI described it, with the shape of its surface."""

    path: str
    method: str
    spec: dict[str, Any]
    shape: Shape

    @property
    def parameters(self) -> list[Part]:
        """Return the parameters, none where there are none."""
        parameters: list[Part] = self.spec.get("parameters", [])
        return parameters

    @property
    def is_house(self) -> bool:
        """Tell whether it is a route of the service itself: health, documents, metrics."""
        return self.shape.name == "house"


def finish_operation(operation: Operation) -> None:
    """Complete the description in place."""
    spec = operation.spec
    if operation.method in BODILESS:
        spec.pop("requestBody", None)
    _name_by_docstring(spec)
    clean_parameters(operation.parameters, examples_of(operation.path))
    responses = spec.setdefault("responses", {})
    if _is_fastapi_error(responses.get("422")):
        del responses["422"]
    _describe_success(operation)
    if operation.is_house:
        return
    if operation.method in READS:
        responses.setdefault("304", _not_modified())
    for status in statuses_of(operation):
        name = operation.shape.errors[status]
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{name}"})
    spec["responses"] = dict(sorted(responses.items()))


def statuses_of(operation: Operation) -> list[int]:
    """Return the errors that the operation may answer with."""
    statuses = {401, 403, 429, 503, 504}
    if operation.parameters:
        statuses |= {400, 422}
    names = {p["name"] for p in operation.parameters}
    if "{" in operation.path or names & NAMING:
        statuses.add(404)
    if "requestBody" in operation.spec:
        statuses |= {400, 413, 415, 422}
    if operation.shape.name == "v2":
        if operation.method in READS:
            statuses.add(406)
        if PAGED & names:
            statuses.add(410)
    return sorted(statuses)


def _name_by_docstring(spec: Part) -> None:
    """Make the docstring's first line the summary, the rest the description."""
    first, _, rest = spec.get("description", "").partition("\n\n")
    if first:
        spec["summary"] = " ".join(first.replace("`", "").split()).removesuffix(".")
        spec["description"] = rest.partition("Raises:")[0].strip()
        if not spec["description"]:
            del spec["description"]


def _is_fastapi_error(response: Part | None) -> bool:
    content = (response or {}).get("content", {}).get("application/json", {})
    return str(content.get("schema", {}).get("$ref", "")).endswith("/HTTPValidationError")


def _describe_success(operation: Operation) -> None:
    for status, response in operation.spec["responses"].items():
        if not status.startswith("2") or "$ref" in response:
            continue
        if response.get("description") in {None, "Successful Response"}:
            response["description"] = operation.spec.get("summary", "The answer.")
        complete_contents(response, operation.parameters)
        headers = response.setdefault("headers", {})
        for name, reference in header_refs(*operation.shape.answer_headers).items():
            headers.setdefault(name, reference)


def _not_modified() -> Part:
    return {
        "description": "`If-None-Match` names what the client already has; no body.",
        "headers": header_refs("X-Request-Id", "ETag", "Cache-Control", "Vary"),
    }
