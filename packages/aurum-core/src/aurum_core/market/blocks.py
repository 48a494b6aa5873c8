"""Codes of the delivery blocks and the words that are accepted for them."""

from types import MappingProxyType
from typing import Final

from aurum_core.market.errors import UnknownBlockError

OFFPEAK: Final = "OFFPEAK"
AROUND_THE_CLOCK: Final = "7x24"
NIGHT: Final = "7x8"

BLOCKS: Final = ("5x16", "6x16", "2x16H", "1x16H", NIGHT, OFFPEAK, AROUND_THE_CLOCK)

# PEAK and WEEKEND mean another code in the west; the calendar decides which.
PEAK_ROLE: Final = "PEAK"
WEEKEND_ROLE: Final = "WKND_HOL_16"

BLOCK_ALIASES: Final = MappingProxyType(
    {
        "PEAK": PEAK_ROLE,
        "ON_PEAK": PEAK_ROLE,
        "ONPEAK": PEAK_ROLE,
        "WKND_HOL_16": WEEKEND_ROLE,
        "WRAP": OFFPEAK,
        "OFF_PEAK": OFFPEAK,
        "NIGHT_8": NIGHT,
        "ALL": AROUND_THE_CLOCK,
        "ATC": AROUND_THE_CLOCK,
        "RTC": AROUND_THE_CLOCK,
    }
)

_BY_UPPER = MappingProxyType({code.upper(): code for code in BLOCKS})


def block_code(text: str, *, western: bool = False) -> str:
    """Return the canonical code of a block word, case-insensitively, ``-`` and blanks as ``_``.

    ``western`` picks 6x16 and 1x16H for PEAK and WKND_HOL_16. Raises UnknownBlockError.
    """
    word = "_".join(text.replace("-", " ").replace("_", " ").upper().split())
    code = _BY_UPPER.get(word) or BLOCK_ALIASES.get(word)
    if code is None:
        raise UnknownBlockError(f"Unknown block {text!r}", name=text)
    if code == PEAK_ROLE:
        return "6x16" if western else "5x16"
    if code == WEEKEND_ROLE:
        return "1x16H" if western else "2x16H"
    return code
