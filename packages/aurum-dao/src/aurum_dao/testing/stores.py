"""Stores for reader suites: rows in, readers out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from aurum_core.auth import DEFAULT_TENANT, TenantId
from aurum_dao.ports.curves import CurveReader
from aurum_dao.ports.iso import LmpReader
from aurum_dao.ports.metadata import MetadataReader
from aurum_dao.ports.paging import Page, Pin, Window

R = TypeVar("R")
Tables = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by table name: `market.curve_observation`, `ref.curve` …"""
ReadPage = Callable[[Window], Awaitable[Page[R]]]


class Adds(Protocol):
    """Adds rows as the next load."""

    async def __call__(self, tables: Tables, *, data_version: int) -> None:
        """Make the rows visible to reads that start now."""
        ...


@dataclass
class ReaderStore:
    """One warehouse and the readers over it."""

    curves: CurveReader
    prices: LmpReader
    metadata: MetadataReader
    adds: Adds
    version: int = 0

    async def add(self, tables: Tables) -> None:
        """Add rows as the next load; facts bring their own versions."""
        self.version += 1
        await self.adds(tables, data_version=self.version)

    def pin(
        self,
        *,
        known_at: datetime | None = None,
        tenant: str = DEFAULT_TENANT,
        version: int | None = None,
    ) -> Pin:
        """Return a pin at the newest load, or at an older one."""
        pinned = self.version if version is None else version
        return Pin(data_version=pinned, known_at=known_at, tenant=TenantId(tenant))


class ReaderSuite:
    """What suites have in common: a store per test, in a loop of its own."""

    golden: Path | None = None
    """Where the golden files are; None skips what needs them."""

    def open_store(self) -> AbstractAsyncContextManager[ReaderStore]:
        """Return an empty store; every subclass gives its own."""
        raise NotImplementedError

    def open_plain_store(self) -> AbstractAsyncContextManager[ReaderStore]:
        """Return an empty store of the plain-Python warehouse, which properties are judged by."""
        raise NotImplementedError

    def check(self, scenario: Callable[[ReaderStore], Awaitable[None]], *loads: Tables) -> None:
        """Run a scenario over a store that holds these loads."""

        async def run() -> None:
            async with self.open_store() as store:
                for tables in loads:
                    await store.add(tables)
                await scenario(store)

        asyncio.run(run())

    def golden_file(self, name: str) -> Path:
        """Return a golden file; the test is skipped where there is none."""
        path = None if self.golden is None else self.golden / name
        if path is None or not path.exists():
            pytest.skip(f"{name} is not beside the tests")
        return path


async def walk(read: ReadPage[R], limit: int, *, between: Callable[[int], Any] = int) -> list[R]:
    """Return the rows of every page from the first on; `between` may await between two."""
    rows: list[R] = []
    window, number = Window(limit=limit), 0
    while True:
        page = await read(window)
        assert len(page.rows) <= limit  # noqa: S101 - a suite asserts
        rows += page.rows
        if not page.has_next:
            return rows
        window, number = Window(limit=limit, after=page.last_key), number + 1
        pause = between(number)
        if asyncio.iscoroutine(pause):
            await pause


async def walk_back(read: ReadPage[R], limit: int) -> list[R]:
    """Return the rows of every page, read from the last row backwards."""
    page = await read(Window(limit=100_000))
    if not page.rows:
        return []
    rows, key = page.rows[-1:], page.last_key
    while True:
        page = await read(Window(limit=limit, before=key))
        assert page.has_next  # noqa: S101 - the row of the key follows
        rows[:0] = page.rows
        if not page.has_previous:
            return rows
        key = page.first_key
