"""What market vocabulary refuses, each with the name that was refused and the rule that refused it.

MarketError (a ValueError)
 ├─ UnknownMarketError      no such ISO or LMP market
 ├─ UnknownCalendarError    no such block or trading calendar
 ├─ UnknownBlockError       no such block, or not one of the calendar's
 ├─ MarketTimeError         an hour label or ordinal that the day does not have
 ├─ PeriodError             a frequency that is not known, or a period token that is not one of it
 ├─ TenorError              a tenor, label, relative contract or delivery that does not hold
 ├─ IdentityError           a curve identity that cannot be keyed
 └─ UnitError
     ├─ UnknownUnitError
     ├─ IncompatibleUnitsError
     └─ ParameterError          has ``parameter``: given out of range
         └─ MissingParameterError   not given, and the pair needs it
"""

from typing import ClassVar


class MarketError(ValueError):
    """A market name or value that is not accepted.

    ``name`` is the refused text as given; ``rule`` is a stable slug of what was broken.
    """

    rule: ClassVar[str] = "market"

    def __init__(self, message: str, *, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class UnknownMarketError(MarketError):
    """An ISO or an LMP market that is not known."""

    rule = "unknown_market"


class UnknownCalendarError(MarketError):
    """A block calendar or trading calendar that is not known."""

    rule = "unknown_calendar"


class UnknownBlockError(MarketError):
    """A block that is not known, or that the calendar does not have."""

    rule = "unknown_block"


class MarketTimeError(MarketError):
    """An hour label or ordinal that does not exist on its operating day."""

    rule = "unknown_hour"


class PeriodError(MarketError):
    """A frequency that is not known, or a period token that is not one of it."""

    rule = "period"


class TenorError(MarketError):
    """A tenor type, label, relative contract or delivery span that does not hold."""

    rule = "tenor"


class IdentityError(MarketError):
    """A curve identity from which no unambiguous key can be made."""

    rule = "identity"


class UnitError(MarketError):
    """A unit or a conversion that is not possible."""

    rule = "unit"


class UnknownUnitError(UnitError):
    """A unit text that has no meaning here; it is refused, never passed through."""

    rule = "unknown_unit"


class IncompatibleUnitsError(UnitError):
    """Two known units between which no rule leads."""

    rule = "incompatible_units"


class ParameterError(UnitError):
    """A conversion parameter out of its range; ``parameter`` is its name."""

    rule = "parameter"

    def __init__(self, message: str, *, parameter: str, name: str = "") -> None:
        super().__init__(message, name=name)
        self.parameter = parameter


class MissingParameterError(ParameterError):
    """A conversion across dimensions whose parameter was not given."""

    rule = "missing_parameter"
