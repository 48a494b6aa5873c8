"""One request for every operation, answered with rows where the demo set is loaded.

A test sends each of them. Dates are those of the demo as it was made for 24 November 2026; on the
demo of another day the requests are still good, some of them find no rows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Values = Mapping[str, object]

CURVE: Final[Values] = MappingProxyType({"curve_key": "power-pjm-demo-pjm-hub-da-5x16"})
POWER: Final[Values] = MappingProxyType({"iso": "PJM", "block": "5x16", "limit": 5})
TWO_DATES: Final[Values] = MappingProxyType(
    {"asof_a": "2026-11-20", "asof_b": "2026-11-23", "limit": 5}
)
HUB: Final[Values] = MappingProxyType(
    {"iso": "PJM", "market": "DAY_AHEAD_HOURLY", "location": "DEMO_PJM_HUB"}
)
DAY: Final[Values] = MappingProxyType({"start": "2026-11-23", "end": "2026-11-24"})
PEAK: Final[Values] = MappingProxyType({"name": "PJM", "block": "5x16"})
V1_HUB: Final[Values] = MappingProxyType({"iso_code": "PJM", "market": "DAY_AHEAD", "limit": 5})

EXAMPLES: Final[Mapping[str, Values]] = MappingProxyType(
    {
        "/v2/curves": {"iso": "PJM", "limit": 5},
        "/v2/curves/observations": POWER,
        "/v2/curves/export": {"iso": "PJM", "block": "5x16", "format": "csv"},
        "/v2/curves/diff": {**TWO_DATES, "iso": "PJM"},
        "/v2/curves/strips": {"iso": "PJM", "block": "5x16", "strip": "CAL", "limit": 5},
        "/v2/curves/{curve_key}": CURVE,
        "/v2/curves/{curve_key}/observations": {**CURVE, "limit": 5},
        "/v2/curves/{curve_key}/diff": {**CURVE, **TWO_DATES},
        "/v2/curves/{curve_key}/strips": {**CURVE, "strip": "Q1,CAL"},
        "/v2/curves/{curve_key}/versions": {**CURVE, "asof": "2026-11-20", "limit": 5},
        "/v2/iso/lmp": {**HUB, **DAY, "limit": 5},
        "/v2/iso/lmp/export": {**HUB, **DAY, "format": "csv"},
        "/v2/iso/lmp/last-24h": {**HUB, "limit": 5},
        "/v2/iso/lmp/negative": {"limit": 5},
        "/v2/iso/lmp/hourly": {**HUB, **DAY, "limit": 5},
        "/v2/iso/lmp/daily": {**HUB, **DAY},
        "/v2/iso/lmp/blocks": {**HUB, **DAY, "block": "5x16,7x8"},
        "/v2/metadata/dimensions": {"dimension": "iso,block"},
        "/v2/metadata/locations": {"iso": "PJM", "limit": 5},
        "/v2/metadata/locations/{iso}/{location_id}": {
            "iso": "PJM",
            "location_id": "DEMO_PJM_HUB",
        },
        "/v2/metadata/units/convert": {"value": 3.5, "from": "USD/MMBtu", "to": "USD/MWh"},
        "/v2/metadata/calendars/{name}/blocks": {"name": "PJM", "year": 2026},
        "/v2/metadata/calendars/{name}/hours": {**PEAK, "date": "2026-11-23"},
        "/v2/metadata/calendars/{name}/expand": {**PEAK, **DAY},
        "/v2/metadata/datasets/{name}": {"name": "lmp"},
        "/v1/curves": POWER,
        "/v1/curves/diff": {**TWO_DATES, "iso": "PJM"},
        "/v1/curves/strips": {"iso": "PJM", "type": "CALENDAR", "limit": 5},
        "/v1/iso/lmp/last-24h": V1_HUB,
        "/v1/iso/lmp/negative": {"iso_code": "PJM", "limit": 5},
        "/v1/iso/lmp/hourly": {**V1_HUB, **DAY},
        "/v1/iso/lmp/daily": {**V1_HUB, **DAY},
        "/v1/metadata/locations": {"iso": "PJM"},
        "/v1/metadata/locations/{iso}/{location_id}": {
            "iso": "PJM",
            "location_id": "DEMO_PJM_HUB",
        },
        "/v1/metadata/calendars/{name}/hours": {**PEAK, "date": "2026-11-23"},
        "/v1/metadata/calendars/{name}/expand": {**PEAK, **DAY},
        "/v1/metadata/calendars/{name}/blocks": {"name": "PJM"},
    }
)


def examples_of(path: str) -> Values:
    """Return the example values of an operation's parameters by name."""
    return EXAMPLES.get(path, MappingProxyType({}))
