"""The query values that surfaces ask services with, in one place.

Surfaces may not import data access; services speak its query values, so they are passed on here.
"""

from aurum_dao.ports.curves import (
    DEFAULT_PRICE_TYPES,
    CatalogueQuery,
    CurveDetail,
    CurveDiffQuery,
    CurveFilter,
    CurveQuery,
    VersionQuery,
)
from aurum_dao.ports.iso import LmpQuery, LmpWindow
from aurum_dao.ports.metadata import DIMENSIONS, DatasetSpan, DimensionQuery, LocationQuery
from aurum_dao.ports.paging import AsOf, AsOfPolicy, Key, Page, Pin, Window
from aurum_dao.schemas.dataset import ColumnSpec, Dataset

__all__ = [
    "DEFAULT_PRICE_TYPES",
    "DIMENSIONS",
    "AsOf",
    "AsOfPolicy",
    "CatalogueQuery",
    "ColumnSpec",
    "CurveDetail",
    "CurveDiffQuery",
    "CurveFilter",
    "CurveQuery",
    "Dataset",
    "DatasetSpan",
    "DimensionQuery",
    "Key",
    "LmpQuery",
    "LmpWindow",
    "LocationQuery",
    "Page",
    "Pin",
    "VersionQuery",
    "Window",
]
