"""What a handler finds in `request.state`, typed once."""

import logging
from datetime import date
from typing import Final

from pydantic import BaseModel
from starlette.requests import Request

from aurum_core.auth import TenantId
from aurum_core.clock import business_date
from aurum_core.cursors import Pins
from aurum_services.container import Services
from aurum_services.queries import Pin

LOG: Final = logging.getLogger(__name__)
_MOST_NAMES, _LONGEST_NAME = 10, 64


def services_of(request: Request) -> Services:
    """Return the services of the app."""
    return request.state.services  # type: ignore[no-any-return]  # typed at the lifespan


def pins_of(request: Request) -> Pins:
    """Return what the request was pinned to when it came in."""
    return request.state.pins  # type: ignore[no-any-return]  # typed at the edge


def today_of(request: Request) -> date:
    """Return the business date in New York that the request began on."""
    return pins_of(request).today or business_date(services_of(request).clock)


def tenant_of(request: Request) -> TenantId:
    """Return the tenant of the caller."""
    return request.state.principal.tenant  # type: ignore[no-any-return]  # typed at the edge


def pin_of(request: Request) -> Pin:
    """Return the pin of a read: v1 has no parameter that moves it."""
    return Pin(data_version=pins_of(request).data_version, tenant=tenant_of(request))


def note_unknown(request: Request, params: type[BaseModel]) -> None:
    """Log the names of parameters that the route does not have: v1 ignores them, as it always did.

    Names come from the client: they are cut, counted and written as ASCII.
    """
    unknown = [name for name in request.query_params if name not in params.model_fields]
    if unknown:
        names = [ascii(name[:_LONGEST_NAME])[1:-1] for name in unknown[:_MOST_NAMES]]
        LOG.info("unknown query parameters ignored: %s", ", ".join(names))
