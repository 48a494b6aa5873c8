"""Strict field types: what a client may write, and how numbers and times are served.

Pydantic's lax parsing takes `0` or a date-time for a date and `1_000` for an integer; these do not.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from aurum_core.rows import Kind, served_number

_INSTANT_RULE = "must be an instant with offset, as 2026-01-31T05:00:00Z"
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def _day_of(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day of the calendar") from None
    return _within(day)


def _within(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"must be in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


def _iso_date(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str):
        if not _DATE.fullmatch(value):
            raise ValueError("must be a date as YYYY-MM-DD")
        return _day_of(value)
    if isinstance(value, int | float) and not isinstance(value, date):
        raise ValueError("must be a date as YYYY-MM-DD")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _plain_integer(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueError("must be a whole number")
        return int(value)
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _instant(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str):
        # in a query string a plus that was not escaped arrives as a blank
        text = value.replace(" ", "+")
        if not _INSTANT.fullmatch(text):
            raise ValueError(_INSTANT_RULE)
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(_INSTANT_RULE) from None
        _within(instant.date())
        return instant.astimezone(UTC)
    return value


def _instant_or_date(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str) and _DATE.fullmatch(value):
        return _day_of(value)
    return _instant(value)


def _month(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str):
        if not _MONTH.fullmatch(value):
            raise ValueError("must be a month as YYYY-MM")
        return _day_of(f"{value}-01")
    return value


def _plain_decimal(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError("must be a plain decimal number")
    return value


def _comma_list(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        parts = [part.strip() for item in value for part in str(item).split(",")]
        if "" in parts:
            raise ValueError("holds an empty value")
        return tuple(dict.fromkeys(parts))
    return value


def _zone(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    if isinstance(value, str):
        if value not in available_timezones():
            raise ValueError("must be an IANA time zone, as America/New_York")
        return ZoneInfo(value)
    return value


IsoDate = Annotated[
    date, BeforeValidator(_iso_date), WithJsonSchema({"type": "string", "format": "date"})
]
"""A date, exactly `YYYY-MM-DD`."""

IsoMonth = Annotated[
    date,
    BeforeValidator(_month),
    WithJsonSchema({"type": "string", "pattern": "^\\d{4}-(0[1-9]|1[0-2])$"}),
]
"""A month, exactly `YYYY-MM`; kept as its first day."""

PlainDecimal = Annotated[
    Decimal, BeforeValidator(_plain_decimal), WithJsonSchema({"type": "number"})
]
"""A decimal without exponent, at most twelve digits before and after the point."""

PlainInt = Annotated[int, BeforeValidator(_plain_integer)]
"""A whole number without sign tricks, blanks or underscores."""

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant with its offset; kept in UTC."""

InstantOrDate = Annotated[
    date | datetime,
    BeforeValidator(_instant_or_date),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]
"""An instant with offset, or a plain date: the market's operating day."""

Text = Annotated[str, Field(min_length=1, max_length=200)]
"""A filter's value."""

CommaList = Annotated[
    tuple[Text, ...],
    BeforeValidator(_comma_list),
    WithJsonSchema({"type": "string", "description": "one value, or several by comma"}),
]
"""One or more values by comma."""

Zone = Annotated[
    ZoneInfo,
    BeforeValidator(_zone),
    WithJsonSchema({"type": "string", "description": "an IANA time zone"}),
]
"""An IANA time zone."""

Price = Annotated[
    Decimal,
    Kind.PRICE,
    PlainSerializer(served_number, return_type=float, when_used="json-unless-none"),
    WithJsonSchema({"type": "number"}),
]
"""A price, exact to six decimals; a JSON number without exponent or trailing zeros."""
