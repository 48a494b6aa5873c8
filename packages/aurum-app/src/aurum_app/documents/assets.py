"""Files of the pages: Swagger UI from its package, the rest from here; read once, on demand."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from anyio import to_thread

CSS: Final = "text/css; charset=utf-8"
SCRIPT: Final = "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    body: bytes
    media_type: str
    tag: str


def _own(name: str) -> Traversable:
    return files("aurum_app.documents") / "static" / name


def _swagger(name: str) -> Traversable:
    import fastapi_standalone_docs  # type: ignore[import-untyped]  # Swagger UI, to be served from here

    return files(fastapi_standalone_docs) / "static" / "swagger" / name


ASSETS: Final[Mapping[str, tuple[Callable[[str], Traversable], str]]] = MappingProxyType(
    {
        "swagger-ui-bundle.js": (_swagger, SCRIPT),
        "swagger-ui.css": (_swagger, CSS),
        "start.js": (_own, SCRIPT),
        "pages.css": (_own, CSS),
        "mark.svg": (_own, "image/svg+xml"),
    }
)


class Assets:
    """The files of one app's pages, kept once read."""

    def __init__(self) -> None:
        self._kept: dict[str, Asset] = {}

    async def find(self, name: str) -> Asset | None:
        """Return a file by name, None when it is none of ours."""
        if name not in ASSETS:
            return None
        if name not in self._kept:
            self._kept[name] = await to_thread.run_sync(_read, name)
        return self._kept[name]


def read_template(name: str) -> str:
    """Return the text of a page's template."""
    return _own(name).read_text(encoding="utf-8")


def _read(name: str) -> Asset:
    locate, media_type = ASSETS[name]
    body = locate(name).read_bytes()
    return Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
