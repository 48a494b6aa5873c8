"""The HTTP surfaces and the server in front of them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from aurum_core.settings.base import AnyCase, CommaList, FromText, Section

Routers = Annotated[tuple[str, ...] | None, FromText]
V1Limit = Annotated[int, Field(ge=1, le=100_000)]


class ApiSettings(Section):
    """What is served, where, for how long v1 lives, and what one request may cost."""

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    title: str = Field("Aurum API", min_length=1, description="Title in the OpenAPI documents.")
    docs_enabled: bool = Field(True, description="Serve /docs and the OpenAPI documents.")

    enable_v1: bool = Field(True, description="Serve v1; off answers 410 on every v1 path.")
    v1_routers: Routers = Field(
        None, description="Names of the v1 routers to serve, by comma; unset serves all."
    )
    v2_routers: Routers = Field(
        None, description="Names of the v2 routers to serve, by comma; unset serves all."
    )
    v1_accept_legacy_cursors: bool = Field(
        True, description="Read the unsigned cursors that old v1 releases gave out."
    )
    v1_deprecated_at: date = Field(
        date(2026, 1, 1), description="Date in the Deprecation header of every v1 answer."
    )
    v1_sunset_at: date = Field(
        date(2027, 12, 31), description="Date in the Sunset header of every v1 answer."
    )
    v1_after_sunset: Annotated[Literal["serve", "warn", "gone"], AnyCase] = Field(
        "warn", description="v1 after its sunset: serve, serve and log a warning, or answer 410."
    )
    v1_curve_max_limit: V1Limit = Field(
        500, description="Largest v1 page of curves, diff and strips; more is clamped."
    )
    v1_scenario_output_max_limit: V1Limit = Field(
        500, description="Largest v1 page of scenario outputs; more is clamped."
    )
    v1_scenario_metric_max_limit: V1Limit = Field(
        500, description="Largest v1 page of scenario metrics; more is clamped."
    )
    v1_eia_series_max_limit: V1Limit = Field(
        1_000, description="Largest v1 page of EIA series; more is clamped."
    )

    cors_origins: CommaList = Field(
        (), description="Origins that browsers may call from, by comma; empty turns CORS off."
    )
    cors_allow_credentials: bool = Field(
        False, description="Let browsers send credentials across origins; never with origin *."
    )
    compress_min_bytes: int = Field(
        500, ge=0, le=10_485_760, description="Smallest body that is compressed."
    )

    max_body_bytes: int = Field(
        1_048_576, ge=1_024, le=1_073_741_824, description="Largest request body; more is 413."
    )
    max_bulk_body_bytes: int = Field(
        2_097_152, ge=1_024, le=1_073_741_824, description="Largest body of a bulk route."
    )
    max_url_bytes: int = Field(8_192, ge=256, le=65_536, description="Longest request URL.")
    max_header_bytes: int = Field(
        16_384, ge=1_024, le=1_048_576, description="Largest block of request headers."
    )
    max_json_depth: int = Field(32, ge=4, le=256, description="Deepest nesting of a JSON body.")
    max_json_items: int = Field(
        10_000, ge=1, le=10_000_000, description="Longest array in a JSON body."
    )
    header_timeout_seconds: float = Field(
        10.0, gt=0, le=300, description="Time for a client to finish its headers; then 408."
    )
    body_timeout_seconds: float = Field(
        30.0, gt=0, le=3_600, description="Time for a client to finish its body; then 408."
    )

    request_timeout_seconds: float = Field(
        10.0, gt=0, le=600, description="Deadline of an interactive request; then 504."
    )
    metadata_timeout_seconds: float = Field(
        2.0, gt=0, le=600, description="Deadline of a metadata request; then 504."
    )
    health_timeout_seconds: float = Field(
        1.0, gt=0, le=60, description="Deadline of a health request."
    )
    export_first_byte_timeout_seconds: float = Field(
        60.0, gt=0, le=3_600, description="Time for an export to give its first byte."
    )
    export_idle_timeout_seconds: float = Field(
        30.0, gt=0, le=3_600, description="Time an export may go without progress."
    )

    drain_delay_seconds: float = Field(
        5.0, ge=0, le=300, description="Time to keep accepting after SIGTERM while not ready."
    )
    shutdown_timeout_seconds: float = Field(
        25.0, ge=0, le=3_600, description="Time for requests in flight to end after the drain."
    )
