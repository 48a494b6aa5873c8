"""Every error that can leave the service, explained once: for the page, the docs and a test."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from aurum_app.refusals import REFUSALS
from aurum_core import errors


class Text(NamedTuple):
    """What an error means, and what to do about it."""

    meaning: str
    remedy: str


TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "malformed-input": Text(
            "The request cannot be parsed at all: a body that is not JSON, a broken header, bytes "
            "that are not HTTP.",
            "Correct the form of the request; `errors` names the place where it is known.",
        ),
        "cursor-invalid": Text(
            "The cursor was not made by this service, was cut or changed, or belongs to another "
            "route, filter, sort or tenant.",
            "Use `next` and `prev` as they came, with the same parameters; start the walk again.",
        ),
        "cursor-expired": Text(
            "The cursor was genuine, but its lifetime is over.",
            "Start the walk again from the first page.",
        ),
        "invalid-input": Text(
            "The request can be parsed but breaks rules: an unknown parameter, a value out of "
            "range, an end before its start.",
            "`errors` names every broken rule with its parameter, or a pointer into the body.",
        ),
        "body-too-large": Text(
            "The request body is longer than the limit of the route.",
            "Send less in one request, or use a bulk route.",
        ),
        "not-acceptable": Text(
            "None of the media types in `Accept` is served here.",
            "Ask for JSON, CSV, NDJSON, Parquet or Arrow, or leave `Accept` away.",
        ),
        "unsupported-media-type": Text(
            "The body's media type, or its content coding, is not accepted.",
            "Send `Content-Type: application/json`, uncompressed, unless the route says otherwise.",
        ),
        "unauthenticated": Text(
            "No valid credential came with the request.",
            "Send the credential of the mode in use: an API key or a bearer token. "
            "`WWW-Authenticate` names the scheme.",
        ),
        "forbidden": Text(
            "The caller is known but has no role that may do this.",
            "Ask an administrator of your tenant for the role.",
        ),
        "not-found": Text(
            "There is no such thing, or it belongs to another tenant.",
            "Check the path and the identifier; catalogue routes list what there is.",
        ),
        "method-not-allowed": Text(
            "The path exists, but not for this method.",
            "Use a method that `Allow` lists.",
        ),
        "conflict": Text(
            "The state of the thing does not allow it now: another request is in flight, or the "
            "transition is not legal.",
            "Read the state again, then decide.",
        ),
        "gone": Text(
            "It was here once and will not come back: v1 after it was switched off.",
            "Follow the migration guide to v2.",
        ),
        "precondition-failed": Text(
            "`If-Match` names another version than the one that is stored.",
            "Read it again, apply the change to what you read, send its new entity tag.",
        ),
        "rate-limited": Text(
            "The caller is over its rate on this route.",
            "Wait for `Retry-After` seconds; `RateLimit` says what is left.",
        ),
        "upstream-unavailable": Text(
            "A dependency, named in `dependency`, cannot answer now.",
            "Try again after `Retry-After` seconds; market data may still be served stale.",
        ),
        "overloaded": Text(
            "No slot became free within the longest wait.",
            "Try again after `Retry-After` seconds, with fewer requests at a time.",
        ),
        "storage-full": Text(
            "The disk of the embedded stores is full: reads go on, writes cannot.",
            "Free space on the machine that runs the service, then repeat the write.",
        ),
        "deadline-exceeded": Text(
            "The deadline of the request passed before its answer was there.",
            "Narrow the range, or use the export route for large reads.",
        ),
        "load-refused": Text(
            "A load cannot begin or go on: another one is open, or the file cannot be read.",
            "One load at a time: try again when the other has ended, or correct the file.",
        ),
        "internal": Text(
            "The service failed in a way that it did not foresee.",
            "Report the `request_id`: the log has the cause under it.",
        ),
        "request-timeout": Text(
            "The request was not complete in time: headers within their limit, then the body "
            "within its own.",
            "Send it again on a new connection, without pauses.",
        ),
        "uri-too-long": Text(
            "The URL is longer than the limit.",
            "Ask for fewer values at once, or for several pages.",
        ),
        "headers-too-large": Text(
            "The request headers are larger than the limit.",
            "Send fewer or shorter headers; cookies of other services are the usual cause.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One error as people meet it."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str


def explanations() -> tuple[Explanation, ...]:
    """Return every error with its explanation, by status and slug.

    Raises:
        KeyError: an error has no text here.
    """
    found = dict(_of_the_tree()) | dict(_of_the_connection())
    rows = [Explanation(slug, *found[slug], *TEXTS[slug]) for slug in found]
    return tuple(sorted(rows, key=lambda row: (row.status, row.slug)))


def _of_the_tree() -> Iterator[tuple[str, tuple[int, str]]]:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, errors.AurumError):
            yield value.slug, (value.status, value.title)


def _of_the_connection() -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield what is refused below the application."""
    tree = {slug for slug, _ in _of_the_tree()}
    for status, (slug, _) in REFUSALS.items():
        if slug not in tree:
            yield slug, (status, slug.replace("-", " ").capitalize().replace("Uri", "URI"))
