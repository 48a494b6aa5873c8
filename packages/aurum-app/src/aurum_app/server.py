"""Our own runner around uvicorn: bind, open, serve, drain.

Phases after SIGTERM or SIGINT: not ready at once and every answer closes its connection; accepting
goes on for the drain delay, so that balancers notice; then no new connections, requests in flight
end within the shutdown timeout, the rest is cancelled, the services close, exit 0. A second signal
cancels at once.
"""

import asyncio
import errno
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from fastapi import FastAPI

from aurum_app.protocol import Drain, GuardedProtocol, Guards, Outlet, Refused
from aurum_app.refusals import REFUSALS
from aurum_core.settings import AurumSettings

if TYPE_CHECKING:
    from aurum_app.composition import Composition

CANCEL_SECONDS: Final = 2.0
"""How long cancelled requests and closing services may take before the process leaves anyway."""
KEEP_ALIVE_SECONDS: Final = 75
BACKLOG: Final = 2048
TICK_SECONDS: Final = 0.05


class BindError(Exception):
    """The address cannot be listened on; the text is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each phase of leaving may take, in seconds."""

    drain: float = 0.0
    shutdown: float = 25.0

    @classmethod
    def of(cls, settings: AurumSettings) -> "Timing":
        """Return the phases of the settings."""
        api = settings.api
        return cls(drain=api.drain_delay_seconds, shutdown=api.shutdown_timeout_seconds)


class DrainingServer(uvicorn.Server):
    """A server that opens the application itself and leaves in phases.

    The application's lifespan runs here, not behind uvicorn's protocol: an error at start comes
    out as it is, before anything listens.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        app: FastAPI,
        *,
        timing: Timing,
        drain: Drain,
        on_started: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(config)
        self.app = app
        self.timing = timing
        self.drain = drain
        self.on_started = on_started

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application, serve until told to leave, close."""
        with self.capture_signals():
            async with self._opened() as state:
                self.config.load()
                self.lifespan = self.config.lifespan_class(self.config)
                self.lifespan.state.update(state)
                gc.freeze()  # what start-up built stays: collections need not walk it
                await self.startup(sockets=sockets)
                if self.on_started is not None:
                    self.on_started()
                await self.main_loop()
                await self._keep_accepting()
                await self.shutdown(sockets=sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's signature
        """Begin to leave; at the second signal leave at once. The exit status stays 0."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True
        self.drain.begin()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let requests end, cancel those that do not."""
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._wait(self.timing.shutdown, self._is_busy)
        await self._cancel()

    def _is_busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks)

    async def _keep_accepting(self) -> None:
        await self._wait(self.timing.drain, lambda: True)

    async def _wait(self, seconds: float, needed: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while needed() and not self.force_exit and loop.time() < end:  # noqa: ASYNC110 - a signal handler sets it
            await asyncio.sleep(TICK_SECONDS)

    async def _cancel(self) -> None:
        if tasks := list(self.server_state.tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[dict[str, Any]]:
        async with self.app.router.lifespan_context(self.app) as state:
            yield dict(state or {})


def bind(host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    """Return a bound socket that does not listen yet; port 0 takes a free one.

    Raises:
        BindError: the address is taken, not ours or not allowed.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise BindError(f"there is no address for host {host!r}") from None
    sock = socket.socket(family, kind, proto)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise BindError(_refusal(host, port, error)) from None
    sock.set_inheritable(True)
    return sock


def _refusal(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use; choose another with --port, or 0 for any"
        case errno.EACCES | errno.EPERM:
            return f"port {port} needs more rights than this user has; choose one above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{host} is not an address of this machine"
        case _:
            return f"cannot listen on {host} port {port}: {error.strerror}"


def build_server(
    app: FastAPI, settings: AurumSettings, *, on_started: Callable[[], None] | None = None
) -> DrainingServer:
    """Return the server of the application: guarded protocol, no server header, our own log."""
    drain = Drain(on_begin=partial(setattr, app.state, "draining", True))
    protocol = partial(
        GuardedProtocol,
        guards=Guards.of(settings.api),
        drain=drain,
        outlet=_outlet_of(getattr(app.state, "composition", None), settings),
    )
    config = uvicorn.Config(
        app,
        http=protocol,  # type: ignore[arg-type]  # a factory is all that uvicorn calls it as
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=BACKLOG,
    )
    return DrainingServer(
        config, app, timing=Timing.of(settings), drain=drain, on_started=on_started
    )


def _outlet_of(composition: "Composition | None", settings: AurumSettings) -> Outlet:
    """Return where refusals below the application go: the access log, with surfaces' headers."""
    if composition is None:
        return Outlet()

    def note(refused: Refused) -> None:
        r, slug = refused, REFUSALS[refused.status][0]
        composition.access.note(
            (
                r.request_id,
                r.method,
                r.path,
                None,
                r.status,
                r.sent_bytes,
                0.0,
                "",
                r.client,
                (slug, None),
            )
        )

    lifecycle = {name: mount.lifecycle for name, mount in composition.surfaces.items()}
    return Outlet(note if settings.log.level in {"debug", "info"} else None, lifecycle)


def run_app(
    app: FastAPI,
    settings: AurumSettings,
    sock: socket.socket,
    *,
    on_started: Callable[[], None] | None = None,
) -> None:
    """Serve on a bound socket until a signal; an error at start comes out as it was raised."""
    build_server(app, settings, on_started=on_started).run(sockets=[sock])
