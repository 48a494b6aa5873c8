"""Which route: template, policy and path parameters are known from here on."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import quote

from aurum_app.call import Call, Reply
from aurum_app.dispatch import RouteTable
from aurum_app.headers import CONTENT_LOCATION, RawHeaders, secured
from aurum_app.middleware.stage import Stage
from aurum_app.surfaces import MIGRATION_GUIDE, MountedSurface
from aurum_core.clock import Clock, business_date
from aurum_core.errors import GoneError, MethodNotAllowedError, NotFoundError

LATEST: Final = "latest"
LATEST_SURFACE: Final = "v2"
PATH_SAFE: Final = "/:@!$&'()*+,;=~-._"
QUERY_SAFE: Final = PATH_SAFE + "?%"


class Dispatch(Stage):
    """Finds the route of a call, or says that there is none, none any more, or not so."""

    def __init__(
        self, table: RouteTable, surfaces: Mapping[str, MountedSurface], clock: Clock
    ) -> None:
        self._table = table
        self._surfaces = surfaces
        self._clock = clock
        self._gone = any(m.gone or m.gone_after for m in surfaces.values())

    def enter(self, call: Call) -> Reply | None:
        """Set entry, parameters and surface, or raise what there is to say."""
        path = call.path
        if root := call.scope.get("root_path"):
            path = call.path = path.removeprefix(root)
        leaf = None if self._gone else self._table.static.get(path)
        if leaf is not None and (entry := leaf.methods.get(call.method)) is not None:
            call.entry = entry
            call.surface = entry.surface
            call.extra += entry.lifecycle
            return None
        return self._search(call)

    def _search(self, call: Call) -> Reply | None:
        head, _, rest = call.path[1:].partition("/")
        if head == LATEST and LATEST_SURFACE in self._surfaces:
            call.latest = True
            call.path = f"/{LATEST_SURFACE}/{rest}" if rest else f"/{LATEST_SURFACE}"
        mount = self._mount_of(call.path)
        if mount is not None:
            self._enter_surface(call, mount)
        found = self._table.find(call.path, call.method)
        if found is not None:
            call.entry, call.params = found
            call.extra += _filled(call.entry.lifecycle, call.params)
            if call.latest:
                call.extra.append((CONTENT_LOCATION, _location(call)))
            return None
        if mount is not None:
            call.extra += mount.lifecycle
        allow = self._table.allowed(call.path)
        if not allow:
            raise NotFoundError
        if call.method != "OPTIONS":
            raise MethodNotAllowedError(allow)
        return Reply(204, secured([(b"allow", ", ".join(allow).encode())]))

    def _enter_surface(self, call: Call, mount: MountedSurface) -> None:
        """Note the surface of the path. Raises GoneError, which no surface renders."""
        if not mount.gone and not self._is_over(mount.gone_after):
            call.surface = mount.surface.NAME
            return
        call.extra += mount.lifecycle
        raise GoneError(
            f"The {mount.surface.NAME} surface is no longer served here; "
            f"{MIGRATION_GUIDE} tells how to move on."
        )

    def _mount_of(self, path: str) -> MountedSurface | None:
        return self._surfaces.get(path[1:].partition("/")[0])

    def _is_over(self, last: date | None) -> bool:
        return last is not None and business_date(self._clock) > last


def _filled(headers: RawHeaders, params: Mapping[str, str]) -> RawHeaders:
    """Return lifecycle headers with the path's own values where a template has braces."""
    if not any(b"{" in value for _, value in headers):
        return headers
    return [(name, _fill(value, params)) for name, value in headers]


def _fill(value: bytes, params: Mapping[str, str]) -> bytes:
    for name, text in params.items():
        value = value.replace(b"{%b}" % name.encode(), quote(text, safe="~-._").encode())
    return value


def _location(call: Call) -> bytes:
    query: bytes = call.scope["query_string"]
    path = quote(call.path, safe=PATH_SAFE)
    if not query:
        return path.encode()
    return f"{path}?{quote(query, safe=QUERY_SAFE)}".encode()
