"""The rules of every fact, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa

from aurum_dao.warehouse.validation import curves, environment, lmp, series
from aurum_dao.warehouse.validation.curves import UnitAliases
from aurum_dao.warehouse.validation.frame import Frame


def _as_it_is(raw: pa.Table) -> pa.Table:
    return raw


@dataclass(frozen=True, slots=True)
class Rules:
    """How the rows of one fact are checked.

    `complete` makes codes canonical, fills what follows from other columns and refuses what cannot
    be. `prepare` comes before columns are cast. `optional` names columns that a file may leave out
    although they are never null in the warehouse.
    """

    complete: Callable[[Frame, UnitAliases], None]
    optional: frozenset[str] = field(default_factory=frozenset)
    prepare: Callable[[pa.Table], pa.Table] = _as_it_is


def _unitless(complete: Callable[[Frame], None]) -> Callable[[Frame, UnitAliases], None]:
    def adapted(frame: Frame, aliases: UnitAliases) -> None:
        del aliases
        complete(frame)

    return adapted


RULES: Mapping[str, Rules] = MappingProxyType(
    {
        "curves": Rules(curves.complete_curves, curves.OPTIONAL),
        "lmp": Rules(_unitless(lmp.complete_lmp), lmp.OPTIONAL),
        "eia": Rules(
            _unitless(series.complete_eia), series.OPTIONAL, series.eia_with_missing_values
        ),
        "external": Rules(
            _unitless(series.complete_external), prepare=series.external_with_missing_values
        ),
        "drought-index": Rules(_unitless(environment.complete_drought_index)),
        "usdm": Rules(_unitless(environment.complete_usdm), environment.USDM_OPTIONAL),
    }
)
