"""The error tree of the house.

```
AurumError                    500  internal
├── InputError
│   ├── MalformedInputError   400  malformed-input      cannot be parsed at all
│   ├── CursorInvalidError    400  cursor-invalid       forged, foreign or broken
│   ├── CursorExpiredError    410  cursor-expired
│   ├── RuleError             422  invalid-input        parsed, but breaks a named rule
│   ├── BodyTooLargeError     413  body-too-large
│   ├── NotAcceptableError    406  not-acceptable
│   └── MediaTypeError        415  unsupported-media-type
├── UnauthenticatedError      401  unauthenticated
├── ForbiddenError            403  forbidden
├── NotFoundError             404  not-found
├── MethodNotAllowedError     405  method-not-allowed
├── ConflictError             409  conflict
├── GoneError                 410  gone
├── PreconditionFailedError   412  precondition-failed
├── RateLimitedError          429  rate-limited
├── UnavailableError          503  upstream-unavailable  a dependency is down; names it
│   ├── OverloadedError       503  overloaded            no slot within the queue wait
│   └── StorageFullError      503  storage-full
├── DeadlineError             504  deadline-exceeded
└── LoadError                 409  load-refused          a load that cannot begin or go on
```

The class owns status, slug and title. `detail` is one public sentence: it never carries exception
text, SQL or what the client sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Place = Literal["query", "path", "header", "body"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: where (parameter `limit`, body pointer `/name`), which, and a sentence."""

    place: Place
    name: str
    rule: str
    message: str


class AurumError(Exception):
    """Base of every error that may leave the service."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or self.title
        super().__init__(self.detail)


class InputError(AurumError):
    """What the client sent cannot be served."""

    status = 400
    slug = "malformed-input"
    title = "The request cannot be understood"


class MalformedInputError(InputError):
    """The input cannot be parsed at all; `violations` names the field where one is known."""

    def __init__(self, detail: str | None = None, *, violations: Sequence[Violation] = ()) -> None:
        super().__init__(detail)
        self.violations = tuple(violations)


class CursorInvalidError(InputError):
    """The cursor is forged, broken, or belongs to another request."""

    slug = "cursor-invalid"
    title = "The cursor does not belong to this request"


class CursorExpiredError(InputError):
    """The cursor was genuine once."""

    status = 410
    slug = "cursor-expired"
    title = "The cursor has expired"


class RuleError(InputError):
    """The input parses but breaks rules; every one is named in `violations`."""

    status = 422
    slug = "invalid-input"
    title = "The request breaks a rule"

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{v.name}: {v.message}" for v in self.violations))


class BodyTooLargeError(InputError):
    """The body is longer than the limit."""

    status = 413
    slug = "body-too-large"
    title = "The request body is too large"


class NotAcceptableError(InputError):
    """None of the media types asked for is served here."""

    status = 406
    slug = "not-acceptable"
    title = "No acceptable representation"


class MediaTypeError(InputError):
    """The body's media type or coding is not accepted."""

    status = 415
    slug = "unsupported-media-type"
    title = "Unsupported media type"


class UnauthenticatedError(AurumError):
    """No valid credential came with the request."""

    status = 401
    slug = "unauthenticated"
    title = "Authentication required"


class ForbiddenError(AurumError):
    """The principal may not do this."""

    status = 403
    slug = "forbidden"
    title = "Not allowed"


class NotFoundError(AurumError):
    """There is no such thing, or not for this tenant."""

    status = 404
    slug = "not-found"
    title = "Not found"


class MethodNotAllowedError(AurumError):
    """The path exists, the method does not; `allow` lists the methods that do."""

    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"

    def __init__(self, allow: Sequence[str]) -> None:
        super().__init__(f"Allowed here: {', '.join(allow)}.")
        self.allow = tuple(allow)


class ConflictError(AurumError):
    """The state does not allow it now."""

    status = 409
    slug = "conflict"
    title = "Conflict"


class GoneError(AurumError):
    """It was here once and will not come back."""

    status = 410
    slug = "gone"
    title = "Gone"


class PreconditionFailedError(AurumError):
    """`If-Match` does not match."""

    status = 412
    slug = "precondition-failed"
    title = "Precondition failed"


class RateLimitedError(AurumError):
    """Over the rate; `retry_after` in seconds."""

    status = 429
    slug = "rate-limited"
    title = "Too many requests"

    def __init__(self, detail: str | None = None, *, retry_after: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class UnavailableError(AurumError):
    """A dependency cannot answer; `retry_after` in seconds."""

    status = 503
    slug = "upstream-unavailable"
    title = "A dependency is unavailable"

    def __init__(
        self, dependency: str, detail: str | None = None, *, retry_after: float = 2.0
    ) -> None:
        super().__init__(detail or f"The {dependency} cannot answer now.")
        self.dependency = dependency
        self.retry_after = retry_after


class OverloadedError(UnavailableError):
    """No free slot within the queue wait."""

    slug = "overloaded"
    title = "Too busy"


class StorageFullError(UnavailableError):
    """The disk is full: reads go on, writes cannot."""

    slug = "storage-full"
    title = "Storage is full"


class DeadlineError(AurumError):
    """The request's deadline passed."""

    status = 504
    slug = "deadline-exceeded"
    title = "The deadline passed"


class LoadError(AurumError):
    """A load cannot begin or go on: another is open, or the file cannot be read."""

    status = 409
    slug = "load-refused"
    title = "The load was refused"
