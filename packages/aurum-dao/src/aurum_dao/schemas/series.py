"""Published series: the observations of the EIA, and of any other provider."""

from aurum_core.rows import Kind
from aurum_dao.schemas.dataset import ColumnSpec as C
from aurum_dao.schemas.dataset import Dataset

T, F, X = Kind.TEXT, Kind.DOUBLE, Kind.INSTANT

EIA = Dataset(
    name="eia",
    table="market.eia_observation",
    description="Observations of EIA series, one row per series, data column and period",
    columns=(
        C("series_id", T, "route and facets, or a legacy id as NG.RNGWHHD.D", nullable=False),
        C("data_column", T, "which of the series' columns: value, price …", nullable=False),
        C("frequency", T, "annual … monthly, weekly … hourly, local-hourly", nullable=False),
        C("period", T, "the period as published: 2024, 2024-Q4, 2025-09-12 …", nullable=False),
        C("dataset", T, "route of the dataset: electricity/rto/region-data"),
        C("facets", Kind.JSON, "the facets and their values as JSON text"),
        C("period_start", X, "start of the period, UTC", nullable=False),
        C("period_end", X, "end of the period, exclusive, UTC", nullable=False),
        C("value", F, "the observation, null where there is none"),
        C("raw_value", T, "the observation as it was published"),
        C("unit", T, "unit as published"),
        C("area", T, "area that it holds for"),
        C("sector", T, "sector that it holds for"),
        C("seasonal_adjustment", T, "how it was adjusted"),
        C("description", T, "name of the series for people"),
    ),
    key=("series_id", "data_column", "frequency", "period"),
    span="period_start",
    order=("series_id", "period_start"),
    frequency="hourly to annual",
    partition=("bucket(series_id, 16)", "year(period_start)"),
)

EXTERNAL = Dataset(
    name="external",
    table="external.observation",
    description="Observations of other providers' series, one row per instant",
    columns=(
        C("provider", T, "who provides the series: fred …", nullable=False),
        C("series_id", T, "the series as its provider names it", nullable=False),
        C("ts", X, "instant of the observation; midnight UTC for a date", nullable=False),
        C("value", F, "the observation, null where there is none"),
        C("value_raw", T, "the observation as it was published"),
        C("unit", T, "unit as published"),
        C("status", T, "status as published"),
        C("quality_flag", T, "quality as published"),
    ),
    key=("provider", "series_id", "ts"),
    span="ts",
    order=("provider", "series_id", "ts"),
    frequency="as the provider publishes",
    partition=("provider", "month(ts)"),
)
