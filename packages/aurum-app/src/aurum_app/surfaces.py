"""The registry of surfaces and routers: composition as data, judged before anything starts."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Final, Protocol

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel

from aurum_app.dispatch import RouteEntry
from aurum_app.headers import RawHeaders, encode_headers
from aurum_core.auth import policy_of
from aurum_core.errors import AurumError
from aurum_core.settings import AurumSettings

RouterSpec = tuple[str, APIRouter]
BuildRouter = Callable[[FastAPI, AurumSettings], APIRouter]
HouseSpec = tuple[str, BuildRouter]
"""A router of the house (health, documents): its name and how it is built for one app."""

LENIENT: Final = frozenset({"v1"})
"""Surfaces that ignore unknown query parameters, as they always did."""
MIGRATION_GUIDE: Final = "/docs/migration"


class CompositionError(Exception):
    """The app cannot be composed as declared; the text says what to change."""


class Surface(Protocol):
    """What a surface's module offers."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module constant
        """Return the name in settings and metrics."""
        ...

    @property
    def PREFIX(self) -> str:  # noqa: N802 - a module constant
        """Return the path prefix that it owns."""
        ...

    @property
    def ROUTERS(self) -> tuple[RouterSpec, ...]:  # noqa: N802 - a module constant
        """Return its routers by name, in order."""
        ...

    def render_error(self, error: AurumError, *, path: str, request_id: str) -> tuple[str, bytes]:
        """Return media type and body of an error."""
        ...

    def lifecycle_headers(
        self, settings: AurumSettings, template: str | None
    ) -> tuple[tuple[str, str], ...]:
        """Return the headers of every answer of the surface, by route template where known."""
        ...


@dataclass(frozen=True, slots=True)
class MountedSurface:
    """A surface as one app serves it.

    A gone one answers 410 on every path under its prefix; with `gone_after` it does from the day
    behind that date on.
    """

    surface: Surface
    lifecycle: RawHeaders
    gone: bool = False
    gone_after: date | None = None


def mount_surfaces(
    surfaces: Sequence[Surface], settings: AurumSettings
) -> dict[str, MountedSurface]:
    """Return the surfaces by the first segment of their prefix, switched off ones included."""
    api = settings.api
    mounted = {}
    for surface in surfaces:
        over = getattr(api, f"{surface.NAME}_after_sunset", None) == "gone"
        mounted[surface.PREFIX.strip("/")] = MountedSurface(
            surface,
            encode_headers(surface.lifecycle_headers(settings, None)),
            gone=not getattr(api, f"enable_{surface.NAME}", True),
            gone_after=getattr(api, f"{surface.NAME}_sunset_at", None) if over else None,
        )
    return mounted


def enabled_routers(surface: Surface, settings: AurumSettings) -> tuple[RouterSpec, ...]:
    """Return the routers that the settings name, all of them when they name none.

    Raises:
        CompositionError: a name that the surface does not have.
    """
    wanted = getattr(settings.api, f"{surface.NAME}_routers", None)
    if wanted is None:
        return surface.ROUTERS
    known = [name for name, _ in surface.ROUTERS]
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
            variable = f"AURUM_API_{surface.NAME.upper()}_ROUTERS"
            raise CompositionError(f"{variable}: {surface.NAME} has no router {name!r}{hint}")
    return tuple(spec for spec in surface.ROUTERS if spec[0] in wanted)


def include_surfaces(
    app: FastAPI,
    settings: AurumSettings,
    mounted: Mapping[str, MountedSurface],
    house: Sequence[HouseSpec],
) -> list[RouteEntry]:
    """Include every router of the house and of the enabled surfaces; return all their routes.

    Raises:
        CompositionError: an unknown router, a (method, path) twice, a route without a policy.
    """
    entries: list[RouteEntry] = []
    live = {prefix: mount.surface for prefix, mount in mounted.items() if not mount.gone}
    for name, build in house:
        for context, method in _include(app, build(app, settings)):
            entry = _entry_of(context, name, method)
            surface = live.get(entry.template.split("/")[1])
            entries.append(_on_surface(entry, surface, settings) if surface else entry)
    for surface in live.values():
        for name, router in enabled_routers(surface, settings):
            for context, method in _include(app, router):
                entries.append(_on_surface(_entry_of(context, name, method), surface, settings))
    _refuse_doubles(entries)
    return entries


def _include(app: FastAPI, router: APIRouter) -> Iterator[tuple[RouteContext, str]]:
    app.include_router(router)
    for context in iter_route_contexts(app.router.routes[-1:]):
        for method in sorted(context.methods or ()):
            yield context, method


def _entry_of(context: RouteContext, router: str, method: str) -> RouteEntry:
    policy = policy_of(context.endpoint) if context.endpoint else None
    where = f"{method} {context.path}"
    if policy is None:
        raise CompositionError(f"{where} of router {router!r} has no policy: add @guard(...)")
    if not isinstance(context.original_route, APIRoute) or context.path is None:
        raise CompositionError(f"{where} of router {router!r} is not a route of FastAPI")
    return RouteEntry(
        template=context.path,
        method=method,
        router=router,
        policy=policy,
        house=not policy.roles,
        json=_is_json(context),
        app=context.app,
        media_types=_media_types_of(context),
        context=context,
    )


def _on_surface(entry: RouteEntry, surface: Surface, settings: AurumSettings) -> RouteEntry:
    if not entry.template.startswith(f"{surface.PREFIX}/"):
        raise CompositionError(f"{entry.template} is not below {surface.PREFIX}")
    return replace(
        entry,
        surface=surface.NAME,
        lifecycle=encode_headers(surface.lifecycle_headers(settings, entry.template)),
        query=None if surface.NAME in LENIENT else _query_names_of(entry.context.dependant),
    )


def _query_names_of(dependant: Dependant) -> frozenset[str]:
    names: set[str] = set()
    for inner in dependant.dependencies:
        names |= _query_names_of(inner)
    for param in dependant.query_params:
        annotation = param.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.items()
            names.update(field.alias or name for name, field in fields)
        else:
            names.add(param.alias)
    return frozenset(names)


def _is_json(context: RouteContext) -> bool:
    documented = (context.responses or {}).get(200, {}).get("content")
    return not documented or "application/json" in documented


def _media_types_of(context: RouteContext) -> tuple[str, ...]:
    """Return what the body may be: as documented, JSON where a body is read at all."""
    documented = (context.openapi_extra or {}).get("requestBody", {}).get("content")
    if documented:
        return tuple(documented)
    return ("application/json",) if context.body_field is not None else ()


def _refuse_doubles(entries: Sequence[RouteEntry]) -> None:
    seen: dict[tuple[str, str], RouteEntry] = {}
    for entry in entries:
        key = entry.method, re.sub(r"\{[^}:]*", "{", entry.template)
        if (first := seen.setdefault(key, entry)) is not entry:
            raise CompositionError(
                f"{entry.method} {entry.template} is declared twice: "
                f"by router {first.router!r} and by router {entry.router!r}"
            )
