"""Row types of v2: narrow structs made from the DTOs, so that the two cannot drift apart.

A struct is built positionally and encoded by msgspec at a fraction of a model's cost; the DTO says
its fields and kinds, the mapping here which columns they are read from.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from aurum_core.dto.base import Dto
from aurum_core.dto.curves import Curve, CurvePoint, CurvePointVersion
from aurum_core.dto.iso import LmpPrice, LmpPriceVersion
from aurum_core.dto.metadata import Location
from aurum_core.errors import RuleError, Violation
from aurum_core.rows import Column, Kind, fields_of, served_number
from aurum_services.conversion import PriceColumns

ISO_COLUMNS = MappingProxyType({"iso": "iso_code", "location": "location_id"})
_AS_NAMED: Mapping[str, str] = MappingProxyType({})


def row_type_of(dto: type[Dto], columns: Mapping[str, str] = _AS_NAMED) -> type[msgspec.Struct]:
    """Return the struct with the fields of a DTO, read from the columns the mapping names."""
    return msgspec.defstruct(
        f"{dto.__name__}Row",
        [(name, _annotation(dto, name, columns)) for name in dto.model_fields],
        gc=False,
    )


def _annotation(dto: type[Dto], name: str, columns: Mapping[str, str]) -> object:
    field = dto.model_fields[name]
    annotation: Any = field.annotation
    for extra in field.metadata:
        annotation = Annotated[annotation, extra]
    return Annotated[annotation, Column(columns[name])] if name in columns else annotation


CURVE_POINT = row_type_of(CurvePointVersion)
CURVE_POINT_FIELDS = tuple(CurvePoint.model_fields)
CURVE_PRICES = PriceColumns(("value", "bid", "ask"), "currency", "per_unit", "delivery_start")
CURVE = row_type_of(Curve)
LMP_PRICE = row_type_of(LmpPriceVersion, ISO_COLUMNS)
LMP_PRICE_FIELDS = tuple(LmpPrice.model_fields)
LMP_PRICES = PriceColumns(
    ("price_total", "price_energy", "price_congestion", "price_loss", "price_ghg"),
    "currency",
    "uom",
)
LOCATION = row_type_of(Location, ISO_COLUMNS)


def narrowed(
    row_type: type[msgspec.Struct], wanted: tuple[str, ...], default: tuple[str, ...] = ()
) -> type[msgspec.Struct]:
    """Return the row type with the wanted fields only, in its own order.

    None wanted: the default ones, else all.

    Raises:
        RuleError: a field that the rows do not have; the message lists those they have.
    """
    names = row_type.__struct_fields__
    if not set(wanted) <= set(names):
        message = f"may name {', '.join(names)}"
        raise RuleError([Violation("query", "fields", "unknown_field", message)])
    chosen = set(wanted or default or names)
    return _narrowed(row_type, tuple(name for name in names if name in chosen))


@lru_cache(maxsize=256)
def _narrowed(row_type: type[msgspec.Struct], names: tuple[str, ...]) -> type[msgspec.Struct]:
    if names == row_type.__struct_fields__:
        return row_type
    annotations = row_type.__annotations__
    return msgspec.defstruct(row_type.__name__, [(n, annotations[n]) for n in names], gc=False)


def projected(items: Sequence[Any], row_type: type[msgspec.Struct]) -> list[Any]:
    """Return computed values as rows: each field from the attribute its column names (dots nest).

    Values that are rows of the type already come back as they are.
    """
    if not items or isinstance(items[0], row_type):
        return list(items)
    fields = fields_of(row_type)
    getters = [(attrgetter(f.column), f.kind is Kind.PRICE) for f in fields]
    return [
        row_type(*(served_number(get(item)) if price else get(item) for get, price in getters))
        for item in items
    ]
