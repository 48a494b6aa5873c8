"""Rules of drought indices and of the US Drought Monitor."""

from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from aurum_dao.warehouse.validation.casting import Array
from aurum_dao.warehouse.validation.frame import Frame

USDM_OPTIONAL = frozenset({"none_frac"})
"""It is what the other fractions leave."""

CATEGORIES = ("d0_frac", "d1_frac", "d2_frac", "d3_frac", "d4_frac")
SUM_TOLERANCE = 1e-6
_NAME = r"^[A-Z][A-Z0-9_-]*$"
_TIMESCALE = r"^([1-9][0-9]*[DWMY]|NONE)$"
_URL = r"^https?://[^\s<>\"]+$"


def complete_drought_index(frame: Frame) -> None:
    """Make codes canonical, refuse what cannot be."""
    _codes(frame, ("index", "region_type"))
    frame["timescale"] = pc.utf8_upper(frame["timescale"])
    _refuse_unlike(frame, "timescale", _TIMESCALE, "is not as 3M, 2W or NONE")
    _refuse_outside(frame, "coverage")
    _refuse_unlike(frame, "source_url", _URL, "is no http address")


def complete_usdm(frame: Frame) -> None:
    """Derive the fraction without drought where it is not given; refuse fractions that are none."""
    _codes(frame, ("region_type",))
    drought = reduce(pc.add, (frame[name] for name in CATEGORIES))
    rest = pc.subtract(1.0, drought)
    slack = pc.and_(pc.less(rest, 0.0), pc.greater_equal(rest, -SUM_TOLERANCE))
    frame["none_frac"] = pc.coalesce(frame["none_frac"], pc.if_else(slack, 0.0, rest))
    for name in (*CATEGORIES, "none_frac"):
        _refuse_outside(frame, name)
    gap = pc.abs(pc.subtract(pc.add(drought, frame["none_frac"]), 1.0))
    frame.refuse(pc.greater(gap, SUM_TOLERANCE), "the fractions do not sum to 1")
    _refuse_unlike(frame, "source_url", _URL, "is no http address")


def _codes(frame: Frame, names: tuple[str, ...]) -> None:
    for name in names:
        frame[name] = pc.utf8_upper(frame[name])
        _refuse_unlike(frame, name, _NAME, "is not a plain name")


def _refuse_unlike(frame: Frame, name: str, pattern: str, words: str) -> None:
    array: pa.Array = frame[name]
    if array.null_count < frame.count:
        frame.refuse(pc.invert(pc.match_substring_regex(array, pattern)), f"{name} {words}")


def _refuse_outside(frame: Frame, name: str) -> None:
    array: Array = frame[name]
    outside = pc.or_(pc.less(array, 0.0), pc.greater(array, 1.0))
    frame.refuse(outside, f"{name} is not between 0 and 1")
