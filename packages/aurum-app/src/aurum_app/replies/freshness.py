"""How long an answer is fresh and how long it is still good: settings as `Cache-Control`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aurum_core.answers import Answer
from aurum_core.auth import CacheFamily
from aurum_core.settings import AurumSettings, CacheSettings


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Seconds: what clients see, how long our own copy is used, how long it may be stale."""

    max_age: int
    local: int
    stale: int


class Freshness:
    """The lifetimes and `Cache-Control` values of one app."""

    def __init__(self, settings: AurumSettings) -> None:
        self._cache = settings.cache
        self._families = _families(settings.cache)
        self._scope = "public" if settings.auth.mode in {None, "none"} else "private"

    def of(self, family: CacheFamily, answer: Answer | None = None) -> Lifetime:
        """Return the lifetime of a family's answer; the answer itself may know better."""
        base = self._families[family]
        if answer is None or (answer.max_age is None and not answer.immutable):
            return base
        if answer.immutable:
            age = self._cache.pinned_ttl_seconds
            return Lifetime(age, age, self._cache.stale_pinned_seconds)
        age = answer.max_age or 0
        return Lifetime(age, age, max(base.stale, self._cache.stale_past_asof_seconds))

    def control(self, max_age: int, *, immutable: bool = False) -> str:
        """Return `Cache-Control` for market and reference data."""
        if max_age == 0:
            return f"{self._scope}, no-cache"
        if immutable:
            return f"{self._scope}, max-age={max_age}, immutable"
        revalidate, on_error = min(max(max_age // 2, 1), 600), min(3 * max_age, 86_400)
        return (
            f"{self._scope}, max-age={max_age}, "
            f"stale-while-revalidate={revalidate}, stale-if-error={on_error}"
        )


def _families(cache: CacheSettings) -> Mapping[CacheFamily, Lifetime]:
    stays = {CacheFamily.LMP: cache.lmp_local_ttl_seconds}
    ages = {
        CacheFamily.CURVES: (cache.curve_ttl_seconds, cache.stale_curve_seconds),
        CacheFamily.METADATA: (cache.metadata_ttl_seconds, cache.stale_metadata_seconds),
        CacheFamily.LMP: (cache.lmp_ttl_seconds, cache.stale_lmp_latest_seconds),
        CacheFamily.EIA: (cache.eia_ttl_seconds, cache.stale_eia_seconds),
        CacheFamily.EIA_DATASETS: (cache.eia_datasets_ttl_seconds, cache.stale_eia_seconds),
        CacheFamily.EIA_DIMENSIONS: (cache.eia_dimensions_ttl_seconds, cache.stale_eia_seconds),
        CacheFamily.DROUGHT: (cache.drought_ttl_seconds, cache.stale_drought_seconds),
        CacheFamily.EXTERNAL: (cache.external_ttl_seconds, cache.stale_external_seconds),
    }
    lifetimes = {}
    for family, (age, stale) in ages.items():
        stay = stays.get(family) if stays.get(family) is not None else cache.local_ttl_seconds
        lifetimes[family] = Lifetime(age, age if stay is None else min(age, stay), stale)
    return MappingProxyType(lifetimes)
