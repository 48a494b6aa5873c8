"""The generator: routes in, documents out, each made once per app."""

import json
import re
from collections.abc import Mapping
from importlib.metadata import version as version_of
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from aurum_app.openapi.components import SHAPES, Shape
from aurum_app.openapi.operations import Operation, finish_operation

Document = dict[str, Any]
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SURFACES: Final[Mapping[str, str]] = MappingProxyType({"v2": "aurum-api-v2", "v1": "aurum-api-v1"})
"""The surfaces, newest first, with the packages whose version their documents carry."""
TAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "curves": "Forward curves: catalogue, observations, diffs, strips, versions.",
        "iso": "ISO prices: intervals, averages by hour, day and block, negative prices.",
        "metadata": "Reference data: dimensions, locations, units, calendars, datasets.",
        "health": "Probes and metrics.",
    }
)

DESCRIPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "v1": "The legacy surface: stable for existing clients, with the dates of its end in every "
        "answer's Deprecation and Sunset headers.",
        "v2": "The current surface: keyset pages, six formats, problem details, reads pinned to "
        "what was known.",
        "all": "Both surfaces and the service's own routes.",
    }
)


class OpenAPIGenerator:
    """Builds the documents of one app from its routes and keeps them.

    FastAPI derives parameters and schemas; what it cannot know is added here: error answers in the
    surface's shape, headers, conditional answers, operation ids `<domain>_<function>`.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._documents: dict[str, Document] = {}

    def surfaces(self) -> tuple[str, ...]:
        """Return the surfaces that have routes, newest first."""
        return tuple(name for name in SURFACES if self._contexts(name))

    def document(self, name: str) -> Document:
        """Return the document of one surface, or of `all`: there operation ids carry theirs."""
        if name not in self._documents:
            self._documents[name] = self._build(name)
        return self._documents[name]

    def _build(self, name: str) -> Document:
        contexts = self._contexts(name)
        document = get_openapi(
            title=self._app.title if name == "all" else f"{self._app.title} {name}",
            version=version_of(SURFACES.get(name, "aurum-app")),
            description=DESCRIPTIONS[name],
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            tags=[{"name": tag, "description": TAGS.get(tag, tag)} for tag in _tags_of(contexts)],
            servers=[{"url": "/", "description": "the server that gave this document"}],
            routes=contexts,
        )
        names = {(c.path_format, m): c for c in contexts for m in c.methods or ()}
        for path, item in document["paths"].items():
            for method in [m for m in METHODS if m in item]:
                surface = _surface_of(path)
                operation = Operation(path, method, item[method], SHAPES[surface])
                finish_operation(operation)
                function = _function_name(names[path, method.upper()])
                item[method]["operationId"] = _operation_id(operation, function, name, surface)
        document = _renamed(document)
        _finish_components(document)
        return document

    def _contexts(self, name: str) -> list[RouteContext]:
        return [
            context
            for context in iter_route_contexts(self._app.routes)
            if name in {"all", _surface_of(context.path or "")} and _is_shown(context)
        ]


def generator_of(app: FastAPI) -> OpenAPIGenerator:
    """Return the app's generator, made at the first call."""
    generator = getattr(app.state, "openapi_generator", None)
    if generator is None:
        generator = app.state.openapi_generator = OpenAPIGenerator(app)
    return generator


def render_document(document: Document) -> str:
    """Return the document as it is committed: sorted paths and schemas, two spaces, a newline."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _tags_of(contexts: list[RouteContext]) -> list[str]:
    return sorted({tag for context in contexts for tag in context.tags})


def _is_shown(context: RouteContext) -> bool:
    return bool(getattr(context, "include_in_schema", False) and context.path_format)


def _surface_of(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in SURFACES else "house"


def _function_name(context: RouteContext) -> str:
    return getattr(context.endpoint, "__name__", context.name or "call")


def _operation_id(operation: Operation, function: str, name: str, surface: str) -> str:
    domain = re.sub(r"\W+", "_", (operation.spec.get("tags") or [surface])[0].lower())
    own = function if function.startswith(f"{domain}_") else f"{domain}_{function}"
    return f"{surface}_{own}" if name == "all" and surface != "house" else own


def _finish_components(document: Document) -> None:
    """Add the shared parts that are referred to, drop FastAPI's own error schemas, sort."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for shape in SHAPES.values():
        _add_referred(document, components, shape)
    document["paths"] = dict(sorted(document["paths"].items()))
    for kind, parts in components.items():
        components[kind] = dict(sorted(parts.items()))


def _renamed(document: Document) -> Document:
    """Return the document with generic models renamed: `CurvePage` for Page[Curve]."""
    text = re.sub(
        r'(?<=[/"])(Legacy)?(Page|Single)_([A-Za-z0-9_]+)_(?=")', _readable, json.dumps(document)
    )
    renamed: Document = json.loads(text)
    return renamed


def _readable(match: re.Match[str]) -> str:
    words = re.findall(r"[A-Z][A-Za-z0-9]*", match[3])
    return ("".join(words) or f"{match[1] or ''}Text") + match[2]


def _add_referred(document: Document, components: Document, shape: Shape) -> None:
    for kind in ("responses", "headers", "schemas"):  # in this order: each refers to later ones
        text = json.dumps([document["paths"], components])
        for part, value in getattr(shape, kind).items():
            if f'#/components/{kind}/{part}"' in text:
                components.setdefault(kind, {})[part] = value
