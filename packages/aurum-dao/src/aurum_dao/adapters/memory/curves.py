"""Forward curves from memory: the as-of rule in the order in which it is written down."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from aurum_core.errors import NotFoundError
from aurum_dao.adapters.memory.batches import batch_in_memory
from aurum_dao.adapters.memory.pages import ascending, builder_of, in_order, page_in_memory
from aurum_dao.adapters.memory.tables import MemoryWarehouse, Row, current, known_at, visible
from aurum_dao.ports.curves import (
    DEFAULT_PRICE_TYPES,
    CatalogueQuery,
    ContractExpiry,
    CurveDetail,
    CurveDiffQuery,
    CurveFilter,
    CurveQuery,
    MonthPrice,
    VersionQuery,
)
from aurum_dao.ports.paging import AsOf, Page, Pin, Window
from aurum_dao.schemas.catalogue import CURVES
from aurum_dao.schemas.reference import CURVE

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R")
DIMENSIONS = ("asset_class", "iso", "region", "location", "market", "product", "block")
IDENTITY = (*DIMENSIONS, "spark_location", "slug")
LIST = ascending(
    "curve_key",
    "delivery_start",
    "tenor_type",
    "price_type",
    "asof_date",
    "delivery_end",
    "source",
)
CONTRACT = ("curve_key", "source", "tenor_type", "delivery_start", "delivery_end")
DIFF = ascending(
    "curve_key", "delivery_start", "tenor_type", "price_type", "delivery_end", "source"
)
VERSIONS = (
    *ascending("asof_date", "delivery_start", "tenor_type", "price_type", "delivery_end", "source"),
    ("known", True),
    ("version", True),
)


class MemoryCurveReader:
    """Implements `CurveReader` over rows in memory."""

    def __init__(self, warehouse: MemoryWarehouse) -> None:
        self._warehouse = warehouse

    async def list_observations(
        self, query: CurveQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return a page of observations under the as-of rule."""
        rows = self._observations(query)
        page = page_in_memory(rows, LIST, window, builder_of(row_type))
        days = set(page_in_memory(rows, LIST, window, lambda row: row["asof_date"]).rows)
        return replace(page, asof=days.pop() if len(days) == 1 else None)

    async def iter_observations(
        self, query: CurveQuery, row_type: type
    ) -> AsyncIterator["pa.RecordBatch"]:
        """Stream every observation of the query as one Arrow batch."""
        rows = in_order(self._observations(query), LIST)
        if rows:
            yield batch_in_memory(rows, row_type)

    async def list_months(self, query: CurveQuery) -> Sequence[MonthPrice]:
        """Return the MONTHLY prices of the curves of the query."""
        rows = in_order(self._observations(replace(query, tenor_type=("MONTHLY",))), LIST)
        return [_built(MonthPrice, row) for row in rows]

    async def list_diff(self, query: CurveDiffQuery, row_type: type[R], window: Window) -> Page[R]:
        """Return the outer join of two as-ofs."""
        a, b = (self._side(query, day) for day in (query.asof_a, query.asof_b))
        rows = [_difference(a.get(key), b.get(key), query) for key in a.keys() | b.keys()]
        wanted = [row for row in rows if not query.status or row["status"] in query.status]
        return page_in_memory(wanted, DIFF, window, builder_of(row_type))

    async def list_versions(
        self, query: VersionQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return every version of a curve's facts."""
        sources = self._warehouse.sources_of(query.pin)
        key = self._key_of(query.curve_key)
        rows = [
            {**self._described(row), "known": known_at(row)}
            for row in visible(self._warehouse.rows(CURVES.table), query.pin, sources)
            if row["curve_key"] == key
            and query.asof in {None, row["asof_date"]}
            and query.delivery_start in {None, row["delivery_start"]}
            and (not query.price_type or row["price_type"] in query.price_type)
            and (not query.tenor_type or row["tenor_type"] in query.tenor_type)
        ]
        return page_in_memory(rows, VERSIONS, window, builder_of(row_type))

    async def list_curves(
        self, query: CatalogueQuery, row_type: type[R], window: Window
    ) -> Page[R]:
        """Return the catalogue ordered by slug."""
        details = self._details(query.pin, query.where, query.today)
        rows = [
            {name: getattr(detail, name) for name in CurveDetail.__slots__}
            for detail in details.values()
            if _has_words(detail, query.words)
        ]
        return page_in_memory(rows, ascending("slug"), window, builder_of(row_type))

    async def get_curve(self, name: str, *, pin: Pin, today: date) -> CurveDetail:
        """Return one curve by hash, old key or slug.

        Raises:
            NotFoundError: nothing has that name.
        """
        details = self._details(pin, CurveFilter(curve_keys=(name,)), today)
        for detail in details.values():
            return detail
        raise NotFoundError("There is no curve of that name.")

    async def list_details(self, keys: Sequence[str], *, pin: Pin) -> dict[str, CurveDetail]:
        """Return the details of the curves by key."""
        details = self._details(pin, CurveFilter(), None)
        return {key: details[key] for key in keys if key in details}

    async def list_siblings(self, curve_key: str, *, pin: Pin) -> dict[str, str]:
        """Return block → curve_key of the curves that differ from this one by block alone."""
        details = self._details(pin, CurveFilter(), None)
        own = self._curves().get(self._key_of(curve_key) or "")
        if own is None:
            return {}
        family = [own[name] for name in IDENTITY if name not in {"block", "slug"}]
        return {
            row["block"]: key
            for key, row in self._curves().items()
            if key in details
            and row["block"] not in {None, own["block"]}
            and [row[name] for name in IDENTITY if name not in {"block", "slug"}] == family
        }

    async def list_expiries(self, root: str) -> Sequence[ContractExpiry]:
        """Return the listed contracts of a root by month."""
        rows = (r for r in self._warehouse.rows("ref.contract_expiry") if r["root"] == root)
        return [_built(ContractExpiry, row) for row in in_order(rows, ascending("contract_month"))]

    def resolved(
        self,
        pin: Pin,
        where: CurveFilter,
        asof: AsOf,
        *,
        price_type: Sequence[str] = (),
        tenor_type: Sequence[str] = (),
    ) -> list[Row]:
        """Return the rows of the resolved dates and sources: rules 1 to 4, every price type."""
        sources = self._warehouse.sources_of(pin, where.source)
        seen = visible(self._warehouse.rows(CURVES.table), pin, sources)
        wanted = self._wanted(where)
        rows = [
            row
            for row in current(seen, CURVES)
            if row["curve_key"] in wanted
            and (not price_type or row["price_type"] in price_type)
            and (not tenor_type or row["tenor_type"] in tenor_type)
            and _is_asof(row["asof_date"], asof)
        ]
        if not asof.is_history and (asof.day is None or asof.policy == "on_or_before"):
            newest: dict[str, date] = {}
            for row in rows:
                key, day = row["curve_key"], row["asof_date"]
                newest[key] = max(day, newest.get(key, day))
            rows = [row for row in rows if row["asof_date"] == newest[row["curve_key"]]]
        return rows if where.source else _best(rows, "source", sources, ("curve_key", "asof_date"))

    def _observations(self, query: CurveQuery) -> list[Row]:
        rows = self.resolved(
            query.pin,
            query.where,
            query.asof,
            price_type=query.price_type or DEFAULT_PRICE_TYPES,
            tenor_type=query.tenor_type,
        )
        if not query.price_type:
            rows = _best(rows, "price_type", DEFAULT_PRICE_TYPES, (*CONTRACT, "asof_date"))
        return [
            self._described(row)
            for row in rows
            if (query.start is None or row["delivery_start"] >= query.start)
            and (query.end is None or row["delivery_start"] < query.end)
            and (not query.delivery or row["delivery_start"] in query.delivery)
        ]

    def _side(self, query: CurveDiffQuery, day: date) -> dict[tuple[Any, ...], Row]:
        side = CurveQuery(
            pin=query.pin,
            asof=AsOf(today=day, day=day),
            where=query.where,
            tenor_type=query.tenor_type,
            price_type=query.price_type,
        )
        names = (*CONTRACT, "price_type")
        return {tuple(row[n] for n in names): row for row in self._observations(side)}

    def _details(self, pin: Pin, where: CurveFilter, last: date | None) -> dict[str, CurveDetail]:
        sources = self._warehouse.sources_of(pin, where.source)
        rows = current(visible(self._warehouse.rows(CURVES.table), pin, sources), CURVES)
        wanted = self._wanted(where)
        held: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["curve_key"] in wanted and (last is None or row["asof_date"] <= last):
                held[row["curve_key"]].append(row)
        curves = self._curves()
        return {key: _detail(curves[key], held[key]) for key in sorted(held) if key in curves}

    def _described(self, row: Row) -> dict[str, Any]:
        curve = self._curves().get(row["curve_key"], {})
        return {**row, **{name: curve.get(name) for name in IDENTITY}}

    def _curves(self) -> dict[str, Row]:
        return self._warehouse.keyed(CURVE.table, "curve_key")

    def _key_of(self, name: str) -> str | None:
        curves = self._curves()
        aliases = self._warehouse.keyed("ref.curve_alias", "old_key")
        if name in aliases:
            key: str = aliases[name]["curve_key"]
            return key
        for key, row in curves.items():
            if name.lower() in {key, row["slug"].lower()}:
                return key
        return None

    def _wanted(self, where: CurveFilter) -> set[str]:
        curves = self._curves()
        keys = {self._key_of(name) for name in where.curve_keys} if where.curve_keys else curves
        return {
            key
            for key in keys
            if key is not None
            and key in curves
            and all(_is_one_of(curves[key][name], getattr(where, name)) for name in DIMENSIONS)
        }


def _is_asof(day: date, asof: AsOf) -> bool:
    if asof.is_history:
        end_ok = day < asof.end if asof.end else day <= asof.today
        return end_ok and (asof.start is None or day >= asof.start)
    if asof.day is not None and asof.policy == "exact":
        return day == asof.day
    return day <= (asof.day or asof.today)


def _is_one_of(value: str | None, wanted: Sequence[str]) -> bool:
    return not wanted or (value or "").lower() in {one.lower() for one in wanted}


def _best(
    rows: Iterable[Row], column: str, preference: Sequence[str], group: Sequence[str]
) -> list[Row]:
    """Keep, in each group, the rows with the value that is preferred most."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in group)].append(row)
    place: Callable[[Row], int] = lambda row: list(preference).index(row[column])  # noqa: E731
    return [
        row
        for members in groups.values()
        for row in members
        if place(row) == min(map(place, members))
    ]


def _difference(a: Row | None, b: Row | None, query: CurveDiffQuery) -> dict[str, Any]:
    shown = b or a or {}
    value_a, value_b = (a or {}).get("value"), (b or {}).get("value")
    diff_abs = None
    if a and b and None not in {value_a, value_b} and _unit(a) == _unit(b):
        diff_abs = b["value"] - a["value"]
    if b is None:
        status = "removed"
    elif a is None:
        status = "added"
    elif diff_abs is None:
        status = "unpriced"
    else:
        status = "changed" if diff_abs else "unchanged"
    return {
        **shown,
        "asof_a": query.asof_a,
        "asof_b": query.asof_b,
        "value_a": value_a,
        "value_b": value_b,
        "diff_abs": diff_abs,
        "status": status,
    }


def _unit(row: Row) -> tuple[str, str]:
    return row["currency"], row["per_unit"]


def _detail(curve: Row, rows: Sequence[Row]) -> CurveDetail:
    days = {row["asof_date"] for row in rows}
    return _built(
        CurveDetail,
        {
            **curve,
            "first_asof": min(days),
            "last_asof": max(days),
            "asof_count": len(days),
            "sources": _values(rows, "source"),
            "price_types": _values(rows, "price_type"),
            "tenor_types": _values(rows, "tenor_type"),
        },
    )


def _values(rows: Sequence[Row], name: str) -> tuple[str, ...]:
    return tuple(sorted({row[name] for row in rows}))


def _built(value_type: type[R], row: Row) -> R:
    names: Sequence[str] = value_type.__slots__  # type: ignore[attr-defined]  # a slots dataclass
    return value_type(*(row[name] for name in names))


def _has_words(detail: CurveDetail, words: Sequence[str]) -> bool:
    named = [str(getattr(detail, name) or "").lower() for name in IDENTITY]
    return all(any(word.lower() in text for text in named) for word in words)
