"""The edge against bare ASGI: a kept answer and a 304 through the whole stack, in one run.

`python benchmarks/edge.py` starts both servers, plays interleaved rounds with `wrk` and prints the
ratios of medians and the CPU microseconds per request (PERFORMANCE.md G1, G2). It exits with 1
when a ratio is below its floor.
"""

import argparse
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

BODY = json.dumps({"data": [{"n": i, "price": i / 7} for i in range(1_700)]}).encode()
PATH = "/v2/bench/page"
FLOORS = {"hit": 0.55, "unchanged": 0.85}
GOALS = {"hit": 0.70, "unchanged": 1.0}


def bare_app():
    """Return the floor: the same bytes, nothing else."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]

    async def app(scope, receive, send):  # noqa: ARG001 - the protocol of ASGI
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": BODY})

    return app


def edge_app():
    """Return the whole stack over one route of a small surface."""
    from types import ModuleType

    from fastapi import APIRouter
    from starlette.requests import Request

    import aurum_api_v2
    from aurum_api_v2.responses import AnswerResponse
    from aurum_app.factory import create_app
    from aurum_core.answers import Answer
    from aurum_core.auth import CacheFamily, guard, market_data
    from aurum_core.clock import SystemClock, business_date
    from aurum_core.cursors import Pins
    from aurum_core.settings import AurumSettings

    router = APIRouter(prefix="/v2/bench")

    @router.get("/page")
    @guard(market_data(CacheFamily.CURVES))
    async def page(request: Request, curve: str = "") -> AnswerResponse:  # noqa: ARG001 - in the URL
        return AnswerResponse(Answer(body=BODY))

    surface = ModuleType("bench_v2")
    surface.NAME, surface.PREFIX, surface.ROUTERS = "v2", "/v2", (("bench", router),)
    surface.render_error = aurum_api_v2.render_error
    surface.lifecycle_headers = aurum_api_v2.lifecycle_headers

    class Services:
        clock = SystemClock()
        meter = None
        data_clock = type("Data", (), {"data_version": staticmethod(lambda: 7)})

        def pins(self):
            return Pins(7, today=business_date(self.clock))

    @asynccontextmanager
    async def open_services(settings):  # noqa: ARG001 - the factory's protocol
        yield Services()

    return create_app(AurumSettings(), open_services=open_services, surfaces=(surface,))


def serve(which: str, port: int) -> None:
    """Serve one side; both as `aurum_app.server` does: what start-up built is frozen."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            gc.freeze()

    config = uvicorn.Config(
        bare_app() if which == "bare" else edge_app(),
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="off" if which == "bare" else "on",
        ws="none",
    )
    Server(config).run()


@dataclass
class Side:
    """One running server."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Return user and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def play(self, seconds: float, connections: int, headers: tuple[str, ...]) -> dict[str, float]:
        """Play one round; return requests a second and CPU microseconds a request."""
        extra = [part for header in headers for part in ("-H", header)]
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *extra, self.url]
        before = self.cpu_seconds()
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        used = self.cpu_seconds() - before
        count = int(re.search(r"(\d+) requests in", text)[1])
        assert "Non-2xx" not in text, text
        return {
            "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
            "cpu_us": used / count * 1e6,
        }


@contextmanager
def running(which: str, port: int) -> Iterator[Side]:
    """Run one side in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, __file__, "serve", which, str(port)], stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}{PATH}?curve=a"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(url).read()
                break
            except OSError:
                time.sleep(0.05)
        yield Side(url, process.pid)
    finally:
        process.terminate()
        process.wait()


def measure(rounds: int, seconds: float, connections: int) -> dict[str, dict[str, float]]:
    """Play all sides in turn and return medians."""
    with running("bare", 8931) as bare, running("edge", 8932) as edge:
        with urllib.request.urlopen(edge.url) as response:
            tag = response.headers["ETag"]
        plays = {
            "bare": (bare, ()),
            "hit": (edge, ()),
            "unchanged": (edge, (f"If-None-Match: {tag}",)),
        }
        results = {name: [] for name in plays}
        for _ in range(rounds):
            for name, (side, headers) in plays.items():
                results[name].append(side.play(seconds, connections, headers))
    return {
        name: {key: statistics.median(r[key] for r in runs) for key in ("rps", "cpu_us")}
        for name, runs in results.items()
    }


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()
    medians = measure(asked.rounds, int(asked.seconds), asked.connections)
    report = {"body_bytes": len(BODY), "medians": medians, "ratios": {}}
    for name, goal in GOALS.items():
        ratio = medians[name]["rps"] / medians["bare"]["rps"]
        cpu = medians["bare"]["cpu_us"] / medians[name]["cpu_us"]
        report["ratios"][name] = {
            "rps": round(ratio, 3),
            "cpu": round(cpu, 3),
            "goal": goal,
            "floor": FLOORS[name],
        }
    print(json.dumps(report, indent=2))
    return int(any(max(r["rps"], r["cpu"]) < r["floor"] for r in report["ratios"].values()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
