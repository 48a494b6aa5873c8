"""Metrics and traces."""

from pydantic import Field, SecretStr

from aurum_core.settings.base import HttpUrl, Section


class TelemetrySettings(Section):
    """What is measured and where traces go; nothing is sent unless an endpoint is set."""

    metrics_enabled: bool = Field(True, description="Serve Prometheus metrics.")
    metrics_path: str = Field(
        "/metrics", pattern=r"^/[^\s?#]+$", description="Path of the metrics."
    )
    traces_enabled: bool = Field(True, description="Make spans; they are sent to the endpoint.")
    otlp_endpoint: HttpUrl | None = Field(None, description="OTLP collector; unset sends nothing.")
    otlp_headers: SecretStr | None = Field(
        None, description="Headers for the collector, name=value by comma."
    )
    service_name: str = Field("aurum-api", min_length=1, description="Name of this service.")
    trace_ratio: float = Field(
        1.0, ge=0, le=1, description="Share of traces kept when the caller has not decided."
    )
