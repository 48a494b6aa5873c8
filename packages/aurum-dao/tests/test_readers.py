"""Both warehouses keep the readers' promises."""

from pathlib import Path

import pytest

from aurum_dao.testing.readers import (
    CurvePagesBehaviour,
    CurveReaderBehaviour,
    LmpReaderBehaviour,
    MetadataReaderBehaviour,
)


class OnDuckDb:
    golden = Path(__file__).parent / "golden"

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _stores(cls, duckdb_store, memory_store):
        cls.open_store = staticmethod(duckdb_store)
        cls.open_plain_store = staticmethod(memory_store)


class InMemory:
    golden = Path(__file__).parent / "golden"

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _stores(cls, memory_store):
        cls.open_store = staticmethod(memory_store)
        cls.open_plain_store = staticmethod(memory_store)


class TestCurvesOnDuckDb(OnDuckDb, CurveReaderBehaviour):
    pass


class TestCurvePagesOnDuckDb(OnDuckDb, CurvePagesBehaviour):
    pass


class TestPricesOnDuckDb(OnDuckDb, LmpReaderBehaviour):
    pass


class TestMetadataOnDuckDb(OnDuckDb, MetadataReaderBehaviour):
    pass


class TestCurvesInMemory(InMemory, CurveReaderBehaviour):
    pass


class TestCurvePagesInMemory(InMemory, CurvePagesBehaviour):
    pass


class TestPricesInMemory(InMemory, LmpReaderBehaviour):
    pass


class TestMetadataInMemory(InMemory, MetadataReaderBehaviour):
    pass
