"""Errors as v1 always told them: `{"detail": …}`, and what the contract's shapes add to it."""

from typing import Any, Final

import msgspec

from aurum_core.errors import (
    AurumError,
    CursorExpiredError,
    CursorInvalidError,
    DeadlineError,
    RateLimitedError,
    RuleError,
    UnauthenticatedError,
    UnavailableError,
    Violation,
)

MEDIA_TYPE: Final = "application/json"
INVALID_CURSOR: Final = "Invalid cursor"
EXPIRED_CURSOR: Final = "Cursor has expired"
OTHER_FILTERS: Final = "Cursor filters do not match current query parameters"


def render_error(error: AurumError, *, path: str, request_id: str) -> tuple[str, bytes]:  # noqa: ARG001 - the protocol of surfaces
    """Return the media type and body of an error on this surface."""
    return MEDIA_TYPE, msgspec.json.encode(body_of(error, request_id))


def body_of(error: AurumError, request_id: str) -> dict[str, Any]:
    """Return the members of an error's body; `detail` is always one of them."""
    match error:
        case RuleError():
            return {"detail": [_violation(v) for v in error.violations]}
        case CursorInvalidError():
            return {"detail": INVALID_CURSOR}
        case CursorExpiredError():
            return {"detail": EXPIRED_CURSOR}
        case UnauthenticatedError():
            return _named("unauthorized", error)
        case RateLimitedError():
            return _named("rate_limited", error)
        case UnavailableError():
            return {**_named("ServiceUnavailable", error), "request_id": request_id}
        case DeadlineError():
            return {**_named("GatewayTimeout", error), "request_id": request_id}
        case _:
            return {"detail": error.detail}


def _named(name: str, error: AurumError) -> dict[str, Any]:
    return {"error": name, "message": error.title, "detail": error.detail}


def _violation(violation: Violation) -> dict[str, Any]:
    """Return one entry: a body pointer `/terms/0` becomes the location `body, terms, 0`."""
    names: list[str | int] = [violation.name]
    if violation.place == "body":
        names = [_part(part) for part in violation.name.split("/") if part]
    return {"type": violation.rule, "loc": [violation.place, *names], "msg": violation.message}


def _part(part: str) -> str | int:
    return int(part) if part.isascii() and part.isdigit() and len(part) < 10 else part
