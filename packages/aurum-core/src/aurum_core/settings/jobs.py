"""Scenario runs: leases, attempts and pace of the workers."""

from pydantic import Field

from aurum_core.settings.base import Section


class JobSettings(Section):
    """How a worker holds a run, and when a run is given up."""

    lease_seconds: float = Field(30.0, ge=1, le=3_600, description="How long a claim holds.")
    heartbeat_seconds: float = Field(
        10.0, gt=0, le=1_200, description="How often a claim is renewed; two fit in a lease."
    )
    max_attempts: int = Field(5, ge=1, le=100, description="Attempts before a run is failed.")
    backoff_seconds: float = Field(
        1.0, ge=0, le=3_600, description="First wait before another attempt; doubles, jittered."
    )
    max_backoff_seconds: float = Field(
        60.0, ge=0, le=86_400, description="Longest wait before another attempt."
    )
    poll_seconds: float = Field(
        1.0, gt=0, le=300, description="How often an idle worker looks for a run."
    )
    run_timeout_seconds: float = Field(
        3_600.0, gt=0, le=86_400, description="Longest run; then it ends as timeout."
    )
