"""Every failure as one error of the tree, and that error as the bytes of a reply.

Pure functions: nothing of what the client sent, and no exception text, ever leaves through them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from aurum_core.errors import (
    AurumError,
    BodyTooLargeError,
    ConflictError,
    ForbiddenError,
    GoneError,
    MalformedInputError,
    MediaTypeError,
    MethodNotAllowedError,
    NotAcceptableError,
    NotFoundError,
    Place,
    PreconditionFailedError,
    RuleError,
    UnauthenticatedError,
    UnavailableError,
    Violation,
)
from aurum_core.problem import MEDIA_TYPE, problem_of

_BY_STATUS: Final[Mapping[int, type[AurumError]]] = MappingProxyType(
    {
        cls.status: cls
        for cls in (
            MalformedInputError,
            UnauthenticatedError,
            ForbiddenError,
            NotFoundError,
            NotAcceptableError,
            ConflictError,
            GoneError,
            PreconditionFailedError,
            BodyTooLargeError,
            MediaTypeError,
        )
    }
)
_PLACES: Final[Mapping[str, Place]] = MappingProxyType(
    {"query": "query", "path": "path", "header": "header", "cookie": "header", "body": "body"}
)
_MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is required",
        "extra_forbidden": "is not known here",
        "int_parsing": "must be a whole number",
        "float_parsing": "must be a number",
        "decimal_parsing": "must be a number",
        "bool_parsing": "must be true or false",
        "date_from_datetime_parsing": "must be a date, YYYY-MM-DD",
        "uuid_parsing": "must be a UUID",
    }
)
"""Sentences for the kinds whose own text is for programmers; the others' name only the rule."""


def error_of(failure: BaseException) -> AurumError:
    """Return the error that stands for any failure; what is not foreseen is an internal one."""
    match failure:
        case AurumError():
            return failure
        case RequestValidationError():
            return validation_error(failure.errors())
        case HTTPException():
            return _http_error(failure)
        case _:
            return AurumError()


def validation_error(details: Sequence[Any]) -> AurumError:
    """Return RuleError for broken rules, MalformedInputError when the body is no JSON at all."""
    violations = [_violation_of(detail) for detail in details]
    if any(detail.get("type") == "json_invalid" for detail in details):
        return MalformedInputError("The body is not valid JSON.", violations=violations)
    return RuleError(violations)


def refused_parameters(given: Sequence[str], known: frozenset[str]) -> RuleError | None:
    """Return the error for query parameters that the route does not have or that come twice."""
    violations = []
    for name, times in Counter(given).items():
        if name in known and times > 1:
            message = "is given more than once; several values go by comma"
            violations.append(Violation("query", name, "repeated_parameter", message))
        elif name not in known:
            near = get_close_matches(name, sorted(known), 1)
            hint = f"is not known here; did you mean {near[0]}?" if near else "is not known here"
            violations.append(Violation("query", _shown(name), "unknown_parameter", hint))
    return RuleError(violations) if violations else None


def render_problem(error: AurumError, *, path: str, request_id: str) -> tuple[str, bytes]:
    """Return media type and body of the problem: for every path that no surface owns."""
    instance = path.encode("utf-8", "replace").decode()
    return MEDIA_TYPE, msgspec.json.encode(
        problem_of(error, instance=instance, request_id=request_id)
    )


def _violation_of(detail: Mapping[str, Any]) -> Violation:
    first, *rest = detail.get("loc") or ("body",)
    place = _PLACES.get(str(first), "body")
    kind = str(detail.get("type", "invalid"))
    if place == "body":
        name = "".join(f"/{_escaped(part)}" for part in rest) if kind != "json_invalid" else ""
    else:
        name = _shown(".".join(str(part) for part in rest))
    message = _MESSAGES.get(kind) or str(detail.get("msg", "is invalid"))
    return Violation(place, name, kind, message.removeprefix("Value error, "))


def _escaped(part: object) -> str:
    return _shown(str(part)).replace("~", "~0").replace("/", "~1")


def _shown(name: str) -> str:
    """Return a name that came from the client short and printable."""
    kept = "".join(c if c.isascii() and c.isprintable() else "?" for c in name)
    return kept if len(kept) <= 64 else f"{kept[:61]}..."


def _http_error(failure: HTTPException) -> AurumError:
    status = failure.status_code
    if status == MethodNotAllowedError.status:
        allow = (failure.headers or {}).get("Allow", "")
        return MethodNotAllowedError([m.strip() for m in allow.split(",") if m.strip()])
    if status == UnavailableError.status:
        return UnavailableError("service")
    if known := _BY_STATUS.get(status):
        return known()
    members = {"status": status, "slug": "http-error", "title": HTTPStatus(status).phrase}
    unforeseen: AurumError = type("StatusError", (AurumError,), members)()
    return unforeseen
