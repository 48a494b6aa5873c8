"""The factory: settings in, application out. Nothing is opened before the lifespan."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypedDict

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Receive, Scope, Send

import aurum_api_v1
import aurum_api_v2
from aurum_app.availability import composition_problems
from aurum_app.composition import Composition
from aurum_app.dispatch import RouteTable
from aurum_app.house import HOUSE
from aurum_app.middleware import Chain, build_chain
from aurum_app.observability.access import AccessLog, Sink
from aurum_app.observability.metrics import HttpMetrics
from aurum_app.replies.coding import Codings
from aurum_app.replies.epoch import EpochSource
from aurum_app.replies.finishing import Finishing
from aurum_app.replies.store import ReplyStore
from aurum_app.resources import open_services
from aurum_app.surfaces import (
    CompositionError,
    HouseSpec,
    Surface,
    include_surfaces,
    mount_surfaces,
)
from aurum_app.version import VERSION
from aurum_core.clock import Clock, SystemClock, business_date
from aurum_core.settings import AurumSettings, check_settings


class LifespanState(TypedDict):
    """What every request finds in `request.state` from the start; the edge adds the rest."""

    services: Any


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[LifespanState]]
OpenServices = Callable[[AurumSettings], AbstractAsyncContextManager[Any]]
SURFACES: Final[tuple[Surface, ...]] = (aurum_api_v1, aurum_api_v2)

log = logging.getLogger(__name__)


class AurumApp(FastAPI):
    """A FastAPI application whose HTTP requests go through one flattened chain of stages."""

    chain: Chain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by the chain; the lifespan is FastAPI's own."""
        if scope["type"] == "http":
            scope["app"] = self
            await self.chain(scope, receive, send)
        elif scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def build_middleware_stack(self) -> ASGIApp:
        """Return the router alone: only the lifespan comes this way."""
        return self.router


def create_app(
    settings: AurumSettings,
    *,
    open_services: OpenServices = open_services,
    surfaces: Sequence[Surface] = SURFACES,
    house: Sequence[HouseSpec] = HOUSE,
    clock: Clock | None = None,
    log_sink: Sink | None = None,
) -> FastAPI:
    """Compose the application.

    Reads no environment, opens no file and no socket, keeps nothing outside the app: two apps with
    different settings live in one process. `open_services` runs in the lifespan.

    Raises:
        SettingsError: settings contradict each other.
        CompositionError: routers, routes or modes do not fit together.
    """
    check_settings(settings)
    if problems := list(composition_problems(settings, surfaces)):
        raise CompositionError("; ".join(problems))
    app = AurumApp(
        title=settings.api.title,
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(settings, open_services),
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    mounted = mount_surfaces(surfaces, settings)
    composition = Composition(
        settings=settings,
        clock=clock or SystemClock(),
        table=RouteTable(include_surfaces(app, settings, mounted, house)),
        surfaces=mounted,
        metrics=HttpMetrics(),
        access=AccessLog(log_sink, console=settings.log.format == "console"),
        store=ReplyStore(settings.cache),
        finishing=Finishing(settings),
        epochs=EpochSource(settings.cursors.ttl_seconds),
        codings=Codings(),
    )
    app.state.registry = CollectorRegistry()
    app.state.registry.register(composition.metrics)
    app.state.composition = composition
    app.chain = build_chain(composition)
    return app


def _lifespan(settings: AurumSettings, open_services: OpenServices) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[LifespanState]:
        _warn_of_sunset(settings)
        async with open_services(settings) as services:
            stages = app.chain.stages if isinstance(app, AurumApp) else ()
            for stage in stages:
                stage.start()
            try:
                yield {"services": services}
            finally:
                for stage in stages:
                    stage.stop()

    return lifespan


def _warn_of_sunset(settings: AurumSettings) -> None:
    api = settings.api
    over = business_date(SystemClock()) > api.v1_sunset_at
    if api.enable_v1 and over and api.v1_after_sunset == "warn":
        log.warning("v1 is past its sunset, %s, and still served", api.v1_sunset_at)
