"""Arrow batches: columns that follow from the curve's key are added here, as pages add them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aurum_dao.warehouse.reference import ReferenceData

if TYPE_CHECKING:
    import pyarrow as pa


class CurveColumns:
    """Adds columns of `ref.curve` to batches that begin with the curve's key."""

    def __init__(self, reference: ReferenceData, keys: Sequence[str], names: Sequence[str]) -> None:
        import pyarrow as pa

        self._keys = pa.array(keys, pa.string())
        self._values: Mapping[str, pa.Array] = {
            name: pa.array([look(key) for key in keys], pa.string())
            for name, look in ((name, reference.looker(name)) for name in names)
        }

    def arranged(self, batch: "pa.RecordBatch", columns: Sequence[str]) -> "pa.RecordBatch":
        """Return the batch with exactly these columns, in this order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        places = pc.index_in(batch["curve_key"], value_set=self._keys)
        arrays = [
            self._values[name].take(places) if name in self._values else batch[name]
            for name in columns
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))
