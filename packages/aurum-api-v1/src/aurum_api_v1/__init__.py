"""The v1 surface of the Aurum API: the contract that existing clients rely on.

The module itself is the surface that the app composes.
"""

from aurum_api_v1.deprecation import lifecycle_headers, successor_of
from aurum_api_v1.errors import render_error
from aurum_api_v1.routers.curves import router as curves
from aurum_api_v1.routers.iso import router as iso
from aurum_api_v1.routers.metadata import router as metadata

__all__ = ["NAME", "PREFIX", "ROUTERS", "lifecycle_headers", "render_error", "successor_of"]

NAME = "v1"
PREFIX = "/v1"
ROUTERS = (
    ("curves", curves),
    ("metadata", metadata),
    ("iso", iso),
)
