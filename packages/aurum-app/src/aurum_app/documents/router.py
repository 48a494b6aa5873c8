"""Routes of the documents. None touches a dependency; all are open to everyone."""

import hashlib
from collections.abc import Callable
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from aurum_app.documents import pages
from aurum_app.documents.assets import Asset, Assets
from aurum_app.documents.explanations import explanations
from aurum_app.openapi import generator_of, render_document
from aurum_core.auth import RouteClass, guard, open_policy
from aurum_core.errors import NotFoundError
from aurum_core.settings import AurumSettings

FRESH: Final = "public, max-age=300, stale-while-revalidate=600"
HTML: Final = "text/html; charset=utf-8"
OPEN: Final = open_policy(RouteClass.INTERACTIVE)
"""Open to everyone; the first OpenAPI document of a process takes a moment to make."""
Make = Callable[[], str]


class Shelf:
    """Texts of one app, made in a thread at their first use and kept."""

    def __init__(self) -> None:
        self._kept: dict[str, Asset] = {}

    async def get(self, name: str, make: Make, media_type: str) -> Asset:
        """Return the text of that name."""
        if name not in self._kept:
            body = (await to_thread.run_sync(make)).encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            self._kept[name] = Asset(body, media_type, tag)
        return self._kept[name]


def build_documents(app: FastAPI, settings: AurumSettings) -> APIRouter:
    """Return the router of the documents; the reference and OpenAPI only where docs are enabled."""
    router = APIRouter(tags=["documents"], include_in_schema=False)
    shelf = Shelf()
    _add_pages(router, shelf, settings)
    if settings.api.docs_enabled:
        _add_openapi(router, shelf, app, settings)
        _add_reference(router, shelf, settings)
    return router


def surfaces_of(settings: AurumSettings) -> tuple[str, ...]:
    """Return the surfaces that have a document, the current one first."""
    return ("v2", "v1") if settings.api.enable_v1 else ("v2",)


def _add_pages(router: APIRouter, shelf: Shelf, settings: AurumSettings) -> None:
    """Add what problems and lifecycle headers link to, and the files of the pages."""
    title, assets = settings.api.title, Assets()

    @router.get("/docs/errors")
    @guard(OPEN)
    async def show_errors(request: Request) -> Response:
        def page() -> str:
            return pages.errors_page(title, explanations())

        return reply(request, await shelf.get("errors", page, HTML))

    @router.get("/docs/migration")
    @guard(OPEN)
    async def show_migration(request: Request) -> Response:
        def page() -> str:
            return pages.migration_page(title)

        return reply(request, await shelf.get("migration", page, HTML))

    @router.get("/docs/assets/{name}")
    @guard(OPEN)
    async def get_asset(request: Request, name: str) -> Response:
        asset = await assets.find(name)
        if asset is None:
            raise NotFoundError
        return reply(request, asset)


def _add_openapi(router: APIRouter, shelf: Shelf, app: FastAPI, settings: AurumSettings) -> None:
    def add(path: str, name: str) -> None:
        @router.get(path)
        @guard(OPEN)
        async def get_openapi(request: Request) -> Response:
            def document() -> str:
                return render_document(generator_of(app).document(name))

            return reply(request, await shelf.get(path, document, "application/json"))

    for surface in surfaces_of(settings):
        add(f"/{surface}/openapi.json", surface)
    add("/openapi.json", "all")


def _add_reference(router: APIRouter, shelf: Shelf, settings: AurumSettings) -> None:
    title, surfaces = settings.api.title, surfaces_of(settings)

    @router.get("/docs")
    @guard(OPEN)
    async def show_reference(request: Request) -> Response:
        asked = request.query_params.get("surface", "")
        surface = asked if asked in surfaces else surfaces[0]

        def page() -> str:
            return pages.reference_page(title, surface, surfaces)

        return reply(request, await shelf.get(f"reference-{surface}", page, HTML))


def reply(request: Request, asset: Asset) -> Response:
    """Return the file, or 304 where the client has it."""
    headers = {"ETag": asset.tag, "Cache-Control": FRESH}
    if asset.media_type == HTML:
        headers["Content-Security-Policy"] = pages.POLICY
    known = request.headers.get("if-none-match", "")
    if asset.tag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
