"""Reference tables of the warehouse: small, keyed, replaced row by row rather than versioned.

A later load of the same key replaces the row in the next snapshot; a snapshot never changes.
"""

from dataclasses import dataclass
from types import MappingProxyType

from aurum_core.rows import Kind
from aurum_dao.schemas.dataset import ColumnSpec as C


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTable:
    """A keyed table without versions; `name` is what `aurum load` calls it."""

    name: str
    table: str
    description: str
    columns: tuple[C, ...]
    key: tuple[str, ...]


T, D, X = Kind.TEXT, Kind.DATE, Kind.INSTANT

CURVE = ReferenceTable(
    name="curve",
    table="ref.curve",
    description="Identity, unit, weighting and settlement of every curve that has observations",
    columns=(
        C("curve_key", T, "SHA-256 of the identity", nullable=False),
        C("slug", T, "readable unique name", nullable=False),
        C("asset_class", T, "power, gas, oil …", nullable=False),
        C("iso", T, "the ISO, canonical"),
        C("region", T, "region"),
        C("location", T, "hub, zone or delivery point"),
        C("market", T, "DA, RT or the exchange's market"),
        C("product", T, "what is traded"),
        C("block", T, "5x16, 2x16H, 7x8 …"),
        C("spark_location", T, "gas hub of a spark curve"),
        C("currency", T, "ISO 4217"),
        C("per_unit", T, "MWh, MMBtu, bbl …"),
        C("calendar", T, "block calendar: PJM, ERCOT …"),
        C("trading_calendar", T, "NYMEX, ICE …"),
        C("root", T, "root of the listed contracts: NG, CL …"),
        C("weighting", T, "how months weigh in a strip: block_hours, days or none", nullable=False),
        C("settle_iso", T, "ISO of the price it settles on"),
        C("settle_location_id", T, "location of the price it settles on"),
        C("settle_market", T, "market of the price it settles on"),
    ),
    key=("curve_key",),
)

CURVE_ALIAS = ReferenceTable(
    name="curve_alias",
    table="ref.curve_alias",
    description="Keys that clients of earlier releases hold",
    columns=(
        C("old_key", T, "the key as clients hold it", nullable=False),
        C("curve_key", T, "the curve's key today", nullable=False),
    ),
    key=("old_key",),
)

SOURCE = ReferenceTable(
    name="source",
    table="ref.source",
    description="Who publishes: priority 1 is read first; a tenant's source is that tenant's data",
    columns=(
        C("source", T, "name of the source", nullable=False),
        C("priority", Kind.INTEGER, "1 is best", nullable=False),
        C("tenant_id", T, "owner, null when shared"),
    ),
    key=("source",),
)

LOCATION = ReferenceTable(
    name="locations",
    table="ref.location",
    description="Nodes, zones, hubs and interfaces of the ISOs, effective-dated",
    columns=(
        C("iso_code", T, "the ISO, canonical", nullable=False),
        C("location_id", T, "as the ISO names it", nullable=False),
        C("valid_from", D, "first day it exists", nullable=False),
        C("valid_to", D, "first day it no longer exists"),
        C("location_name", T, "readable name"),
        C("location_type", T, "NODE, ZONE, HUB or INTERFACE"),
        C("zone", T, "zone it lies in"),
        C("hub", T, "hub it belongs to"),
        C("timezone", T, "market time zone of the ISO", nullable=False),
    ),
    key=("iso_code", "location_id", "valid_from"),
)

CONTRACT_EXPIRY = ReferenceTable(
    name="contract-expiry",
    table="ref.contract_expiry",
    description="Listed contracts and their last trade day",
    columns=(
        C("root", T, "NG, CL …", nullable=False),
        C("contract_month", D, "first day of the delivery month", nullable=False),
        C("last_trade", D, "last trade day; the roll is the day after", nullable=False),
        C("first_delivery", D, "first delivery day"),
        C("last_delivery", D, "last delivery day"),
    ),
    key=("root", "contract_month"),
)

UNIT = ReferenceTable(
    name="units",
    table="ref.unit_alias",
    description="Spellings of units beyond the built-in ones",
    columns=(
        C("units_raw", T, "as published", nullable=False),
        C("currency", T, "ISO 4217, null for a plain quantity"),
        C("per_unit", T, "canonical unit", nullable=False),
        C("scale", Kind.DOUBLE, "canonical = raw x scale", nullable=False),
    ),
    key=("units_raw",),
)

REFERENCE_TABLES = MappingProxyType(
    {t.name: t for t in (CURVE, CURVE_ALIAS, SOURCE, LOCATION, CONTRACT_EXPIRY, UNIT)}
)
