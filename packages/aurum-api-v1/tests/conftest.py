"""A bare app over fake readers: what an edge must give a handler, and nothing else."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

import aurum_api_v1
import aurum_services.columnar  # noqa: F401 - an app warms it at start; no request waits for pyarrow
from aurum_core.auth import ANYONE
from aurum_core.clock import FixedClock
from aurum_core.cursors import CursorSigner
from aurum_core.errors import AurumError, RuleError, Violation
from aurum_core.market.months import month_end
from aurum_core.market.tenors import tenor_label
from aurum_core.rows import Kind, fields_of, served_number
from aurum_core.settings import ApiSettings, AurumSettings
from aurum_core.telemetry import NullMeter
from aurum_dao.ports.curves import CurveDetail, MonthPrice
from aurum_dao.ports.iso import NewestInterval, PriceSum
from aurum_dao.ports.paging import Page
from aurum_services.container import Readers, Services, build_services
from aurum_services.paging import window_of

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
ASOF, BEFORE = date(2026, 3, 3), date(2026, 3, 2)
OBSERVATION = (
    "curve_key", "delivery_start", "tenor_type", "price_type", "asof_date", "delivery_end", "source",
)  # fmt: skip
DIFF = ("curve_key", "delivery_start", "tenor_type", "price_type", "delivery_end", "source")
PRICE = ("iso_code", "market", "location_id", "interval_start", "interval_minutes")


def built(row: dict[str, Any], row_type: type) -> Any:
    """Return a row of the type from its columns, prices as they are served."""
    return row_type(
        *(
            served_number(row[f.column]) if f.kind is Kind.PRICE else row[f.column]
            for f in fields_of(row_type)
        )
    )


def paged(rows: list[dict[str, Any]], order: tuple[str, ...], row_type: type, window) -> Page[Any]:
    """Return the window of the rows in an order, as rows of the type."""

    def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in order)

    page = window_of(sorted(rows, key=key_of), key_of, window)
    made = [built(row, row_type) for row in page.rows]
    return Page(made, page.first_key, page.last_key, page.has_next, page.has_previous)


@dataclass
class FakeClock:
    """Knows one load."""

    version: int = 7

    def data_version(self) -> int:
        return self.version


def contract(curve: str, kind: str, start: date, end: date, value: str | None, **extra: Any):
    """Return a stored observation."""
    return {
        "curve_key": curve,
        "tenor_type": kind,
        "tenor_label": tenor_label(kind, start, end),
        "contract_month": start if kind == "MONTHLY" else None,
        "delivery_start": start,
        "delivery_end": end,
        "asof_date": ASOF,
        "price_type": "MID",
        "value": None if value is None else Decimal(value),
        "bid": None,
        "ask": None,
        "source": "desk",
        "iso": "PJM",
        "asset_class": "power",
        "currency": "USD",
        "per_unit": "MWh",
        "slug": curve,
        **extra,
    }


@dataclass
class FakeCurves:
    """Observations in memory; two filters are enough."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    asset_class: str = "power"
    asked: list[Any] = field(default_factory=list)

    def matching(self, query: Any, day: date | None) -> list[dict[str, Any]]:
        self.asked.append(query)
        keys, types, isos = query.where.curve_keys, query.tenor_type, query.where.iso
        return [
            row
            for row in self.rows
            if row["asof_date"] == (day or ASOF)
            and (not keys or row["curve_key"] in keys)
            and (not types or row["tenor_type"] in types)
            and (not isos or row["iso"] in isos)
        ]

    async def list_observations(self, query, row_type, window):
        return paged(self.matching(query, query.asof.day), OBSERVATION, row_type, window)

    async def list_diff(self, query, row_type, window):
        sides = [
            {tuple(r[n] for n in DIFF): r for r in self.matching(query, day)}
            for day in (query.asof_a, query.asof_b)
        ]
        rows = []
        for key in sides[0].keys() | sides[1].keys():
            a, b = (side.get(key) for side in sides)
            values = [None if one is None else one["value"] for one in (a, b)]
            change = None if None in values else values[1] - values[0]
            joined = {**(a or b), "value_a": values[0], "value_b": values[1]}
            rows.append({**joined, "diff_abs": change, "status": "changed"})
        return paged(rows, DIFF, row_type, window)

    async def list_months(self, query):
        months = [r for r in self.matching(query, query.asof.day) if r["tenor_type"] == "MONTHLY"]
        names = MonthPrice.__match_args__
        return [MonthPrice(*(row[name] for name in names)) for row in months]

    async def list_details(self, keys, *, pin):
        return {key: detail(key, self.asset_class) for key in keys}


def detail(key: str, asset_class: str) -> CurveDetail:
    """Return a curve whose months count alike."""
    return CurveDetail(
        key, key, asset_class, "PJM", None, "WEST", "DAY_AHEAD", None, None, None, "USD", "MWh", None,
        None, None, "none", None, None, None, ASOF, ASOF, 1, ("desk",), ("MID",), ("MONTHLY",),
    )  # fmt: skip


def interval(iso: str, market: str, location: str, start: datetime, price: str, **extra: Any):
    """Return a stored hour."""
    return {
        "iso_code": iso,
        "market": market,
        "location_id": location,
        "interval_start": start,
        "interval_end": start + timedelta(hours=1),
        "interval_minutes": 60,
        "operating_date": start.date(),
        "location_name": None,
        "location_type": "HUB",
        "price_total": Decimal(price),
        "price_energy": None,
        "price_congestion": None,
        "price_loss": None,
        "price_ghg": None,
        "currency": "USD",
        "uom": "MWh",
        "source_ref": None,
        "ingested_at": NOW,
        **extra,
    }


@dataclass
class FakePrices:
    """Hours in memory."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def matching(self, query: Any) -> list[dict[str, Any]]:
        self.asked.append(query)
        return [row for row in self.rows if self.fits(row, query)]

    @staticmethod
    def fits(row: dict[str, Any], query: Any) -> bool:
        pair = row["iso_code"], row["market"]
        return (
            (not query.iso or row["iso_code"] in query.iso)
            and (not query.market or row["market"] in query.market)
            and (not query.pairs or pair in query.pairs)
            and (not query.location or row["location_id"] in query.location)
            and (not query.negative or row["price_total"] < 0)
            and (query.start is None or row["interval_start"] >= query.start)
            and (query.end is None or row["interval_start"] < query.end)
            and (query.first_day is None or row["operating_date"] >= query.first_day)
            and (query.end_day is None or row["operating_date"] < query.end_day)
        )

    async def list_prices(self, query, row_type, window):
        return paged(self.matching(query), PRICE, row_type, window)

    async def list_newest(self, query):
        pairs = sorted({(r["iso_code"], r["market"]) for r in self.matching(query)})
        return [NewestInterval(iso, market, NOW) for iso, market in pairs]

    async def list_sums(self, query, grain, window):
        name = "interval_start" if grain == "hour" else "operating_date"
        sums: dict[tuple[Any, ...], list[Decimal]] = {}
        for row in self.matching(query):
            key = (row["iso_code"], row["market"], row["location_id"], row[name])
            sums.setdefault(key, []).append(row["price_total"])
        items = [
            PriceSum(
                *key, "USD", "MWh", 60 * sum(found), 60 * len(found), len(found), min(found),
                max(found), sum(found), sum(x * x for x in found), 0, 0,
            )
            for key, found in sorted(sums.items())
        ]  # fmt: skip
        return window_of(items, lambda s: (s.iso_code, s.market, s.location_id, s.bucket), window)


@dataclass
class FakeReference:
    """Two locations and a few dimensions."""

    asked: list[Any] = field(default_factory=list)

    async def list_dimensions(self, query):
        self.asked.append(query)
        return {"iso": [("ERCOT", 3), ("PJM", 2)], "location": [("HB_NORTH", 3)]}

    async def list_locations(self, query, row_type, window):
        self.asked.append(query)
        rows = [
            {
                "iso_code": iso, "location_id": name, "location_name": None, "location_type": "HUB",
                "zone": None, "hub": None, "timezone": "America/Chicago",
            }
            for iso, name in (("ERCOT", "HB_NORTH"), ("PJM", "WESTERN HUB"))
            if (not query.iso or iso in query.iso) and query.location_id in (None, name)
        ]  # fmt: skip
        return paged(rows, ("iso_code", "location_id"), row_type, window)


@dataclass
class Bench:
    """The fakes, the services over them, and a client of the bare app."""

    services: Services
    curves: FakeCurves
    prices: FakePrices
    reference: FakeReference
    clock: FixedClock
    client: TestClient

    def get(self, url: str, **params: Any) -> Any:
        """Return the answer of a request; parameters of None are left out."""
        return self.client.get(url, params={k: v for k, v in params.items() if v is not None})


def bare_app(services: Services) -> FastAPI:
    """Return an app that does what v1 needs of an edge."""
    app = FastAPI()
    for _, router in aurum_api_v1.ROUTERS:
        app.include_router(router)

    def refuse(request: Request, error: AurumError) -> Response:
        media_type, body = aurum_api_v1.render_error(
            error, path=request.url.path, request_id="test-request"
        )
        return Response(body, error.status, media_type=media_type)

    @app.exception_handler(AurumError)
    async def on_error(request: Request, error: AurumError) -> Response:
        return refuse(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        broken = [
            Violation(e["loc"][0], str(e["loc"][-1]), e["type"], e["msg"]) for e in error.errors()
        ]
        return refuse(request, RuleError(broken))

    @app.middleware("http")
    async def edge(request: Request, call_next: Any) -> Response:
        request.state.services = services
        request.state.pins = services.pins()
        request.state.principal = ANYONE
        request.state.request_id = "test-request"
        return await call_next(request)

    return app


@pytest.fixture
def settings() -> AurumSettings:
    """Return the settings of the app."""
    return AurumSettings(api=ApiSettings(v1_curve_max_limit=500))


@pytest.fixture
def bench(settings: AurumSettings) -> Iterator[Bench]:
    """Return a fresh app over two curves and a few prices."""
    curves, prices, reference = FakeCurves(sample_curves()), FakePrices(), FakeReference()
    prices.rows = sample_prices()
    clock = FixedClock(NOW)
    services = build_services(
        settings,
        Readers(clock=FakeClock(), curves=curves, iso=prices, metadata=reference),
        signer=CursorSigner((b"k" * 32,), ttl_seconds=3600),
        clock=clock,
        meter=NullMeter(),
    )
    with TestClient(bare_app(services)) as client, suppress(StopIteration):
        yield Bench(services, curves, prices, reference, clock, client)


def sample_curves() -> list[dict[str, Any]]:
    """Return two curves: eighteen months each, one quoted quarter, two as-of dates."""
    rows = []
    for curve, base in (("aa", 40), ("bb", 3)):
        for n in range(18):
            year, month = divmod(3 + n, 12)
            start = date(2026 + year, month + 1, 1)
            for asof, extra in ((ASOF, 0), (BEFORE, 1)):
                value = str(Decimal(base + n) - Decimal(extra))
                row = contract(curve, "MONTHLY", start, month_end(start), value, asof_date=asof)
                rows.append({**row, "bid": Decimal("1.50"), "ask": None})
    quarter = date(2026, 7, 1), date(2026, 9, 30)
    rows.append(contract("aa", "QUARTER", *quarter, "99.5", bid=Decimal(99), ask=Decimal(100)))
    return rows


def sample_prices() -> list[dict[str, Any]]:
    """Return a day of two ISOs, one price negative, one with a greenhouse gas component."""
    start = datetime(2026, 3, 2, 6, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(4)]
    rows = [
        interval("ERCOT", "DAY_AHEAD_HOURLY", "HB_NORTH", hour, str(n - 1) + ".250000")
        for n, hour in enumerate(hours)
    ]
    rows += [interval("ERCOT", "REAL_TIME_15_MIN", "HB_NORTH", hours[0], "10")]
    ghg = {"price_energy": Decimal(30), "price_ghg": Decimal("2.5")}
    return [*rows, interval("CAISO", "DAY_AHEAD_HOURLY", "NP15", hours[0], "32.5", **ghg)]
