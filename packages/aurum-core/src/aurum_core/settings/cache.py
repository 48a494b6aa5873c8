"""The response cache: lifetimes per family of data, how stale is still good, and its size."""

from pydantic import Field

from aurum_core.settings.base import Section, Ttl


class CacheSettings(Section):
    """Lifetimes (also the max-age that clients see; 0 turns a family off), staleness and size."""

    enabled: bool = Field(True, description="Keep answers; off asks the source every time.")
    namespace: str = Field(
        "aurum",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Prefix of every key, so that deployments can share one Redis.",
    )

    ttl_seconds: Ttl = Field(120, description="Lifetime where no family below says otherwise.")
    curve_ttl_seconds: Ttl = Field(120, description="Lifetime of curves.")
    curve_diff_ttl_seconds: Ttl = Field(120, description="Lifetime of curve diffs.")
    curve_strip_ttl_seconds: Ttl = Field(120, description="Lifetime of curve strips.")
    past_asof_ttl_seconds: Ttl = Field(3_600, description="Lifetime of an exact past as-of.")
    pinned_ttl_seconds: Ttl = Field(
        604_800, description="Lifetime of an answer that pins as-of and data version."
    )
    lmp_ttl_seconds: Ttl = Field(60, description="Lifetime of LMP prices.")
    eia_ttl_seconds: Ttl = Field(120, description="Lifetime of EIA series.")
    eia_datasets_ttl_seconds: Ttl = Field(60, description="Lifetime of the EIA dataset lists.")
    eia_dimensions_ttl_seconds: Ttl = Field(300, description="Lifetime of EIA dimensions.")
    drought_ttl_seconds: Ttl = Field(300, description="Lifetime of drought data.")
    metadata_ttl_seconds: Ttl = Field(300, description="Lifetime of metadata.")
    external_ttl_seconds: Ttl = Field(300, description="Lifetime of external series.")
    scenario_ttl_seconds: Ttl = Field(
        60, description="Lifetime of scenario outputs and metrics in our cache, never a client's."
    )
    negative_ttl_seconds: Ttl = Field(5, description="Lifetime of a result that found nothing.")
    ttl_jitter_ratio: float = Field(
        0.1, ge=0, le=0.5, description="Share by which a lifetime is varied, up or down."
    )

    local_max_bytes: int = Field(
        67_108_864, ge=0, le=68_719_476_736, description="Memory of the in-process cache."
    )
    local_ttl_seconds: Ttl | None = Field(
        None, description="Longest stay in the in-process cache; unset keeps the family's."
    )
    lmp_local_ttl_seconds: Ttl | None = Field(
        None, description="Longest stay of LMP prices in the in-process cache."
    )
    max_entry_bytes: int = Field(
        8_388_608, ge=1_024, le=536_870_912, description="Largest answer kept; more is a miss."
    )

    serve_stale: bool = Field(
        True, description="Answer from an expired entry while its source is down."
    )
    stale_pinned_seconds: Ttl = Field(604_800, description="Max stale of pinned curves.")
    stale_past_asof_seconds: Ttl = Field(86_400, description="Max stale of a past as-of.")
    stale_curve_seconds: Ttl = Field(3_600, description="Max stale of latest, diff and strips.")
    stale_lmp_latest_seconds: Ttl = Field(300, description="Max stale of the latest LMP prices.")
    stale_lmp_history_seconds: Ttl = Field(86_400, description="Max stale of LMP history.")
    stale_eia_seconds: Ttl = Field(604_800, description="Max stale of EIA series.")
    stale_drought_seconds: Ttl = Field(604_800, description="Max stale of drought data.")
    stale_external_seconds: Ttl = Field(604_800, description="Max stale of external series.")
    stale_metadata_seconds: Ttl = Field(604_800, description="Max stale of metadata.")
    stale_valuation_seconds: Ttl = Field(
        86_400, description="Max stale of the inputs of a valuation that allows stale ones."
    )
