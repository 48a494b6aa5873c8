"""Every statement of the readers, as they really build it, is in the subset both engines share."""

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aurum_core.rows import Price
from aurum_dao.ports.curves import (
    CatalogueQuery,
    CurveDiffQuery,
    CurveFilter,
    CurveQuery,
    VersionQuery,
)
from aurum_dao.ports.iso import BlockRule, LmpQuery, LmpWindow
from aurum_dao.ports.metadata import DimensionQuery, LocationQuery
from aurum_dao.ports.paging import AsOf, Pin, Window
from aurum_dao.testing.facts import SOURCES, corrected, curve, key_of, location, price, quote
from aurum_dao.testing.stores import walk
from aurum_dao.warehouse.curves import WarehouseCurveReader
from aurum_dao.warehouse.iso import WarehouseLmpReader
from aurum_dao.warehouse.metadata import WarehouseMetadataReader

pytest.importorskip("duckdb", reason="statements are recorded while DuckDB runs them")

from aurum_dao.adapters.duckdb.runner import open_duckdb_runner

NAMES = {
    "curve_asof",
    "curve_choice_page",
    "curve_diff",
    "curve_diff_offset",
    "curve_expiries",
    "curve_export",
    "curve_holdings",
    "curve_offset",
    "curve_page",
    "curve_peek",
    "curve_versions",
    "dataset_span",
    "dimensions",
    "lmp_block_sums",
    "lmp_export",
    "lmp_negative_page",
    "lmp_newest",
    "lmp_newest_current",
    "lmp_offset",
    "lmp_page",
    "lmp_series",
    "lmp_sums",
    "lmp_texture",
    "locations",
    "reference_aliases",
    "reference_curves",
    "reference_sources",
}
FORBIDDEN = {
    "LIMIT n OFFSET m": r"\bOFFSET\b",
    "QUALIFY": r"\bQUALIFY\b",
    "a cast by colons": r"::",
    "* EXCLUDE": r"\bEXCLUDE\b",
    "GROUP BY ALL": r"GROUP BY ALL",
    "AT TIME ZONE ?": r"AT TIME ZONE",
    "ON CONFLICT": r"ON CONFLICT",
    "RETURNING": r"\bRETURNING\b",
    "INTERVAL ?": r"INTERVAL \?",
    "WITHIN GROUP": r"WITHIN GROUP",
    "a lambda": r"->|lambda",
    "an average": r"\bavg\(",
    "a division": r" / ",
    "a literal date or time": r"\b(DATE|TIMESTAMP) '",
    "a comment": r"--|/\*",
}
LITERALS = re.compile(r"'([^']*)'")
OURS = {"final", "hour", "month", "!", "night", "peak", "day", "removed", "added", "unpriced"}
OURS |= {"unchanged", "changed"}
MON, TUE = date(2026, 3, 2), date(2026, 3, 3)
APR, MAY = date(2026, 4, 1), date(2026, 5, 1)
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)


@dataclass(slots=True)
class CurveRow:
    curve_key: str
    slug: str
    asof_date: date
    value: Price | None
    published_at: datetime | None


@dataclass(slots=True)
class DiffRow:
    curve_key: str
    tenor_label: str
    diff_abs: Price | None


@dataclass(slots=True)
class PriceRow:
    location_id: str
    interval_start: datetime
    price_total: Price


@dataclass(slots=True)
class PlaceRow:
    location_id: str


@dataclass(slots=True)
class SlugRow:
    slug: str


class Recorder:
    """A runner that remembers every statement it passes on."""

    def __init__(self, runner):
        self._runner = runner
        self.statements = []

    def data_version(self):
        return self._runner.data_version()

    async def fetch(self, statement):
        self.statements.append(statement)
        return await self._runner.fetch(statement)

    def stream(self, statement):
        self.statements.append(statement)
        return self._runner.stream(statement)


async def ask_curves(reader, pin):
    mixed, plain = CurveFilter(curve_keys=(key_of("a"),)), CurveFilter(curve_keys=(key_of("b"),))
    wide = CurveFilter(iso=("pjm",), source=("exchange", "broker"))
    asofs = [
        AsOf(today=TUE),
        AsOf(today=TUE, day=TUE),
        AsOf(today=TUE, day=TUE, policy="on_or_before"),
        AsOf(today=TUE, start=date(2025, 1, 1)),
        AsOf(today=TUE, start=MON, end=TUE),
    ]
    for asof in asofs:
        for where in (CurveFilter(), mixed, plain, wide):
            query = CurveQuery(pin=pin, asof=asof, where=where)

            async def read(window, query=query):
                return await reader.list_observations(query, CurveRow, window)

            await walk(read, 2)
            page = await read(Window(limit=2, offset=1))
            await read(Window(limit=2, before=page.last_key))
            query = replace(
                query,
                price_type=("MID", "BID"),
                tenor_type=("MONTHLY",),
                start=APR,
                delivery=(APR,),
            )
            await read(Window(limit=2), query=replace(query, end=MAY))
            assert sum([b.num_rows async for b in reader.iter_observations(query, CurveRow)]) >= 0
    diff = CurveDiffQuery(pin=pin, asof_a=MON, asof_b=TUE, where=wide, status=("added", "changed"))
    for query in (diff, replace(diff, where=mixed, status=(), price_type=("MID",))):
        page = await reader.list_diff(query, DiffRow, Window(limit=1))
        await reader.list_diff(query, DiffRow, Window(limit=1, before=page.last_key))
        await reader.list_diff(query, DiffRow, Window(limit=1, offset=1))
    versions = VersionQuery(pin=pin, curve_key="power-pjm-a-da-5x16")
    page = await reader.list_versions(versions, CurveRow, Window(limit=1))
    versions = replace(
        versions, asof=MON, delivery_start=APR, price_type=("MID",), tenor_type=("MONTHLY",)
    )
    await reader.list_versions(versions, CurveRow, Window(limit=1, after=page.last_key))
    catalogue = CatalogueQuery(pin=pin, today=TUE, words=("pjm",))
    await reader.list_curves(catalogue, SlugRow, Window(limit=1))
    await reader.get_curve("old", pin=pin, today=TUE)
    await reader.list_months(CurveQuery(pin=pin, asof=asofs[0]))
    await reader.list_siblings(key_of("a"), pin=pin)
    await reader.list_expiries("NG")


async def ask_prices(reader, pin):
    window = LmpWindow("PJM", "DAY_AHEAD_HOURLY", NOON, NOON + timedelta(days=1))
    rule = BlockRule("America/New_York", 8, 23, (0, 1, 2, 3, 4), (date(2026, 3, 4),))
    queries: list[dict[str, Any]] = [
        {},
        {"windows": (window, replace(window, iso_code="ERCOT"))},
        {"windows": (window,), "location": ("WEST",), "newest_first": True},
        {"pairs": (("PJM", "DAY_AHEAD_HOURLY"), ("ERCOT", "X")), "location_type": ("HUB",)},
        {"iso": ("PJM",), "market": ("DAY_AHEAD_HOURLY", "X"), "source": ("exchange",)},
        {"first_day": MON, "end_day": date(2026, 3, 5)},
        {"start": NOON, "end": NOON + timedelta(days=1), "negative": True},
        {"iso": ("ERCOT",), "newest_first": True},
    ]
    for changes in queries:
        query = LmpQuery(pin=pin, **changes)

        async def read(window, query=query):
            return await reader.list_prices(query, PriceRow, window)

        await walk(read, 2)
        page = await read(Window(limit=1, offset=1))
        if page.rows:
            await read(Window(limit=2, before=page.first_key))
        assert sum([b.num_rows async for b in reader.iter_prices(query, PriceRow)]) >= 0
        for grain in ("hour", "day", "month", "range"):
            page = await reader.list_sums(query, grain, Window(limit=1))
            if page.rows:
                await reader.list_sums(query, grain, Window(limit=1, after=page.last_key))
        for grain in ("day", "month", "range"):
            await reader.list_block_sums(query, rule, grain, Window(limit=1))
        await reader.list_block_sums(query, replace(rule, holidays=()), "day", Window(limit=1))
        await reader.list_newest(query)


async def ask_metadata(reader, pin):
    query = DimensionQuery(pin=pin, asof=AsOf(today=TUE), where=CurveFilter(iso=("PJM",)))
    await reader.list_dimensions(query)
    await reader.list_datasets(pin=pin)
    place = LocationQuery(
        iso=("PJM",), location_id="WEST", location_type=("HUB",), prefix="we", day=TUE
    )
    for query in (LocationQuery(), place):
        await reader.list_locations(query, PlaceRow, Window(limit=1))
    await reader.list_locations(query, PlaceRow, Window(limit=1, after=("PJM", "EAST")))


def load_of_everything():
    gone = quote("a", TUE, MAY, 2)
    later = price(NOON, 3)
    return [
        {
            "market.curve_observation": [
                quote("a", MON, APR, 1),
                quote("a", TUE, APR, 2),
                quote("a", TUE, APR, 3, price_type="SETTLE", source="broker"),
                gone,
                quote("a", TUE, date(2026, 6, 1), 3, price_type="SETTLE"),
                *(quote("b", MON - timedelta(days=n), APR, n) for n in range(12)),
                quote("c", MON, APR, 1),
                quote("c", date(2024, 1, 1), APR, 1),
            ],
            "market.lmp": [
                later,
                *(price(NOON + timedelta(minutes=5 * n), n - 3, minutes=5) for n in range(9)),
                price(NOON, -9, iso_code="ERCOT"),
            ],
            "ref.curve": [curve("a"), curve("b"), curve("c"), curve("d")],
            "ref.curve_alias": [{"old_key": "old", "curve_key": key_of("a")}],
            "ref.source": SOURCES,
            "ref.location": [location("PJM", "WEST", MON)],
        },
        {
            "market.curve_observation": [corrected(gone, withdrawn=True)],
            "market.lmp": [corrected(later, withdrawn=True)],
        },
    ]


@pytest.fixture(scope="module")
def statements(tmp_path_factory, add_snapshot):
    directory = tmp_path_factory.mktemp("warehouse")
    for number, tables in enumerate(load_of_everything(), 1):
        add_snapshot(directory, tables, number)

    async def main():
        async with open_duckdb_runner(directory, poll_seconds=60) as runner:
            recorder = Recorder(runner)
            for known_at in (None, NOON + timedelta(days=60)):
                pin = replace(Pin(data_version=2), known_at=known_at)
                await ask_curves(WarehouseCurveReader(recorder), pin)
                await ask_prices(WarehouseLmpReader(recorder), pin)
                await ask_metadata(WarehouseMetadataReader(recorder), pin)
            return recorder.statements

    found = asyncio.run(main())
    return list({s.text: s for s in found}.values())


def test_every_statement_was_met(statements):
    assert {s.name for s in statements} >= NAMES


def test_every_statement_is_trinos(statements):
    validator = pytest.importorskip("trino_sql_validator", reason="the group `grammar` is absent")
    for statement in statements:
        for text in (
            statement.text,
            f"EXECUTE IMMEDIATE '{statement.text.replace(chr(39), chr(39) * 2)}'",
        ):
            result = validator.validate(text)
            assert result.valid, (result.error, text)
            assert not result.unknown_functions, text
            assert not result.unknown_types, text


def test_every_statement_parses_elsewhere_too(statements):
    sqlglot = pytest.importorskip("sqlglot", reason="the group `grammar` is absent")
    for statement in statements:
        assert sqlglot.parse_one(statement.text, read="trino")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_statement_uses_what_only_one_engine_knows(statements, what):
    for statement in statements:
        assert not re.search(FORBIDDEN[what], statement.text), statement.text


def test_every_value_is_bound(statements):
    for statement in statements:
        assert statement.text.count("?") == len(statement.parameters)
        assert set(LITERALS.findall(statement.text)) <= OURS, statement.text


def order_terms(text):
    """Yield every term of every ORDER BY, of windows too."""
    for found in re.finditer("ORDER BY ", text):
        depth, term = 0, ""
        for character in text[found.end() :].partition(" LIMIT ")[0] + ",":
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth < 0 or (character == "," and depth == 0):
                yield term.strip()
                term = ""
                if depth < 0:
                    break
            else:
                term += character


def test_every_order_says_where_nulls_go(statements):
    terms = {term for statement in statements for term in order_terms(statement.text)}
    assert len(terms) > 20
    assert {term for term in terms if not term.endswith(("NULLS LAST", "NULLS FIRST"))} == set()


def test_every_fact_is_read_under_its_pin_and_from_named_sources(statements):
    for statement in statements:
        if re.search(r"market\.(lmp|curve_observation)", statement.text):
            assert '"data_version" <= ?' in statement.text, statement.text
            assert re.search(r'"source" (= \?|IN \()', statement.text), statement.text
