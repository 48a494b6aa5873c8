"""Response headers as ASGI wants them, and those that every reply carries."""

import re
from typing import Final

RawHeaders = list[tuple[bytes, bytes]]

SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
NO_CONTENT: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""The policy of every reply that does not bring its own: it may load nothing."""
CONTENT_LOCATION: Final = b"content-location"
CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def secured(headers: RawHeaders) -> RawHeaders:
    """Return the headers with those that every reply carries; HTML brings its own policy."""
    own = any(name == b"content-security-policy" for name, _ in headers)
    return [*headers, *SECURITY] if own else [*headers, *SECURITY, NO_CONTENT]


def encode_headers(pairs: tuple[tuple[str, str], ...]) -> RawHeaders:
    """Return header pairs with lower-case names and latin-1 values.

    Raises:
        ValueError: a value that would end its line, or that latin-1 does not have; servers cut the
            connection over it, so it must not get that far.
    """
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    if any(CONTROL.search(value) for _, value in encoded):
        raise ValueError("a header value holds a control character")
    return encoded
