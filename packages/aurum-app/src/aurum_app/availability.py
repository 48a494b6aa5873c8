"""What settings may ask for that this release does not have yet, a line each."""

from collections.abc import Iterator, Sequence

from aurum_app.surfaces import CompositionError, Surface, enabled_routers
from aurum_core.settings import AurumSettings


def composition_problems(settings: AurumSettings, surfaces: Sequence[Surface]) -> Iterator[str]:
    """Yield what keeps an app from being composed, naming the variable to change."""
    if settings.auth.mode not in {None, "none"}:
        yield f"AURUM_AUTH_MODE={settings.auth.mode} is not available yet; use none"
    if settings.limits.enabled:
        yield "AURUM_LIMITS_ENABLED=true is not available yet; leave it unset"
    for surface in surfaces:
        try:
            enabled_routers(surface, settings)
        except CompositionError as error:
            yield str(error)


def store_problems(settings: AurumSettings) -> Iterator[str]:
    """Yield what keeps the stores from being opened, naming the variable to change."""
    if settings.storage.warehouse != "duckdb":
        yield f"AURUM_STORAGE_WAREHOUSE={settings.storage.warehouse} is not available yet"
