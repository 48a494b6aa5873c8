"""Probes: whether the process lives, whether it wants requests. None asks a dependency."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from aurum_core.auth import RouteClass, guard, open_policy
from aurum_core.settings import AurumSettings

PROBE: Final = open_policy(RouteClass.HEALTH)
UNAVAILABLE: Final = 503
DEGRADED: Final = "degraded"


def build_health(app: FastAPI, settings: AurumSettings) -> APIRouter:  # noqa: ARG001 - a house router's signature
    """Return the probes; the last two paths are those of older deployments."""
    router = APIRouter(tags=["health"])

    @router.get("/livez")
    @guard(PROBE)
    async def live() -> Response:
        """Tell that the process answers."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    @guard(PROBE)
    async def ready(request: Request) -> Response:
        """Tell whether the process wants requests: not while it starts or leaves.

        A degraded one does: it answers from the newest data that it could follow.
        """
        status, found = status_of(request), dependencies_of(request)
        wanted = status == "ready"
        if wanted and DEGRADED in found.values():
            status = DEGRADED
        return JSONResponse(
            {"status": status, "dependencies": found}, 200 if wanted else UNAVAILABLE
        )

    @router.get("/health", include_in_schema=False)
    @guard(PROBE)
    async def health() -> Response:
        """Tell that the process answers."""
        return JSONResponse({"status": "ok"})

    @router.get("/ready", include_in_schema=False)
    @guard(PROBE)
    async def ready_with_checks(request: Request) -> Response:
        """Tell whether the process wants requests, in v1's words."""
        checks = dependencies_of(request)
        if status_of(request) == "ready" and DEGRADED not in checks.values():
            return JSONResponse({"status": "ready", "checks": checks})
        detail: dict[str, Any] = {"status": "unavailable", "checks": checks}
        return JSONResponse({"detail": detail}, UNAVAILABLE)

    return router


def status_of(request: Request) -> str:
    """Return ready, starting or draining."""
    if getattr(request.app.state, "draining", False):
        return "draining"
    return "ready" if "services" in request.scope.get("state", {}) else "starting"


def dependencies_of(request: Request) -> dict[str, str]:
    """Return what each dependency last did, as it is known here; nothing is asked."""
    services = request.scope.get("state", {}).get("services")
    if services is None:
        return {}
    clock = getattr(services, "data_clock", None)
    failure = getattr(clock, "last_failure", None)  # not every engine follows loads
    return {"warehouse": DEGRADED if failure else "ok"}
