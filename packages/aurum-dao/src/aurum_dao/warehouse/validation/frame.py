"""The columns of one load while they are checked, and which rows are refused and why."""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from aurum_core.market.errors import MarketError
from aurum_dao.warehouse.validation.casting import Array, text_of

_SEPARATOR = "\x1f"


class Frame:
    """Mutable columns of equal length; a refused row keeps the first reason it got."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.columns: dict[str, Array] = {}
        self.reasons: Array | None = None

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __setitem__(self, name: str, array: Array) -> None:
        self.columns[name] = array

    def default(self, name: str, value: object) -> None:
        """Fill the nulls of a column."""
        self[name] = pc.fill_null(self[name], pa.scalar(value, self[name].type))

    def refuse(self, mask: Array, reason: str | Array) -> None:
        """Refuse the rows of a mask (null means no) that were not refused before."""
        mask = pc.fill_null(mask, fill_value=False)
        if not pc.any(mask).as_py():
            return
        if self.reasons is None:
            self.reasons = pa.nulls(self.count, pa.string())
        free = pc.and_(mask, pc.is_null(self.reasons))
        self.reasons = pc.if_else(free, reason, self.reasons)

    def require(self, names: Sequence[str]) -> None:
        """Refuse rows that have a null where none may be."""
        for name in names:
            if self[name].null_count:
                self.refuse(pc.is_null(self[name]), f"{name} is missing")

    def agree(self, name: str, derived: Array) -> None:
        """Take a derived column; a row that came with another value is refused."""
        given = self[name]
        if given.null_count < self.count:
            self.refuse(
                pc.not_equal(given, derived), f"{name} does not agree with the other columns"
            )
        self[name] = derived

    def map_distinct(
        self,
        names: Sequence[str],
        types: Sequence[pa.DataType],
        function: Callable[..., Sequence[object]],
    ) -> list[Array]:
        """Apply a function once per distinct combination of columns (as text, null as empty).

        It returns a value per type; rows for which it raises MarketError are refused with its
        text, and get nulls.
        """
        joined = pc.binary_join_element_wise(*(text_of(self[n]) for n in names), _SEPARATOR)
        encoded = pc.dictionary_encode(joined)
        reasons: list[str | None] = []
        results: list[Sequence[object]] = []
        for combined in encoded.dictionary.to_pylist():
            values, reason = _attempt(function, combined.split(_SEPARATOR), len(types))
            results.append(values)
            reasons.append(reason)
        if any(reasons):
            failed = pc.take(pa.array(reasons, pa.string()), encoded.indices)
            self.refuse(pc.is_valid(failed), failed)
        return [
            pc.take(pa.array([r[i] for r in results], type_), encoded.indices)
            for i, type_ in enumerate(types)
        ]


def _attempt(
    function: Callable[..., Sequence[object]], values: list[str], width: int
) -> tuple[Sequence[object], str | None]:
    try:
        return function(*values), None
    except MarketError as error:
        return [None] * width, str(error)
