"""Rate limits, and the bulkheads, retries and breakers around dependencies."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from aurum_core.settings.base import CommaList, Section, split_list

Rate = Annotated[float, Field(gt=0, le=1_000_000)]
Burst = Annotated[int, Field(ge=1, le=1_000_000)]


class RouteRate(Section):
    """A limit of one route template: `/v1/curves=20:40` is 20 a second with a burst of 40."""

    route: str = Field(pattern=r"^/[^=,\s]*$", description="Route template.")
    rate_per_second: Rate = Field(description="Requests a second.")
    burst: Burst = Field(description="Requests at once.")

    def __str__(self) -> str:
        return f"{self.route}={self.rate_per_second:g}:{self.burst}"


class TenantRate(Section):
    """A limit of one tenant: `acme=50:100`, or on one route only: `acme=/v1/curves=20:40`."""

    tenant: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", description="Tenant.")
    route: str | None = Field(None, pattern=r"^/[^=,\s]*$", description="Template; unset is all.")
    rate_per_second: Rate = Field(description="Requests a second.")
    burst: Burst = Field(description="Requests at once.")

    def __str__(self) -> str:
        subject = self.tenant if self.route is None else f"{self.tenant}={self.route}"
        return f"{subject}={self.rate_per_second:g}:{self.burst}"


def _parse_route_rates(value: object) -> object:
    return _parse_rates(value, "route")


def _parse_tenant_rates(value: object) -> object:
    return _parse_rates(value, "tenant")


def _parse_rates(value: object, subject: str) -> object:
    items = split_list(value)
    if not isinstance(items, tuple | list):
        return value
    return tuple(_parse_rate(item, subject) if isinstance(item, str) else item for item in items)


def _parse_rate(text: str, subject: str) -> dict[str, str]:
    names, _, limits = text.rpartition("=")
    rate, _, burst = limits.partition(":")
    if not (names and rate and burst):
        raise ValueError("must be name=rate:burst, several by comma")
    fields = {subject: names, "rate_per_second": rate, "burst": burst}
    if subject == "tenant":
        tenant, route = _split_tenant(names)
        fields |= {"tenant": tenant} | ({"route": route} if route else {})
    return fields


def _split_tenant(names: str) -> tuple[str, str]:
    at = names.find("/")
    if at < 0:
        return names, ""
    return names[:at].rstrip("=:"), names[at:]  # the old form is tenant:/path, its manual says =


class LimitSettings(Section):
    """What one caller may ask for, and what we ask of a dependency that is in trouble."""

    enabled: bool | None = Field(
        None, description="Enforce rate limits; unset does when authentication is on."
    )
    rate_per_second: Rate = Field(10.0, description="Requests a second per caller and route.")
    burst: Burst = Field(20, description="Requests at once per caller and route.")
    route_overrides: Annotated[tuple[RouteRate, ...], BeforeValidator(_parse_route_rates)] = Field(
        (), description="Limits of single routes: /path=rate:burst, by comma."
    )
    tenant_overrides: Annotated[tuple[TenantRate, ...], BeforeValidator(_parse_tenant_rates)] = (
        Field((), description="Limits of tenants: tenant[=/path]=rate:burst, by comma.")
    )
    exempt: CommaList = Field(
        (), description="Principals, tenants or addresses that are never limited, by comma."
    )
    daily_cap: int = Field(
        0, ge=0, le=1_000_000_000, description="Requests a day per caller; 0 sets no cap."
    )
    export_cost: int = Field(10, ge=1, le=1_000, description="Requests that an export counts as.")

    idempotency_ttl_seconds: int = Field(
        86_400, ge=60, le=2_592_000, description="How long an Idempotency-Key is remembered."
    )

    tenant_in_flight: int = Field(
        20, ge=1, le=100_000, description="Requests of one tenant at a time per process."
    )
    queue_wait_seconds: float | None = Field(
        None,
        ge=0,
        le=60,
        description="Longest wait for a slot of a dependency; then 503. Unset is 2 for the "
        "embedded warehouse, 0.25 for servers.",
    )
    reserved_ratio: float = Field(
        0.2, ge=0, le=0.9, description="Share of the slots kept for admin and health."
    )
    abandoned_calls: int = Field(
        32, ge=1, le=10_000, description="Calls past their deadline that may still be ending."
    )
    retry_budget_ratio: float = Field(
        0.1, ge=0, le=1, description="Retries per call to a dependency, beside the fixed rate."
    )
    retry_budget_per_second: float = Field(
        3.0, ge=0, le=1_000, description="Retries a second to a dependency, at any load."
    )
    breaker_window_seconds: float = Field(
        10.0, gt=0, le=600, description="Window in which failures are counted."
    )
    breaker_min_calls: int = Field(
        10, ge=1, le=10_000, description="Calls in the window before the ratio opens a breaker."
    )
    breaker_failure_ratio: float = Field(
        0.5, gt=0, le=1, description="Share of failed calls that opens a breaker."
    )
    breaker_connect_failures: int = Field(
        5, ge=1, le=1_000, description="Failed connects in a row that open a breaker."
    )
    breaker_open_seconds: float = Field(
        1.0, gt=0, le=600, description="First time a breaker stays open; doubles each time."
    )
    breaker_max_open_seconds: float = Field(
        30.0, gt=0, le=3_600, description="Longest time a breaker stays open."
    )
