"""One request per operation that the demo set answers; a test sends each of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Values = Mapping[str, object]

CURVE: Final = "demo"
HUB: Final[Values] = MappingProxyType({"iso": "PJM", "location": "DEMO_PJM_HUB", "limit": 5})
DAYS: Final[Values] = MappingProxyType({"start": "2026-11-01", "end": "2026-11-02"})

EXAMPLES: Final[Mapping[str, Values]] = MappingProxyType(
    {
        "/v2/curves": {"iso": "PJM", "limit": 5},
        "/v2/curves/observations": {"iso": "PJM", "block": "5x16", "limit": 5},
        "/v2/curves/export": {"iso": "PJM", "block": "5x16", "format": "csv"},
        "/v2/iso/lmp": {**HUB, "market": "DA"},
        "/v2/iso/lmp/export": {"iso": "PJM", "location": "DEMO_PJM_HUB", "format": "csv"},
    }
)


def examples_of(path: str) -> Values:
    """Return the example values of an operation's parameters by name."""
    return EXAMPLES.get(path, MappingProxyType({}))
