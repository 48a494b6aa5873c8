"""Browsers from other origins: off unless origins are configured, then outermost."""

from typing import Final

from aurum_app.call import Call, Reply
from aurum_app.headers import RawHeaders, secured
from aurum_app.middleware.request_id import RequestId
from aurum_app.middleware.stage import Stage
from aurum_core.settings import ApiSettings

EXPOSED: Final = (
    b"ETag, Link, Location, Retry-After, X-Request-Id, X-Next-Cursor, X-Aurum-Data-Version, "
    b"RateLimit, RateLimit-Policy, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
)
METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS: Final = (
    b"Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    b"Last-Event-ID, X-API-Key, X-Request-Id, traceparent"
)
PREFLIGHT_SECONDS: Final = b"600"


class Cors(Stage):
    """Answers preflights and marks replies for the configured origins; others get no mark.

    A preflight ends here, so this stage names it as well.
    """

    def __init__(self, api: ApiSettings) -> None:
        self._any = "*" in api.cors_origins
        self._origins = frozenset(origin.encode() for origin in api.cors_origins)
        self._credentials = api.cors_allow_credentials
        self._names = RequestId()

    def enter(self, call: Call) -> Reply | None:
        """Answer a preflight."""
        if call.method != "OPTIONS" or b"access-control-request-method" not in call.headers:
            return None
        self._names.enter(call)
        headers: RawHeaders = [(b"vary", b"Origin")]
        if self._allowed(call):
            headers += [
                (b"access-control-allow-methods", METHODS),
                (b"access-control-allow-headers", REQUEST_HEADERS),
                (b"access-control-max-age", PREFLIGHT_SECONDS),
            ]
        return Reply(204, secured(headers))

    def leave(self, call: Call, reply: Reply) -> None:  # noqa: ARG002 - a hook
        """Let the page that asked read the reply."""
        origin = self._allowed(call)
        if not origin:
            return
        call.extra.append((b"access-control-allow-origin", b"*" if self._any else origin))
        call.extra.append((b"access-control-expose-headers", EXPOSED))
        if self._credentials:
            call.extra.append((b"access-control-allow-credentials", b"true"))

    def _allowed(self, call: Call) -> bytes:
        origin = call.headers.get(b"origin", b"")
        return origin if origin and (self._any or origin in self._origins) else b""
