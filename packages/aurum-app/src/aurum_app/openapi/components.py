"""The parts that operations refer to: error answers in each surface's shape, shared headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from aurum_core.dto.paging import Problem
from aurum_core.problem import MEDIA_TYPE

Part = dict[str, Any]

REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "The request cannot be understood, or its cursor is not of this request.",
        401: "No valid credential came with the request.",
        403: "The caller may not do this.",
        404: "There is no such thing, or not for this tenant.",
        405: "The path exists, the method does not; `Allow` lists those that do.",
        406: "None of the media types asked for is served here.",
        409: "The state does not allow it now.",
        410: "The cursor, or the resource, was good once and is not any more.",
        412: "`If-Match` does not match.",
        413: "The body is longer than the limit.",
        415: "The body's media type or coding is not accepted.",
        422: "A parameter or a member of the body breaks a rule.",
        429: "Over the rate of this caller; `Retry-After` says when to try again.",
        502: "The server behind this route gave no usable answer.",
        503: "A dependency cannot answer now; `Retry-After` says when to try again.",
        504: "The deadline of the request passed.",
    }
)
RETRY: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Shape:
    """What one surface's operations may refer to; `errors` maps a status to its response's name."""

    name: str
    errors: Mapping[int, str]
    responses: Mapping[str, Part]
    headers: Mapping[str, Part]
    schemas: Mapping[str, Part]
    answer_headers: tuple[str, ...]


def _text(description: str, example: str | None = None) -> Part:
    part: Part = {"description": description, "schema": {"type": "string"}}
    if example is not None:
        part["example"] = example
    return part


def _number(description: str) -> Part:
    return {"description": description, "schema": {"type": "integer", "minimum": 0}}


HEADERS: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "X-Request-Id": _text("The request's id: the client's own where it is well-formed."),
        "ETag": _text("Strong entity tag of this representation.", '"2f6a91c3"'),
        "Cache-Control": _text("How long the answer is fresh and how stale it may be served."),
        "Vary": _text("The request headers that the representation depends on."),
        "Link": _text("Related URLs (RFC 8288): next and previous pages, successors."),
        "Retry-After": _number("Seconds to wait before trying again."),
        "RateLimit": _text("What is left of the caller's quota (IETF draft)."),
        "RateLimit-Policy": _text("The caller's quota (IETF draft)."),
        "X-RateLimit-Limit": _number("Requests that the caller may make at once."),
        "X-RateLimit-Remaining": _number("Requests left now."),
        "X-RateLimit-Reset": _number("Seconds until the quota is whole again."),
        "Deprecation": _text("Since when v1 is deprecated (RFC 9745).", "@1767225600"),
        "Sunset": _text("When v1 ends (RFC 8594).", "Fri, 31 Dec 2027 00:00:00 GMT"),
        "X-API-Version": _text("The surface that answered.", "v1"),
    }
)
ANSWERS: Final = ("X-Request-Id", "ETag", "Cache-Control", "Vary", "RateLimit")
LIFECYCLE: Final = ("Deprecation", "Sunset", "Link", "X-API-Version")


def header_refs(*names: str) -> dict[str, Part]:
    """Return references to shared headers by their names."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _object(description: str, **members: Part) -> Part:
    return {
        "type": "object",
        "description": description,
        "properties": members,
        "required": list(members),
    }


def _string() -> Part:
    return {"type": "string"}


def _v1_validation() -> Part:
    place: Part = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}
    item = _object("One broken rule.", type=_string(), loc=place, msg=_string())
    listed: Part = {"type": "array", "items": item}
    return _object(
        "What broke a rule: a list of rules, or one sentence.",
        detail={"anyOf": [listed, {"type": "string"}]},
    )


def _v1_schemas() -> dict[str, Part]:
    refusal = {"error": _string(), "message": _string(), "detail": _string()}
    return {
        "V1Error": _object("Every other error of v1.", detail=_string()),
        "V1Refusal": _object("An answer of authentication or of the limiter.", **refusal),
        "V1ValidationError": _v1_validation(),
    }


def _v2_schemas() -> dict[str, Part]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Part] = schema.pop("$defs", {})
    return {"Problem": schema, **parts}


def _error(status: int, media_type: str, schema: str, *lifecycle: str) -> Part:
    retry = ("Retry-After",) if status in RETRY else ()
    return {
        "description": REASONS[status],
        "headers": header_refs("X-Request-Id", *retry, *lifecycle),
        "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _name(status: int, prefix: str) -> str:
    return prefix + "".join(w.capitalize() for w in HTTPStatus(status).phrase.split()).replace(
        "-", ""
    )


def _v1() -> Shape:
    schema = {401: "V1Refusal", 403: "V1Refusal", 429: "V1Refusal", 422: "V1ValidationError"}
    errors = {status: _name(status, "V1") for status in REASONS}
    responses = {
        errors[status]: _error(
            status, "application/json", schema.get(status, "V1Error"), *LIFECYCLE
        )
        for status in REASONS
    }
    return Shape("v1", errors, responses, HEADERS, _v1_schemas(), (*ANSWERS, *LIFECYCLE))


def _v2() -> Shape:
    errors = {status: _name(status, "") for status in REASONS}
    responses = {errors[status]: _error(status, MEDIA_TYPE, "Problem") for status in REASONS}
    return Shape("v2", errors, responses, HEADERS, _v2_schemas(), (*ANSWERS, "Link"))


def _house() -> Shape:
    v2 = _v2()
    return Shape("house", v2.errors, v2.responses, HEADERS, v2.schemas, ("X-Request-Id",))


SHAPES: Final[Mapping[str, Shape]] = MappingProxyType({"v1": _v1(), "v2": _v2(), "house": _house()})
