"""Feature flags: what each is until an admin stores another value."""

from pydantic import Field

from aurum_core.settings.base import Section


class FlagSettings(Section):
    """Defaults of the feature flags, and how often the stored ones are read."""

    scenario_outputs: bool = Field(
        True, description="Serve scenario outputs and metrics; off answers as a missing route."
    )
    ppa_valuation_store: bool = Field(True, description="Store the result of a PPA valuation.")
    refresh_seconds: float = Field(
        30.0, gt=0, le=3_600, description="How often the stored flags are read again."
    )
