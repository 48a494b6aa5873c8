"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import DateTime, Dialect, Numeric, String, TypeDecorator
from sqlalchemy.types import TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out.

    SQLite drops the offset of a `DateTime(timezone=True)` and returns it naive; so it stores the
    UTC wall time there, and a naive datetime is refused on both engines.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC.

        Raises:
            ValueError: the datetime has no offset.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant carries its offset")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC datetime."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal that never goes through a float: numeric on PostgreSQL, its text on SQLite.

    On SQLite the text does not sort or sum as a number: order and add in code, or by another key.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int = 18, scale: int = 6) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Decimal] | TypeEngine[str]:
        """Choose text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.precision + 2))
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Round half-even to the scale; text on SQLite.

        Raises:
            ValueError: NaN, infinity, or more digits than the precision.
        """
        if value is None:
            return None
        if not value.is_finite() or abs(value) >= Decimal(10) ** (self.precision - self.scale):
            raise ValueError("the decimal does not fit its column")
        exact = round(value, self.scale)
        return f"{exact:f}" if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        """Return the decimal."""
        del dialect
        return None if value is None else Decimal(value)
