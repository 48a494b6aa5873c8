"""Failures become replies, rendered by the surface that owns the path."""

import logging
from collections.abc import Mapping

from aurum_app.call import Call, Reply
from aurum_app.headers import CONTENT_LOCATION, encode_headers, secured
from aurum_app.middleware.stage import Stage
from aurum_app.problems import error_of, render_problem
from aurum_app.surfaces import MountedSurface
from aurum_core.errors import AurumError, UnauthenticatedError
from aurum_core.problem import headers_of
from aurum_core.settings import AuthSettings

log = logging.getLogger(__name__)


class Errors(Stage):
    """Renders what was raised; what was not foreseen is logged and says nothing to the client."""

    def __init__(
        self, surfaces: Mapping[str, MountedSurface], auth: AuthSettings, vary: bytes
    ) -> None:
        self._surfaces = {m.surface.NAME: m.surface for m in surfaces.values() if not m.gone}
        self._challenge = _challenge_of(auth)
        self._vary = vary

    def recover(self, call: Call, failure: Exception) -> Reply:
        """Return the reply that tells the client what can be told."""
        error = error_of(failure)
        if error.status >= AurumError.status:
            call.failure = error.slug, getattr(error, "dependency", None)
        if error.status == AurumError.status:
            route = call.entry.template if call.entry else None
            fields = {"request_id": call.request_id, "route": route}
            log.error("request failed", extra=fields, exc_info=failure)
        if call.latest:  # where the content would be, had there been any
            call.extra = [header for header in call.extra if header[0] != CONTENT_LOCATION]
        surface = self._surfaces.get(call.surface)
        render = render_problem if surface is None else surface.render_error
        media_type, body = render(error, path=call.shown_path, request_id=call.request_id)
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"vary", self._vary),
            *encode_headers(tuple(headers_of(error).items())),
        ]
        if isinstance(error, UnauthenticatedError) and self._challenge:
            headers.append((b"www-authenticate", self._challenge))
        return Reply(error.status, secured(headers), body)


def _challenge_of(auth: AuthSettings) -> bytes:
    match auth.mode:
        case "oidc":
            return b'Bearer realm="aurum"'
        case "api-key":
            return f'ApiKey realm="aurum", header="{auth.api_key_header}"'.encode()
        case _:
            return b""
