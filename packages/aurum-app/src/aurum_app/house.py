"""The service's own routers, in order: probes, metrics, documents, an index of what is here.

They are open, pass no limiter and touch no dependency. A router of the house is built for one app
from its settings.
"""

from html import escape
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from aurum_app.documents import build_documents
from aurum_app.health import build_health
from aurum_app.observability.metrics import PrometheusMeter, render_metrics
from aurum_app.surfaces import HouseSpec
from aurum_core.auth import RouteClass, guard, open_policy
from aurum_core.settings import AurumSettings

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OPEN: Final = open_policy(RouteClass.METADATA)
INDEX_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"


def build_metrics(app: FastAPI, settings: AurumSettings) -> APIRouter:  # noqa: ARG001 - a house router's signature
    """Return the route that Prometheus scrapes, none where metrics are off."""
    router = APIRouter(tags=["health"])
    if not settings.telemetry.metrics_enabled:
        return router

    @router.get(settings.telemetry.metrics_path)
    @guard(OPEN)
    async def metrics(request: Request) -> Response:
        """Return this process's metrics as Prometheus reads them."""
        registries = [request.app.state.registry]
        services = request.scope.get("state", {}).get("services")
        meter = getattr(services, "meter", None)
        if isinstance(meter, PrometheusMeter):
            registries.append(meter.registry)
        return Response(render_metrics(*registries), headers={"Content-Type": METRICS_TYPE})

    return router


def build_index(app: FastAPI, settings: AurumSettings) -> APIRouter:  # noqa: ARG001 - a house router's signature
    """Return the index of what is here."""
    router = APIRouter(include_in_schema=False)
    links = index_links(settings)

    @router.get("/")
    @guard(OPEN)
    async def index(request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"name": request.app.title, "links": links})
        page = render_index(request.app.title, links)
        return HTMLResponse(page, headers={"Content-Security-Policy": INDEX_POLICY})

    return router


def index_links(settings: AurumSettings) -> dict[str, str]:
    """Return what is here by name."""
    links: dict[str, str] = {}
    if settings.api.docs_enabled:
        links |= {"docs": "/docs", "openapi": "/openapi.json", "v2": "/v2/openapi.json"}
        if settings.api.enable_v1:
            links["v1"] = "/v1/openapi.json"
    links |= {"errors": "/docs/errors", "migration": "/docs/migration"}
    if settings.telemetry.metrics_enabled:
        links["metrics"] = settings.telemetry.metrics_path
    return links | {"live": "/livez", "ready": "/readyz"}


def render_index(title: str, links: dict[str, str]) -> str:
    """Return the index as a page."""
    items = "".join(f'<li><a href="{escape(u)}">{escape(n)}</a></li>' for n, u in links.items())
    name = escape(title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>'
        f"<h1>{name}</h1><ul>{items}</ul></html>"
    )


HOUSE: Final[tuple[HouseSpec, ...]] = (
    ("health", build_health),
    ("metrics", build_metrics),
    ("documents", build_documents),
    ("index", build_index),
)
