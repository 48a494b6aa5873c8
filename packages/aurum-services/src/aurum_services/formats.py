"""The formats of the API: names, media types, file endings."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Format:
    """One representation; `enveloped` ones carry `meta` and `links` in the body."""

    name: str
    media_type: str
    extension: str
    enveloped: bool = False


JSON = Format("json", "application/json", "json", enveloped=True)
COLUMNS = Format("columns", "application/vnd.aurum.columns+json", "json", enveloped=True)
NDJSON = Format("ndjson", "application/x-ndjson", "ndjson")
CSV = Format("csv", "text/csv", "csv")
PARQUET = Format("parquet", "application/vnd.apache.parquet", "parquet")
ARROW = Format("arrow", "application/vnd.apache.arrow.stream", "arrow")

FORMATS = MappingProxyType({f.name: f for f in (JSON, COLUMNS, NDJSON, CSV, PARQUET, ARROW)})
"""In order of preference, as `Accept: */*` is answered."""

EXPORTS = MappingProxyType({f.name: f for f in (NDJSON, CSV, PARQUET, ARROW)})
"""What can be streamed with any number of rows."""
