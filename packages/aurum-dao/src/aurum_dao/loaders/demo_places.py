"""The places of the synthetic market: a hub, a zone and a node in every ISO."""

from dataclasses import dataclass

ISOS = ("PJM", "NYISO", "ISONE", "MISO", "ERCOT", "SPP", "CAISO")


@dataclass(frozen=True, slots=True)
class Place:
    """One location; `level` is what its prices turn around, `seed` what makes it its own."""

    iso: str
    location_id: str
    name: str
    kind: str
    zone: str | None
    hub: str | None
    level: int
    seed: int


def _places() -> tuple[Place, ...]:
    rows = []
    for n, iso in enumerate(ISOS):
        hub, zone, node = f"DEMO_{iso}_HUB", f"DEMO_{iso}_ZONE", f"DEMO_{iso}_NODE"
        level = 3_200 + 250 * n
        rows += [
            Place(iso, hub, f"Demo hub of {iso}", "HUB", None, None, level, 3 * n),
            Place(iso, zone, f"Demo zone of {iso}", "ZONE", None, hub, level + 180, 3 * n + 1),
            Place(iso, node, f"Demo node of {iso}", "NODE", zone, hub, level - 340, 3 * n + 2),
        ]
    return tuple(rows)


PLACES = _places()
