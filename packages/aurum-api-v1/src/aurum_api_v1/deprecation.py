"""The life of v1 in headers: since when deprecated, until when served, what comes after."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime
from types import MappingProxyType
from typing import Final

from aurum_core.settings import AurumSettings

MIGRATION_GUIDE: Final = "/docs/migration"
SUCCESSOR_SURFACE: Final = "/v2"

SUCCESSORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/v1/curves": "/v2/curves/observations",
        "/v1/curves/diff": "/v2/curves/diff",
        "/v1/curves/strips": "/v2/curves/strips",
        "/v1/metadata/dimensions": "/v2/metadata/dimensions",
        "/v1/metadata/locations": "/v2/metadata/locations",
        "/v1/metadata/locations/{iso}/{location_id}": "/v2/metadata/locations/{iso}/{location_id}",
        "/v1/metadata/units": "/v2/metadata/units",
        "/v1/metadata/units/mapping": "/v2/metadata/units",
        "/v1/metadata/calendars": "/v2/metadata/calendars",
        "/v1/metadata/calendars/{name}/blocks": "/v2/metadata/calendars/{name}/blocks",
        "/v1/metadata/calendars/{name}/hours": "/v2/metadata/calendars/{name}/hours",
        "/v1/metadata/calendars/{name}/expand": "/v2/metadata/calendars/{name}/expand",
        "/v1/iso/lmp/last-24h": "/v2/iso/lmp/last-24h",
        "/v1/iso/lmp/hourly": "/v2/iso/lmp/hourly",
        "/v1/iso/lmp/daily": "/v2/iso/lmp/daily",
        "/v1/iso/lmp/negative": "/v2/iso/lmp/negative",
    }
)


def successor_of(template: str | None) -> str:
    """Return the v2 template that took a v1 template's place, the whole surface where none did."""
    return SUCCESSORS.get(template or "", SUCCESSOR_SURFACE)


def lifecycle_headers(settings: AurumSettings, template: str | None) -> tuple[tuple[str, str], ...]:
    """Return the headers that every answer of this surface carries (RFC 9745, 8594, 8288).

    The successor of a template with parameters is that template of v2; the app fills its braces.
    """
    api = settings.api
    links = (
        f'<{MIGRATION_GUIDE}>; rel="deprecation"; type="text/html"',
        f'<{MIGRATION_GUIDE}>; rel="sunset"; type="text/html"',
        f'<{successor_of(template)}>; rel="successor-version"',
    )
    return (
        ("Deprecation", f"@{int(_midnight(api.v1_deprecated_at).timestamp())}"),
        ("Sunset", format_datetime(_midnight(api.v1_sunset_at), usegmt=True)),
        ("Link", ", ".join(links)),
        ("X-API-Version", "v1"),
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
