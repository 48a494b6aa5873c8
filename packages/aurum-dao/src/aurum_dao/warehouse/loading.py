"""A load, from checked rows to statements: what every engine does the same way."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from aurum_core.errors import LoadError
from aurum_dao.ports.ingestion import LoadStatus, LoadSummary, Rejection
from aurum_dao.ports.ledger import LoadCounts, LoadRecord
from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.dataset import Dataset
from aurum_dao.schemas.reference import CURVE, LOCATION, REFERENCE_TABLES, SOURCE, ReferenceTable
from aurum_dao.warehouse import implied
from aurum_dao.warehouse.merge import (
    bounds_of,
    count_text,
    insert_absent_text,
    merge_text,
    upsert_text,
)
from aurum_dao.warehouse.rounds import split_rounds

if TYPE_CHECKING:
    import pyarrow as pa

    from aurum_dao.warehouse.validation import Checked
    from aurum_dao.warehouse.validation.curves import UnitAliases


SHOWN_REJECTIONS = 20


class LoadSink(Protocol):
    """One engine, open for one load."""

    def stage(self, table: "pa.Table") -> AbstractContextManager[str]:
        """Make the rows readable in SQL; yields the name to read them by."""
        ...

    def execute(self, text: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement that writes and return how many rows it wrote."""
        ...

    def fetch(self, text: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        ...


@dataclass(frozen=True, slots=True)
class Added:
    """What a load wrote: facts by first and later version, reference rows beside them."""

    inserted: int = 0
    corrected: int = 0
    reference: int = 0

    @property
    def anything(self) -> bool:
        """Tell whether the warehouse is another one now."""
        return self.inserted + self.corrected + self.reference > 0

    def counts(self, checked: "Checked") -> LoadCounts:
        """Return every row read, counted once; rows identical to another are unchanged."""
        refused = len(checked.rejections)
        return LoadCounts(
            read=checked.read,
            inserted=self.inserted,
            corrected=self.corrected,
            unchanged=checked.read - refused - self.inserted - self.corrected,
            quarantined=refused,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """What a load goes to: a fact or a reference table."""

    name: str
    fact: Dataset | None = None
    reference: ReferenceTable | None = None

    def check(
        self,
        raw: "pa.Table",
        load: LoadRecord,
        published_at: datetime | None,
        sink: LoadSink,
    ) -> "Checked":
        """Check the rows of a load; `published_at` is an estimate for rows that have none."""
        from aurum_dao.warehouse.validation import Stamp, check_dataset, check_reference

        if self.fact is None:
            return check_reference(self._reference(), raw)
        stamp = Stamp(
            source=load.source,
            source_ref=load.source_ref,
            ingested_at=load.started_at,
            published_at=published_at,
        )
        return check_dataset(self.fact, raw, stamp, _unit_aliases(sink))

    def write(self, sink: LoadSink, checked: "Checked", load_seq: int) -> Added:
        """Write checked rows, and for a fact the reference rows that they imply."""
        if self.fact is None:
            return _write_reference(sink, self._reference(), checked)
        added = _merge_fact(sink, self.fact, checked.table, load_seq)
        return Added(added.inserted, added.corrected, _write_implied(sink, self.fact, checked))

    def _reference(self) -> ReferenceTable:
        if self.reference is None:
            raise LoadError(f"{self.name} is neither a fact nor a reference table.")
        return self.reference


def find_target(name: str) -> Target:
    """Return the fact or reference table of a name.

    Raises:
        LoadError: there is none; the message lists them.
    """
    if name in DATASETS:
        return Target(name, fact=DATASETS[name])
    if name in REFERENCE_TABLES:
        return Target(name, reference=REFERENCE_TABLES[name])
    known = ", ".join(sorted({*DATASETS, *REFERENCE_TABLES}))
    raise LoadError(f"There is no dataset {name!r}; there are: {known}.")


def table_of(batches: Iterable["pa.RecordBatch"]) -> "pa.Table":
    """Return the batches as one table.

    Raises:
        LoadError: there is no batch, or their columns differ.
    """
    import pyarrow as pa

    pieces = [pa.Table.from_batches([batch]) for batch in batches]
    if not pieces:
        raise LoadError("The load has no rows.")
    try:
        return pa.concat_tables(pieces, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise LoadError("The batches of the load differ in their columns' types.") from None


def known_summary(prior: LoadRecord, data_version: int | None) -> LoadSummary:
    """Return the summary of a file that was loaded before: nothing changed."""
    return LoadSummary(
        dataset=prior.dataset,
        status="unchanged",
        data_version=data_version,
        read=prior.counts.read,
        inserted=0,
        corrected=0,
        unchanged=prior.counts.read - prior.counts.quarantined,
        quarantined=prior.counts.quarantined,
    )


def summary_of(
    load: LoadRecord,
    status: LoadStatus,
    counts: LoadCounts,
    rejections: Sequence[Rejection],
    data_version: int | None,
) -> LoadSummary:
    """Return what a load tells when it ends."""
    return LoadSummary(
        dataset=load.dataset,
        status=status,
        data_version=data_version,
        read=counts.read,
        inserted=counts.inserted,
        corrected=counts.corrected,
        unchanged=counts.unchanged,
        quarantined=counts.quarantined,
        rejections=tuple(rejections[:SHOWN_REJECTIONS]),
    )


def _unit_aliases(sink: LoadSink) -> "UnitAliases":
    """Return the spellings of units that the warehouse adds to the built-in ones."""
    from aurum_dao.warehouse.validation.curves import alias_of

    rows = sink.fetch("SELECT units_raw, currency, per_unit, scale FROM ref.unit_alias")
    return {str(raw).casefold(): alias_of(money, unit, scale) for raw, money, unit, scale in rows}


def _merge_fact(sink: LoadSink, dataset: Dataset, table: "pa.Table", load_seq: int) -> Added:
    import pyarrow.compute as pc

    if table.num_rows == 0:
        return Added()
    span = pc.min_max(table[dataset.span]).as_py()
    low, high = bounds_of(span["min"], span["max"])
    written = 0
    for part in split_rounds(table, dataset.key):
        with sink.stage(part) as stage:
            text = merge_text(dataset, stage=stage)
            written += sink.execute(text, [load_seq, low, high, low, high])
    if written == 0:
        return Added()
    ((inserted, corrected),) = sink.fetch(count_text(dataset), [load_seq, low, high])
    return Added(_whole(inserted), _whole(corrected))


def _whole(value: object) -> int:
    return int(str(value))


def _write_implied(sink: LoadSink, dataset: Dataset, checked: "Checked") -> int:
    if checked.table.num_rows == 0:
        return 0
    sources = implied.source_rows(checked.table)
    written = _insert_absent(sink, SOURCE, sources, ("source",))
    more = _IMPLIED.get(dataset.name)
    return written + (more(sink, checked) if more else 0)


def _write_locations(sink: LoadSink, checked: "Checked") -> int:
    rows = implied.location_rows(checked.table)
    return _insert_absent(sink, LOCATION, rows, ("iso_code", "location_id"))


def _write_curves(sink: LoadSink, checked: "Checked") -> int:
    rows = implied.curve_rows(checked, _known_curves(sink))
    with sink.stage(rows) as stage:
        return sink.execute(upsert_text(CURVE, stage=stage, keep_known=True))


def _known_curves(sink: LoadSink) -> set[str]:
    return {str(key) for (key,) in sink.fetch("SELECT curve_key FROM ref.curve")}


def _insert_absent(
    sink: LoadSink, reference: ReferenceTable, rows: "pa.Table", on: tuple[str, ...]
) -> int:
    with sink.stage(rows) as stage:
        return sink.execute(insert_absent_text(reference, stage=stage, on=on))


def _write_reference(sink: LoadSink, reference: ReferenceTable, checked: "Checked") -> Added:
    before, table = _count(sink, reference), checked.table
    is_curve = reference is CURVE  # a file may say some attributes and leave the others as they are
    if is_curve:
        table = implied.with_weighting(table, _known_curves(sink))
    with sink.stage(table) as stage:
        written = sink.execute(upsert_text(reference, stage=stage, keep_known=is_curve))
    inserted = _count(sink, reference) - before
    return Added(inserted, written - inserted)


def _count(sink: LoadSink, reference: ReferenceTable) -> int:
    ((count,),) = sink.fetch(f"SELECT count(*) FROM {reference.table}")
    return _whole(count)


_IMPLIED: Mapping[str, Callable[[LoadSink, "Checked"], int]] = {
    "lmp": _write_locations,
    "curves": _write_curves,
}
