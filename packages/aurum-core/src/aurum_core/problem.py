"""RFC 9457 problem details as a pure projection of an error."""

from typing import Any, Final
from urllib.parse import quote

from aurum_core.errors import (
    AurumError,
    MalformedInputError,
    RateLimitedError,
    RuleError,
    UnavailableError,
    Violation,
)

PATH_SAFE: Final = "/:@!$&'()*+,;=-._~"
MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/docs/errors#"


def problem_of(error: AurumError, *, instance: str, request_id: str) -> dict[str, Any]:
    """Return the members of the problem: `type` resolves to the documentation of the slug.

    `instance` is the request's path without its query, written as a URI reference. Members beyond
    the standard ones are `request_id`, `errors` (400, 422) and `dependency` (503).
    """
    members: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": quote(instance, safe=PATH_SAFE, errors="replace"),
        "request_id": request_id,
    }
    if isinstance(error, RuleError | MalformedInputError) and error.violations:
        members["errors"] = [violation_of(v) for v in error.violations]
    if isinstance(error, UnavailableError):
        members["dependency"] = error.dependency
    return members


def violation_of(violation: Violation) -> dict[str, str]:
    """Return one entry of `errors`: a body is pointed into, everything else is named."""
    where = "pointer" if violation.place == "body" else "parameter"
    return {where: violation.name, "rule": violation.rule, "message": violation.message}


def headers_of(error: AurumError) -> dict[str, str]:
    """Return the headers that the error's class asks for."""
    if isinstance(error, RateLimitedError | UnavailableError):
        return {"Retry-After": str(max(1, round(error.retry_after)))}
    allow = getattr(error, "allow", None)
    return {"Allow": ", ".join(allow)} if allow else {}
