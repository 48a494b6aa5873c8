"""Any Arrow column to its canonical type; what cannot be read comes back as a mask."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.rows import Kind
from aurum_dao.schemas.arrow import arrow_type_of
from aurum_dao.schemas.dataset import ColumnSpec

Array: TypeAlias = pa.Array
PRICE_LIMIT = 1e9  # below it a double carries six decimals exactly
TEXT_LIMIT = 1_000
JSON_LIMIT = 100_000
_YES, _NO = frozenset({"y", "yes", "t", "true", "1"}), frozenset({"n", "no", "f", "false", "0"})


def cast_column(array: Array, column: ColumnSpec) -> tuple[Array, Array | None]:
    """Return the column in its canonical type, and a mask of values that could not be read.

    Text is trimmed, empty text is null. Prices are rounded to six decimals, half-even.
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = pc.cast(array, pa.string())
    if pa.types.is_string(array.type):
        array = pc.utf8_trim_whitespace(array)
        array = pc.if_else(pc.equal(array, ""), None, array)
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), arrow_type_of(column)), None
    before = array.null_count
    result = _CASTS[column.kind](array, arrow_type_of(column))
    if result.null_count == before:
        return result, None
    return result, pc.and_(pc.is_null(result), pc.is_valid(array))


def text_of(array: Array) -> Array:
    """Return a column as text, nulls as empty text."""
    return pc.fill_null(pc.cast(array, pa.string()), "")


def _cast_or_each(array: Array, target: pa.DataType, parse: Callable[[object], object]) -> Array:
    """Cast the whole column, or where a value fails, each distinct value by itself."""
    try:
        return pc.cast(array, target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        encoded = pc.dictionary_encode(array)
        values = [parse(value) for value in encoded.dictionary.to_pylist()]
        return pc.take(pa.array(values, target), encoded.indices)


def _text(array: Array, target: pa.DataType) -> Array:
    array = _cast_or_each(array, target, lambda _: None)
    fits = pc.and_(pc.less_equal(pc.utf8_length(array), TEXT_LIMIT), pc.invert(_has_control(array)))
    return array if pc.all(fits).as_py() in {True, None} else pc.if_else(fits, array, None)


def _has_control(array: Array) -> Array:
    return pc.match_substring_regex(array, "[\\x00-\\x1f\\x7f]")


def _json(array: Array, target: pa.DataType) -> Array:
    if not pa.types.is_string(array.type):
        array = pa.array([_dumped(v) for v in array.to_pylist()], target)
    encoded = pc.dictionary_encode(array)
    values = [_valid_json(text) for text in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(values, target), encoded.indices)


def _dumped(value: object) -> str | None:
    return None if value is None else json.dumps(value, default=str)


def _valid_json(text: str) -> str | None:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return text if len(text) <= JSON_LIMIT and "\x00" not in text else None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _double(array: Array, target: pa.DataType) -> Array:
    if pa.types.is_boolean(array.type):
        return pa.nulls(len(array), target)
    numbers = _cast_or_each(array, target, _number)
    finite = pc.is_finite(numbers)
    return numbers if pc.all(finite).as_py() in {True, None} else pc.if_else(finite, numbers, None)


def _number(value: object) -> float | None:
    try:
        return float(str(value)) if "_" not in str(value) else None
    except ValueError:
        return None


def _price(array: Array, target: pa.DataType) -> Array:
    if pa.types.is_decimal(array.type) and array.type.scale <= target.scale:
        return _cast_or_each(array, target, lambda _: None)
    numbers = _double(array, pa.float64())
    fits = pc.less(pc.abs(numbers), PRICE_LIMIT)
    numbers = numbers if pc.all(fits).as_py() in {True, None} else pc.if_else(fits, numbers, None)
    return pc.cast(pc.round(numbers, target.scale, "half_to_even"), target)


def _integer(array: Array, target: pa.DataType) -> Array:
    if pa.types.is_boolean(array.type):
        return pa.nulls(len(array), target)
    return _cast_or_each(array, target, _whole)


def _whole(value: object) -> int | None:
    number = _number(value)
    whole = number is not None and number == number // 1 and abs(number) < 2**31
    return int(number) if whole and number is not None else None


def _boolean(array: Array, target: pa.DataType) -> Array:
    return _cast_or_each(array, target, _truth)


def _truth(value: object) -> bool | None:
    word = str(value).lower()
    return True if word in _YES else False if word in _NO else None


def _date(array: Array, target: pa.DataType) -> Array:
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        return pa.nulls(len(array), target)  # a day has no zone: an instant must not pick one
    return _cast_or_each(array, target, _day)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if len(str(value)) == 10 else None
    except ValueError:
        return None


def _instant(array: Array, target: pa.DataType) -> Array:
    if pa.types.is_timestamp(array.type):
        if array.type.tz is None:
            return pa.nulls(len(array), target)  # no offset: not an instant
        return pc.cast(array, target, safe=False)
    return _cast_or_each(array, target, lambda value: _one_instant(value, target))


def _one_instant(value: object, target: pa.DataType) -> object:
    if not isinstance(value, str):
        return None
    try:
        return pc.cast(pa.scalar(value), target)
    except pa.ArrowInvalid:
        return None


_CASTS: Mapping[Kind, Callable[[Array, pa.DataType], Array]] = {
    Kind.TEXT: _text,
    Kind.JSON: _json,
    Kind.INTEGER: _integer,
    Kind.DOUBLE: _double,
    Kind.PRICE: _price,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
    Kind.BOOLEAN: _boolean,
}
