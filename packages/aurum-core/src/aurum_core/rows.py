"""Row types: what a surface serves, described once by annotations.

A row type is any class with positional fields (`__match_args__`) and annotations. Each field
is served under its own name and read from the column of that name, or from the one that its
annotation gives:

    class LmpRow(msgspec.Struct):
        iso: Annotated[str, Column("iso_code")]
        price_total: Price | None

`fields_of(LmpRow)` tells a reader what to select and an encoder what to write.
"""

import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin, get_type_hints


class Kind(StrEnum):
    """What a value is, on every engine and in every format."""

    TEXT = "text"
    INTEGER = "integer"
    DOUBLE = "double"
    PRICE = "price"  # decimal(18,6); |value| < 10^9, so that a double carries its text exactly
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    JSON = "json"
    TEXTS = "texts"  # a list of texts


@dataclass(frozen=True, slots=True)
class Column:
    """The column a field is read from, where it is not the field's own name."""

    name: str


Price = Annotated[float, Kind.PRICE]
"""A price as it is served: a JSON number without exponent or trailing zeros."""


class RowType(Protocol):
    """A class whose instances are built positionally."""

    __match_args__: tuple[str, ...]


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RowField:
    """One served field: its name, its column, its kind, whether it may be null."""

    name: str
    column: str
    kind: Kind
    nullable: bool


@lru_cache(maxsize=256)
def fields_of(row_type: type) -> tuple[RowField, ...]:
    """Return the fields of a row type in positional order."""
    hints = get_type_hints(row_type, include_extras=True)
    names: tuple[str, ...] = row_type.__match_args__  # type: ignore[attr-defined]  # a RowType
    return tuple(_field(name, hints[name]) for name in names)


def _field(name: str, annotation: object) -> RowField:
    column, kind, nullable, base = name, None, False, annotation
    pending: list[object] = [annotation]
    while pending:
        part = pending.pop()
        origin = get_origin(part)
        if origin is Annotated:
            inner, *extras = get_args(part)
            pending.append(inner)
            for extra in extras:
                if isinstance(extra, Column):
                    column = extra.name
                elif isinstance(extra, Kind):
                    kind = extra
        elif origin in (typing.Union, types.UnionType):
            pending.extend(get_args(part))
        elif origin in (list, tuple):
            kind = Kind.TEXTS
        elif part is type(None):
            nullable = True
        else:
            base = part
    return RowField(name, column, kind or _KINDS[base], nullable)


_KINDS: types.MappingProxyType[Any, Kind] = types.MappingProxyType(
    {
        str: Kind.TEXT,
        int: Kind.INTEGER,
        float: Kind.DOUBLE,
        Decimal: Kind.PRICE,
        bool: Kind.BOOLEAN,
        date: Kind.DATE,
        datetime: Kind.INSTANT,
    }
)


def served_number(value: float | Decimal | None) -> float | int | Decimal | None:
    """Return the value so that its JSON text has no exponent and no trailing zeros.

    Whole numbers become ints, tiny ones plain decimals; null stays null.
    """
    if value is None:
        return None
    number = float(value)
    if number == int(number):
        return int(number)
    if -1e-4 < number < 1e-4:  # where a double's shortest text turns to an exponent
        return Decimal(f"{number:.6f}".rstrip("0"))
    return number
