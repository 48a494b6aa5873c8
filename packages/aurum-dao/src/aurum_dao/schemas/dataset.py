"""The shape of a dataset: columns, natural key, clocks. Pure values; Arrow is made on demand."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aurum_core.rows import Kind


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: its kind, whether it may be null, its unit, what it means."""

    name: str
    kind: Kind
    description: str
    nullable: bool = True
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One append-only dataset.

    `key` is the natural key without `version`. `span` is the column its business time is measured
    by, and that partitions prune on. `order` is how rows are sorted on disk.
    """

    name: str
    table: str
    description: str
    columns: tuple[ColumnSpec, ...]
    key: tuple[str, ...]
    span: str
    order: tuple[str, ...]
    frequency: str
    partition: tuple[str, ...] = ()
    business: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the columns that make one version differ from another."""
        names = tuple(c.name for c in self.columns if c.name not in self.key)
        object.__setattr__(self, "business", names)

    @property
    def all_columns(self) -> tuple[ColumnSpec, ...]:
        """Return the columns with those that every fact carries."""
        return (*self.columns, *FACT_COLUMNS)

    def column(self, name: str) -> ColumnSpec:
        """Return a column by name.

        Raises:
            KeyError: there is none.
        """
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)


def required(names: Iterable[ColumnSpec]) -> tuple[str, ...]:
    """Return the names of the columns that may not be null."""
    return tuple(c.name for c in names if not c.nullable)


FACT_COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec(
        "version", Kind.INTEGER, "counts the versions of one natural key from 1", nullable=False
    ),
    ColumnSpec("data_version", Kind.INTEGER, "the load this row came with", nullable=False),
    ColumnSpec("published_at", Kind.INSTANT, "when the publisher made it known"),
    ColumnSpec(
        "published_at_estimated", Kind.BOOLEAN, "published_at comes from a schedule", nullable=False
    ),
    ColumnSpec("ingested_at", Kind.INSTANT, "when it was loaded", nullable=False),
    ColumnSpec("source", Kind.TEXT, "who published it", nullable=False),
    ColumnSpec("source_ref", Kind.TEXT, "file, report or run it came from"),
    ColumnSpec("withdrawn", Kind.BOOLEAN, "the publisher took it back", nullable=False),
)
