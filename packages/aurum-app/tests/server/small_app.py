"""A small application under our server, as a process: `small_app.py PORT DRAIN SHUTDOWN`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from aurum_app.server import bind, run_app
from aurum_core.settings import ApiSettings, AurumSettings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
    print("opened", flush=True)
    yield {"services": "open"}
    print("closed", flush=True)


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def root(request: Request) -> dict[str, str]:
    return {"services": request.state.services}


@app.get("/slow")
async def slow(seconds: float) -> dict[str, float]:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise
    return {"slept": seconds}


@app.post("/body")
async def body(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@app.get("/readyz")
async def ready() -> JSONResponse:
    draining = getattr(app.state, "draining", False)
    return JSONResponse({"draining": draining}, 503 if draining else 200)


def main() -> None:
    port, drain, shutdown = sys.argv[1:]
    api = ApiSettings(
        header_timeout_seconds=1,
        body_timeout_seconds=1.5,
        drain_delay_seconds=float(drain),
        shutdown_timeout_seconds=float(shutdown),
    )
    settings = AurumSettings(api=api)
    sock = bind("127.0.0.1", int(port))
    run_app(app, settings, sock, on_started=lambda: print("started", flush=True))


if __name__ == "__main__":
    main()
