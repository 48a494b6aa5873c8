"""Arrow batches as they leave: current rows only, with exactly the columns that were asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aurum_dao.warehouse.reference import ReferenceData

if TYPE_CHECKING:
    import pyarrow as pa


class CurrentRows:
    """Keeps the first row of each key, where it is not withdrawn; equal keys are neighbours.

    Batches come in order, each key's current version first: the rule of `dedupe.current_rows`, on
    columns. Compare the column that differs most often first.
    """

    def __init__(self, key: Sequence[str]) -> None:
        self._key = tuple(key)
        self._last: tuple[Any, ...] | None = None

    def kept(self, batch: "pa.RecordBatch") -> "pa.RecordBatch":
        """Return the rows of the next batch that stay."""
        import pyarrow.compute as pc

        if not batch.num_rows:
            return batch
        repeated = self._repeated(batch)
        dropped = batch["withdrawn"] if repeated is None else pc.or_(batch["withdrawn"], repeated)
        return batch.filter(pc.invert(dropped)) if dropped.true_count else batch

    def _repeated(self, batch: "pa.RecordBatch") -> "pa.BooleanArray | None":
        """Return which rows repeat the key of the row before, None where none does."""
        import pyarrow as pa
        import pyarrow.compute as pc

        first = tuple(batch[name][0].as_py() for name in self._key)
        follows = first == self._last
        self._last = tuple(batch[name][-1].as_py() for name in self._key)
        same: pa.BooleanArray | None = None
        for name in self._key:
            column = batch[name]
            equal = pc.equal(column[1:], column[:-1])
            same = equal if same is None else pc.and_(same, equal)
            if not same.true_count:
                break
        if same is None or not (same.true_count or follows):
            return None
        return pa.concat_arrays([pa.array([follows]), same])


class CurveColumns:
    """Adds columns of `ref.curve` to batches that hold the curve's key, as pages add them."""

    def __init__(self, reference: ReferenceData, keys: Sequence[str], names: Sequence[str]) -> None:
        import pyarrow as pa

        self._keys = pa.array(keys, pa.string())
        looks = ((name, reference.looker(name)) for name in names)
        self._values = {
            name: pa.array([look(key) for key in keys], pa.string()) for name, look in looks
        }

    def arranged(self, batch: "pa.RecordBatch", columns: Sequence[str]) -> "pa.RecordBatch":
        """Return the batch with exactly these columns, in this order."""
        import pyarrow.compute as pc

        places = pc.index_in(batch["curve_key"], value_set=self._keys) if self._values else None
        arrays = [
            self._values[name].take(places) if name in self._values else batch[name]
            for name in columns
        ]
        return batch_of(columns, arrays)


def batch_of(columns: Sequence[str], arrays: Sequence["pa.Array"]) -> "pa.RecordBatch":
    """Return a batch of named columns."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays(list(arrays), names=list(columns))
