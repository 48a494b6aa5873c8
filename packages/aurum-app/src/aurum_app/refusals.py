"""What the server refuses below the application: status, slug and sentence of each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REFUSALS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        400: ("malformed-input", "The request is not well-formed HTTP."),
        408: ("request-timeout", "The request was not complete in time."),
        414: ("uri-too-long", "The URL is longer than the limit."),
        431: ("headers-too-large", "The request headers are larger than the limit."),
    }
)
