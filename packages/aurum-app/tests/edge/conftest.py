"""A small app of fake surfaces and services: the edge alone, without data or drivers."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from aurum_api_v2.responses import AnswerResponse
from aurum_app.factory import create_app
from aurum_app.house import HOUSE
from aurum_app.problems import render_problem
from aurum_core.answers import Answer, MeteredBody, StreamAnswer
from aurum_core.auth import CacheFamily, RouteClass, guard, market_data
from aurum_core.clock import FixedClock, business_date
from aurum_core.cursors import Pins
from aurum_core.dto.fields import PlainInt
from aurum_core.errors import AurumError, NotFoundError, UnavailableError
from aurum_core.settings import AurumSettings

PAGE = msgspec.json.encode({"data": [{"n": n} for n in range(200)], "meta": {"stale": False}})
HOUSE_ALONE = tuple(spec for spec in HOUSE if spec[0] != "documents")
"""Without the documents: they have tests of their own, and are most of what an app is built of."""
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@dataclass
class FakeSurface:
    """A surface as data."""

    NAME: str
    ROUTERS: tuple[tuple[str, APIRouter], ...]
    PREFIX: str = ""
    seen: list[AurumError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.PREFIX = self.PREFIX or f"/{self.NAME}"

    def render_error(self, error: AurumError, *, path: str, request_id: str) -> tuple[str, bytes]:
        self.seen.append(error)
        if self.NAME == "v1":
            return "application/json", msgspec.json.encode({"detail": error.detail})
        return render_problem(error, path=path, request_id=request_id)

    def lifecycle_headers(self, settings, template):
        headers = (("X-API-Version", self.NAME),)
        return (*headers, ("Deprecation", "@1")) if self.NAME == "v1" else headers


@dataclass
class FakeServices:
    """What the edge asks of services, and a source that counts its calls."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    version: int = 7
    calls: int = 0
    failing: bool = False
    last_failure: str | None = None
    delay: float = 0.0
    meter: Any = None

    @property
    def data_clock(self) -> "FakeServices":
        return self

    def data_version(self) -> int:
        return self.version

    def pins(self) -> Pins:
        return Pins(self.version, today=business_date(self.clock))

    async def read(self) -> bytes:
        self.calls += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.failing:
            raise UnavailableError("warehouse", retry_after=3)
        return PAGE


def source_of(request: Request) -> FakeServices:
    services: FakeServices = request.state.services
    return services


def v2_router() -> APIRouter:  # noqa: C901 - a list of small handlers
    router = APIRouter(prefix="/v2/things")
    market = market_data(CacheFamily.CURVES)
    private = market_data(CacheFamily.CURVES)
    private = type(private)(private.roles)

    @router.get("")
    @guard(market)
    async def list_things(request: Request, limit: PlainInt = 10) -> AnswerResponse:
        body = await source_of(request).read()
        return AnswerResponse(Answer(body=body, headers=(("X-Aurum-Data-Version", "7"),)))

    @router.get("/pinned")
    @guard(market)
    async def pinned_things(request: Request) -> AnswerResponse:
        return AnswerResponse(Answer(body=await source_of(request).read(), immutable=True))

    @router.get("/state")
    @guard(private)
    async def state(request: Request) -> AnswerResponse:
        s = request.state
        seen = {
            "request_id": s.request_id,
            "subject": s.principal.subject,
            "left": s.deadline.remaining(),
            "version": s.pins.data_version,
            "today": str(s.pins.today),
            "template": request.scope["fastapi"]["effective_route_context"].path,
            "url": str(request.url.path),
        }
        return AnswerResponse(Answer(body=msgspec.json.encode(seen)))

    @router.get("/export")
    @guard(private)
    async def export(request: Request, fail: bool = False) -> AnswerResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"a,b\r\n" * 500
            if fail:
                raise RuntimeError("secret of the source")
            yield b"1,2\r\n"

        media_type = "text/csv; charset=utf-8"
        return AnswerResponse(StreamAnswer(chunks=chunks(), media_type=media_type))

    @router.get("/broken")
    @guard(private)
    async def broken(request: Request) -> AnswerResponse:
        raise RuntimeError("secret of the code")

    @router.get("/tile.png", responses={200: {"content": {"image/png": {}}}})
    @guard(market)
    async def tile(request: Request) -> AnswerResponse:
        return AnswerResponse(Answer(body=await source_of(request).read(), media_type="image/png"))

    @router.get("/split")
    @guard(private)
    async def split(request: Request) -> AnswerResponse:
        return AnswerResponse(Answer(body=b"", headers=(("X-A", "b\r\nSet-Cookie: c"),)))

    @router.get("/slow")
    @guard(type(market)(market.roles, RouteClass.METADATA))
    async def slow(request: Request) -> AnswerResponse:
        await asyncio.sleep(30)
        raise AssertionError

    @router.get("/{thing_id}")
    @guard(private)
    async def get_thing(request: Request, thing_id: str) -> AnswerResponse:
        if thing_id == "none":
            raise NotFoundError("There is no such thing.")
        answer = Answer(body=msgspec.json.encode({"id": thing_id}), tag='"thing-1"')
        return AnswerResponse(answer)

    @router.post("")
    @guard(private)
    async def create_thing(request: Request, thing: dict[str, Any]) -> AnswerResponse:
        body = msgspec.json.encode({"id": "new", "if_match": request.headers.get("if-match")})
        return AnswerResponse(
            Answer(body=body, status=201, headers=(("Location", "/v2/things/new"),))
        )

    @router.delete("/{thing_id}")
    @guard(private)
    async def delete_thing(request: Request, thing_id: str) -> AnswerResponse:
        return AnswerResponse(Answer(body=b"", status=204))

    return router


def v1_router() -> APIRouter:
    router = APIRouter(prefix="/v1/things")

    @router.get("")
    @guard(market_data(CacheFamily.LMP))
    async def list_things(request: Request) -> AnswerResponse:
        await source_of(request).read()
        body = MeteredBody(b'{"meta":{"request_id":', b',"count":1},"data":[1]}' + b" " * 600)
        return AnswerResponse(Answer(body=body))

    return router


@dataclass
class Edge:
    """A running app with its source and the lines it logged."""

    app: FastAPI
    services: FakeServices
    logged: list[bytes]
    client: TestClient


MakeApp = Callable[..., tuple[FastAPI, FakeServices, list[bytes]]]


@pytest.fixture(scope="session", autouse=True)
def frozen_imports() -> None:
    """Keep collections from walking over what was imported, as the server does at its start."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Free a test's apps at its end: their cycles would be collected on another test's loop."""
    yield
    gc.collect()


@pytest.fixture
def make_app() -> MakeApp:
    """Build an app of the fake surfaces."""

    def make(settings: AurumSettings | None = None, surfaces: Any = None, **rest: Any):
        services, logged = FakeServices(), []
        rest.setdefault("house", HOUSE_ALONE)

        @asynccontextmanager
        async def open_services(_: AurumSettings):
            yield services

        if surfaces is None:
            surfaces = (
                FakeSurface("v1", (("things", v1_router()),)),
                FakeSurface("v2", (("things", v2_router()),)),
            )
        app = create_app(
            settings or AurumSettings(),
            open_services=open_services,
            surfaces=surfaces,
            log_sink=logged.append,
            **rest,
        )
        return app, services, logged

    return make


@pytest.fixture
def start(make_app: MakeApp) -> Iterator[Callable[..., Edge]]:
    """Start apps that end with the test."""
    with ExitStack() as stack:

        def run(*args: Any, **kwargs: Any) -> Edge:
            app, services, logged = make_app(*args, **kwargs)
            client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
            client.headers.pop("accept-encoding")
            return Edge(app, services, logged, client)

        yield run


@pytest.fixture
def edge(start: Callable[..., Edge]) -> Edge:
    """A running app with default settings."""
    return start()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
