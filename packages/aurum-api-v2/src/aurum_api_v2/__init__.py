"""The v2 surface of the Aurum API: the module itself is the surface that the app composes."""

import json

from aurum_api_v2.routers.curves import router as curves
from aurum_api_v2.routers.iso import router as iso
from aurum_api_v2.routers.metadata import router as metadata
from aurum_core.errors import AurumError
from aurum_core.problem import MEDIA_TYPE, problem_of
from aurum_core.settings import AurumSettings

NAME = "v2"
PREFIX = "/v2"
ROUTERS = (
    ("curves", curves),
    ("metadata", metadata),
    ("iso", iso),
)


def render_error(error: AurumError, *, path: str, request_id: str) -> tuple[str, bytes]:
    """Return the media type and body of an error on this surface: problem details."""
    problem = problem_of(error, instance=path, request_id=request_id)
    return MEDIA_TYPE, json.dumps(problem, ensure_ascii=False, separators=(",", ":")).encode()


def lifecycle_headers(
    settings: AurumSettings,  # noqa: ARG001 - the protocol of surfaces
    template: str | None,  # noqa: ARG001 - the protocol of surfaces
) -> tuple[tuple[str, str], ...]:
    """Return the headers that every answer of this surface carries."""
    return (("X-API-Version", "v2"),)
