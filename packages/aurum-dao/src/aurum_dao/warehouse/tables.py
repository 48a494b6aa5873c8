"""The warehouse's tables as the builder knows them."""

from aurum_dao.schemas.catalogue import CURVES, LMP
from aurum_dao.schemas.dataset import Dataset
from aurum_dao.schemas.reference import (
    CONTRACT_EXPIRY,
    CURVE,
    CURVE_ALIAS,
    LOCATION,
    SOURCE,
    ReferenceTable,
)
from aurum_dao.sql.builder import Sql, Table


def table_of(spec: Dataset | ReferenceTable) -> Table:
    """Return the builder's table of a specification."""
    columns = spec.all_columns if isinstance(spec, Dataset) else spec.columns
    return Table(spec.table, ((c.name, c.kind) for c in columns))


CURVE_FACTS = table_of(CURVES)
LMP_FACTS = table_of(LMP)
CURVE_TABLE = table_of(CURVE)
ALIAS_TABLE = table_of(CURVE_ALIAS)
SOURCE_TABLE = table_of(SOURCE)
LOCATION_TABLE = table_of(LOCATION)
EXPIRY_TABLE = table_of(CONTRACT_EXPIRY)

KNOWN = Sql('coalesce("published_at", "ingested_at")')
"""When a fact was known; `ingested_at` is never null, so neither is this."""
