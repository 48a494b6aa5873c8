"""The datasets of the house, by the names that the command line and the API use."""

from types import MappingProxyType

from aurum_core.rows import Kind
from aurum_dao.schemas.dataset import ColumnSpec as C
from aurum_dao.schemas.dataset import Dataset
from aurum_dao.schemas.environment import DROUGHT_INDEX, USDM
from aurum_dao.schemas.series import EIA, EXTERNAL

__all__ = ["CURVES", "DATASETS", "DROUGHT_INDEX", "EIA", "EXTERNAL", "LMP", "USDM"]

T, N, P, D, X = Kind.TEXT, Kind.INTEGER, Kind.PRICE, Kind.DATE, Kind.INSTANT

LMP = Dataset(
    name="lmp",
    table="market.lmp",
    description="Locational marginal prices and settlement point prices, one row per interval",
    columns=(
        C("iso_code", T, "the ISO: PJM, NYISO, ISONE, MISO, ERCOT, SPP, CAISO", nullable=False),
        C("market", T, "one published series on one grid", nullable=False),
        C("location_id", T, "node, zone or hub as the ISO names it", nullable=False),
        C("interval_start", X, "start of the interval, UTC", nullable=False),
        C("interval_minutes", N, "length of the interval", nullable=False, unit="min"),
        C("interval_end", X, "end of the interval, UTC", nullable=False),
        C("operating_date", D, "the ISO's operating day", nullable=False),
        C("hour_ending", N, "local clock hour + 1", nullable=False),
        C(
            "hour_label",
            T,
            "01 … 24, 02X the repeated hour",
            nullable=False,
        ),
        C("location_name", T, "readable name"),
        C("location_type", T, "NODE, ZONE, HUB or INTERFACE"),
        C("price_total", P, "energy + congestion + loss + ghg", nullable=False, unit="USD/MWh"),
        C("price_energy", P, "system energy component", unit="USD/MWh"),
        C("price_congestion", P, "congestion component", unit="USD/MWh"),
        C("price_loss", P, "marginal loss component", unit="USD/MWh"),
        C("price_ghg", P, "greenhouse gas component", unit="USD/MWh"),
        C("currency", T, "ISO 4217", nullable=False),
        C("uom", T, "unit of measure", nullable=False),
        C("finality", T, "preliminary or final", nullable=False),
    ),
    key=("iso_code", "market", "location_id", "interval_start", "interval_minutes"),
    span="operating_date",
    order=("iso_code", "market", "location_id", "interval_start"),
    frequency="5 minutes to hourly",
    partition=("month(operating_date)", "iso_code"),
)

CURVES = Dataset(
    name="curves",
    table="market.curve_observation",
    description="Forward curve observations: one row per contract, price type and as-of date",
    columns=(
        C("curve_key", T, "SHA-256 of the curve's identity", nullable=False),
        C("asof_date", D, "the business date of the curve", nullable=False),
        C("tenor_type", T, "DAILY … CALENDAR, STRIP, CUSTOM", nullable=False),
        C("delivery_start", D, "first delivery day, inclusive", nullable=False),
        C("delivery_end", D, "last delivery day, inclusive", nullable=False),
        C("price_type", T, "MID, BID, ASK, LAST, SETTLE, INDEX, STRIP or CUSTOM", nullable=False),
        C("asset_class", T, "power, gas, oil …", nullable=False),
        C("region", T, "region"),
        C("iso", T, "the ISO, canonical"),
        C("location", T, "hub, zone or delivery point"),
        C("market", T, "DA, RT or the exchange's market"),
        C("product", T, "what is traded"),
        C("block", T, "5x16, 2x16H, 7x8, OFFPEAK, 7x24 …"),
        C("spark_location", T, "gas hub of a spark curve"),
        C("currency", T, "ISO 4217", nullable=False),
        C("per_unit", T, "MWh, MMBtu, bbl …", nullable=False),
        C("units_raw", T, "the unit as published"),
        C("contract_month", D, "first day of a monthly contract"),
        C("tenor_label", T, "label for people", nullable=False),
        C("value", P, "the price of this price type"),
        C("bid", P, "bid that accompanies it"),
        C("ask", P, "ask that accompanies it"),
        C("lineage_tags", Kind.JSON, "free tags as JSON text"),
    ),
    key=(
        "curve_key",
        "source",
        "asof_date",
        "tenor_type",
        "delivery_start",
        "delivery_end",
        "price_type",
    ),
    span="asof_date",
    order=("curve_key", "asof_date", "delivery_start"),
    frequency="every trading day",
    partition=("month(asof_date)",),
)

DATASETS = MappingProxyType({d.name: d for d in (CURVES, LMP, EIA, DROUGHT_INDEX, USDM, EXTERNAL)})
"""Facts by name; reference tables are in `schemas.reference`."""
