"""`aurum serve`: the API with its server, on the embedded stores unless settings say otherwise."""

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurum_app.cli.options import DataDir
from aurum_app.cli.terminal import expected_failures, plain, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurum_core.settings import AurumSettings
    from aurum_core.settings.env import LoadedSettings

Host = Annotated[
    str | None,
    typer.Option(
        help="Address to listen on; else AURUM_API_HOST, else 127.0.0.1.", show_default=False
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65_535,
        help="Port; 0 takes a free one. Else AURUM_API_PORT, else 8000.",
        show_default=False,
    ),
]
Demo = Annotated[
    bool,
    typer.Option("--demo/--no-demo", help="Load the synthetic demo set into a new data directory."),
]
ReusePort = Annotated[
    bool, typer.Option("--reuse-port", help="Share the port with another process (SO_REUSEPORT).")
]


Workers = Annotated[
    int, typer.Option(min=1, max=256, help="Processes that serve; each has a cache of its own.")
]
ListenFd = Annotated[int | None, typer.Option("--listen-fd", hidden=True)]


def serve(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    *,
    demo: Demo = True,
    reuse_port: ReusePort = False,
    workers: Workers = 1,
    listen_fd: ListenFd = None,
) -> None:
    """Serve the API. The first start in a new data directory loads a small demo set."""
    from aurum_app.server import bind

    with expected_failures():
        settings = _settings(data_dir, host, port, quiet=listen_fd is not None)
        if listen_fd is not None:
            _run_worker(settings, listen_fd)
            return
        with bind(settings.api.host, settings.api.port, reuse_port=reuse_port) as sock:
            settings = _opened_store(settings, demo=demo)
            if workers > 1:
                _run_workers(settings, sock, workers)
            else:
                _run(settings, sock)


def _settings(
    data_dir: Path | None, host: str | None, port: int | None, *, quiet: bool
) -> "AurumSettings":
    from aurum_app.cli.environment import read_environment, with_section
    from aurum_app.cli.starting import start_problems
    from aurum_core.settings import SettingsError, is_loopback

    asked = {"host": host, "port": port}
    api = {name: value for name, value in asked.items() if value is not None}
    loaded = read_environment(data_dir, {"api": api}, quiet=quiet)
    settings = _at_hand(loaded)
    if problems := start_problems(settings):
        raise SettingsError(problems)
    if settings.auth.mode is None and is_loopback(settings.api.host):
        settings = with_section(settings, "auth", mode="none")
        if not quiet:
            said().print("Authentication is off: only this machine can connect.")
    return settings


def _at_hand(loaded: "LoadedSettings") -> "AurumSettings":
    """Return the settings as a person at a terminal wants them, where nothing else was said.

    Readable log lines where somebody looks on, and no waiting for a balancer while developing.
    """
    from aurum_app.cli.environment import with_section

    settings = loaded.settings
    if sys.stdout.isatty() and "AURUM_LOG_FORMAT" not in loaded.origins:
        settings = with_section(settings, "log", format="console")
    developing = settings.environment in {"development", "test"}
    if developing and "AURUM_API_DRAIN_DELAY_SECONDS" not in loaded.origins:
        settings = with_section(settings, "api", drain_delay_seconds=0.0)
    return settings


def _opened_store(settings: "AurumSettings", *, demo: bool) -> "AurumSettings":
    from aurum_app.cli import store
    from aurum_app.cli.demo import load_demo

    if not store.is_embedded(settings):
        return settings
    directory = settings.storage.data_dir
    if settings.cursors.keys and store.is_readable(directory):
        return settings  # nothing is to be written: it may be a read-only copy
    fresh = store.is_new(directory)
    store.prepare(directory)
    if demo and fresh and settings.environment != "production":
        load_demo(settings)
    return store.with_cursor_key(settings)


def _run(settings: "AurumSettings", sock: socket.socket) -> None:
    from functools import partial

    _serve_on(settings, sock, partial(_greet, settings, sock.getsockname()[1]))


def _run_worker(settings: "AurumSettings", descriptor: int) -> None:
    from aurum_app.cli.store import is_embedded, with_cursor_key
    from aurum_app.cli.workers import inherited_socket

    if is_embedded(settings):
        settings = with_cursor_key(settings)
    with inherited_socket(descriptor) as sock:
        _serve_on(settings, sock, None)


def _serve_on(
    settings: "AurumSettings", sock: socket.socket, on_started: "Callable[[], None] | None"
) -> None:
    from aurum_app.factory import create_app
    from aurum_app.observability.logs import configure_logging
    from aurum_app.server import run_app

    configure_logging(settings.log)
    run_app(create_app(settings), settings, sock, on_started=on_started)


def _run_workers(settings: "AurumSettings", sock: socket.socket, count: int) -> None:
    from functools import partial

    from aurum_app.cli.workers import Workers as Processes

    api = settings.api
    command = [sys.executable, "-m", "aurum_app.cli", "serve", "--host", api.host]
    command += ["--port", str(api.port), "--data-dir", str(settings.storage.data_dir)]
    greet = partial(_greet, settings, sock.getsockname()[1])
    if status := Processes(command, sock, count).run(greet):
        raise typer.Exit(status)


def _greet(settings: "AurumSettings", port: int) -> None:
    """Say where to look, once the port answers."""
    host = settings.api.host
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared, not bound
    base = f"http://{shown}:{port}"
    console = said()
    console.print(f"\n[bold]Aurum API[/] is ready: {_stores(settings)}")
    console.print(f"  {base}/      what is here")
    if settings.api.docs_enabled:
        console.print(f"  {base}/docs  the reference, to try out")
    console.print(f"  curl '{base}/v2/iso/lmp/last-24h?limit=3'")
    if settings.storage.warehouse == "duckdb":
        console.print("Real data, while it runs:")
        console.print(
            f"  {program()} load lmp FILE.csv --data-dir {plain(str(settings.storage.data_dir))}"
        )
    console.print("Ctrl+C stops it.", end="\n\n")


def _stores(settings: "AurumSettings") -> str:
    if settings.storage.warehouse != "duckdb":
        return f"warehouse {settings.storage.warehouse}, operational {settings.storage.operational}"
    return f"embedded, data in {plain(str(settings.storage.data_dir))}"


def program() -> str:
    """Return how this command line is called from here."""
    return "./uvw run aurum" if Path("uvw").is_file() else "aurum"
