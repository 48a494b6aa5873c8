"""The statements of a load, written once for every engine.

A row of the stage is new when, at its own publication time, the fact held another value for its
key or none. So a revert is a new version, and repeating an older file adds nothing. The version is
the newest of the key + 1; the version of the file only orders rows of one key within the file, and
where several were published at one time, the last of them decides whether they say anything new.
A stage holds one publication time per key (`rounds`): a row is judged against all that came before.
"""

from datetime import date, datetime, timedelta

from aurum_core.rows import Kind
from aurum_dao.schemas.dataset import ColumnSpec, Dataset
from aurum_dao.schemas.reference import ReferenceTable

_PUBLISHED = "coalesce(published_at, ingested_at)"


def stage_columns(dataset: Dataset) -> tuple[ColumnSpec, ...]:
    """Return the columns of a staging table: those of the fact; `version` is the file's own."""
    return tuple(c for c in dataset.all_columns if c.name != "data_version")


def merge_text(dataset: Dataset, *, stage: str, table: str | None = None) -> str:
    """Return the one MERGE of a load.

    Parameters, in order: data_version, then twice the first and the last value of the span column
    in the stage (the fact is read and joined in that range only).
    """
    target = table or dataset.table
    key, compared = dataset.key, (*dataset.business, "withdrawn")
    names = tuple(c.name for c in dataset.all_columns)
    plain = [name for name in names if name not in {"version", "data_version"}]
    known = ", ".join((*key, *compared, "version"))
    within = f"BETWEEN {_bound(dataset)} AND {_bound(dataset)}"
    differs = " OR ".join(f"o_{name} IS DISTINCT FROM {name}" for name in compared)
    parts = ", ".join(key)
    return f"""
MERGE INTO {target} f USING (
  SELECT {", ".join(plain)},
    CAST(coalesce(top, 0) + row_number() OVER (
      PARTITION BY {parts} ORDER BY pub, version) AS integer) AS new_version,
    CAST(? AS bigint) AS data_version
  FROM (
    SELECT j.*, first_value(fresh) OVER (
      PARTITION BY {parts}, pub ORDER BY version DESC) AS last_fresh
    FROM (
      SELECT i.*, CASE WHEN known = 0 OR {differs} THEN 1 ELSE 0 END AS fresh
      FROM (
        SELECT s.*, t.top, {", ".join(f"t.{name} AS o_{name}" for name in compared)},
          CASE WHEN t.pub <= s.pub THEN 1 ELSE 0 END AS known,
          row_number() OVER (
            PARTITION BY {", ".join(f"s.{name}" for name in key)}, s.pub, s.version
            ORDER BY CASE WHEN t.pub <= s.pub THEN 0 ELSE 1 END, t.pub DESC, t.version DESC) AS rn
        FROM (SELECT r.*, {_PUBLISHED} AS pub FROM {stage} r) s
        LEFT JOIN (
          SELECT {known}, {_PUBLISHED} AS pub, max(version) OVER (PARTITION BY {parts}) AS top
          FROM {target} WHERE {dataset.span} {within}
        ) t ON {_equal("s", "t", key)}
      ) i
      WHERE rn = 1
    ) j
  ) k
  WHERE fresh = 1 AND last_fresh = 1
  ORDER BY {", ".join(_disk_order(dataset))}
) n
ON ({_equal("f", "n", key)} AND f.version = n.new_version AND f.{dataset.span} {within})
WHEN NOT MATCHED THEN INSERT ({", ".join(names)})
VALUES ({", ".join("n.new_version" if name == "version" else f"n.{name}" for name in names)})
"""


def bounds_of(first: date, last: date) -> tuple[date, date]:
    """Return the bounds that hold a span; an instant's are whole milliseconds.

    They are bound as `timestamp with time zone`, the one spelling that every engine has; on Trino
    it is as fine as that.
    """
    if isinstance(first, datetime) and isinstance(last, datetime):
        return _whole_millisecond(first), _whole_millisecond(last) + timedelta(milliseconds=1)
    return first, last


def count_text(dataset: Dataset, *, table: str | None = None) -> str:
    """Return the statement that counts what a load added: first versions, later versions.

    Parameters: data_version, then the first and the last value of the span column.
    """
    return (
        "SELECT coalesce(sum(CASE WHEN version = 1 THEN 1 ELSE 0 END), 0), "
        "coalesce(sum(CASE WHEN version > 1 THEN 1 ELSE 0 END), 0) "
        f"FROM {table or dataset.table} WHERE data_version = CAST(? AS bigint) "
        f"AND {dataset.span} BETWEEN {_bound(dataset)} AND {_bound(dataset)}"
    )


def upsert_text(
    reference: ReferenceTable, *, stage: str, table: str | None = None, keep_known: bool = False
) -> str:
    """Return the MERGE that brings a reference table up to its stage, changing only what differs.

    With `keep_known` a null of the stage leaves the stored value as it is.
    """
    names = tuple(c.name for c in reference.columns)
    others = [name for name in names if name not in reference.key]
    new = {name: f"coalesce(n.{name}, f.{name})" if keep_known else f"n.{name}" for name in others}
    differs = " OR ".join(f"f.{name} IS DISTINCT FROM {new[name]}" for name in others)
    update = ", ".join(f"{name} = {new[name]}" for name in others)
    return f"""
MERGE INTO {table or reference.table} f USING (SELECT {", ".join(names)} FROM {stage}) n
ON ({_equal("f", "n", reference.key)})
WHEN MATCHED AND ({differs}) THEN UPDATE SET {update}
WHEN NOT MATCHED THEN INSERT ({", ".join(names)})
VALUES ({", ".join(f"n.{name}" for name in names)})
"""


def insert_absent_text(
    reference: ReferenceTable, *, stage: str, on: tuple[str, ...], table: str | None = None
) -> str:
    """Return the statement that adds rows of the stage whose `on` columns match no stored row."""
    target = table or reference.table
    names = ", ".join(c.name for c in reference.columns)
    return (
        f"INSERT INTO {target} ({names}) SELECT {names} FROM {stage} n "
        f"WHERE NOT EXISTS (SELECT 1 FROM {target} f WHERE {_equal('f', 'n', on)})"
    )


def _disk_order(dataset: Dataset) -> tuple[str, ...]:
    rest = (name for name in dataset.key if name not in dataset.order)
    return (*dataset.order, *rest, "pub", "version")


def _equal(left: str, right: str, names: tuple[str, ...]) -> str:
    return " AND ".join(f"{left}.{name} = {right}.{name}" for name in names)


def _whole_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1_000 * 1_000)


def _bound(dataset: Dataset) -> str:
    kind = dataset.column(dataset.span).kind
    return "CAST(? AS date)" if kind is Kind.DATE else "CAST(? AS timestamp with time zone)"
