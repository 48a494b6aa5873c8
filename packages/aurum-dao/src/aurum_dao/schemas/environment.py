"""Drought: indices by region, and the areas of the US Drought Monitor."""

from aurum_core.rows import Kind
from aurum_dao.schemas.dataset import ColumnSpec as C
from aurum_dao.schemas.dataset import Dataset

T, F, D = Kind.TEXT, Kind.DOUBLE, Kind.DATE

DROUGHT_INDEX = Dataset(
    name="drought-index",
    table="environment.drought_index",
    description="Drought indices (SPI, SPEI, EDDI, PDSI …) by region and timescale",
    columns=(
        C("dataset", T, "the grid or network it is computed from", nullable=False),
        C("index", T, "SPI, SPEI, EDDI, PDSI …", nullable=False),
        C("timescale", T, "1M … 24M, 2W; NONE for an index without", nullable=False),
        C("region_type", T, "COUNTY, STATE …", nullable=False),
        C("region_id", T, "id of the region; FIPS codes keep their zeros", nullable=False),
        C("valid_date", D, "day that it holds for", nullable=False),
        C("value", F, "the index, null where there is none"),
        C("unit", T, "unit of the value"),
        C("poc", T, "percent of coverage, or contact, as published"),
        C("coverage", F, "fraction of the region with data, 0 to 1"),
        C("source_url", T, "where it was published"),
    ),
    key=("dataset", "index", "timescale", "region_type", "region_id", "valid_date"),
    span="valid_date",
    order=("region_type", "region_id", "valid_date"),
    frequency="daily to monthly",
    partition=("year(valid_date)",),
)

USDM = Dataset(
    name="usdm",
    table="environment.usdm_area",
    description="US Drought Monitor: fractions of a region's area by category, which sum to 1",
    columns=(
        C("region_type", T, "COUNTY, STATE …", nullable=False),
        C("region_id", T, "id of the region; FIPS codes keep their zeros", nullable=False),
        C("valid_date", D, "the Tuesday that it holds for", nullable=False),
        C("none_frac", F, "fraction of the area without drought", nullable=False),
        C("d0_frac", F, "fraction that is abnormally dry and no worse", nullable=False),
        C("d1_frac", F, "fraction in moderate drought and no worse", nullable=False),
        C("d2_frac", F, "fraction in severe drought and no worse", nullable=False),
        C("d3_frac", F, "fraction in extreme drought and no worse", nullable=False),
        C("d4_frac", F, "fraction in exceptional drought", nullable=False),
        C("source_url", T, "where it was published"),
    ),
    key=("region_type", "region_id", "valid_date"),
    span="valid_date",
    order=("region_type", "region_id", "valid_date"),
    frequency="weekly",
    partition=("year(valid_date)",),
)
