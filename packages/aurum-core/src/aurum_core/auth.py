"""Who asks, what they may do: values only; verification lives in the app."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NewType, TypeVar

TenantId = NewType("TenantId", str)
DEFAULT_TENANT: Final = TenantId("default")


class Role(StrEnum):
    """The six roles of the access table, mapped from exact claim values."""

    READER = "reader"
    ANALYST = "analyst"
    TRADER = "trader"
    SERVICE = "service"
    ADMIN = "admin"
    PLATFORM_ADMIN = "platform_admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller."""

    subject: str
    tenant: TenantId
    roles: frozenset[Role]


ANYONE: Final = Principal("anonymous", DEFAULT_TENANT, frozenset(Role))
"""The principal of mode `none`: every role, the default tenant."""


class RouteClass(StrEnum):
    """How long a route may take and which slot it waits for."""

    HEALTH = "health"
    METADATA = "metadata"
    INTERACTIVE = "interactive"
    EXPORT = "export"


class CacheFamily(StrEnum):
    """Which freshness a finished answer has; TTLs are settings."""

    CURVES = "curves"
    METADATA = "metadata"
    LMP = "lmp"
    EIA = "eia"
    EIA_DATASETS = "eia_datasets"
    EIA_DIMENSIONS = "eia_dimensions"
    DROUGHT = "drought"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route demands and promises. A route without one does not start.

    `roles` empty means open to everyone, authenticated or not (health, documents).
    """

    roles: frozenset[Role]
    route_class: RouteClass = RouteClass.INTERACTIVE
    cache: CacheFamily | None = None
    cost: int = 1

    def admits(self, principal: Principal) -> bool:
        """Tell whether the principal has one of the roles."""
        return not self.roles or not self.roles.isdisjoint(principal.roles)


READERS: Final = frozenset(Role)


def open_policy(route_class: RouteClass = RouteClass.HEALTH) -> Policy:
    """Return the policy of health, metrics and documents."""
    return Policy(frozenset(), route_class)


def market_data(
    cache: CacheFamily, route_class: RouteClass = RouteClass.INTERACTIVE, *, cost: int = 1
) -> Policy:
    """Return the policy of market and reference data: every role reads it."""
    return Policy(READERS, route_class, cache, cost)


def bulk_export(cost: int = 10) -> Policy:
    """Return the policy of a streamed export: every role, never cached."""
    return Policy(READERS, RouteClass.EXPORT, None, cost)


F = TypeVar("F", bound=Callable[..., Any])


def guard(policy: Policy) -> Callable[[F], F]:
    """Give a handler its policy. A route whose handler has none stops the start."""

    def mark(handler: F) -> F:
        handler.__aurum_policy__ = policy  # type: ignore[attr-defined]  # read by `policy_of`
        return handler

    return mark


def policy_of(handler: Callable[..., Any]) -> Policy | None:
    """Return the policy that `guard` gave the handler, None when it gave none."""
    return getattr(handler, "__aurum_policy__", None)
