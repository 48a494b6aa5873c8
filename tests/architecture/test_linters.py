"""Each rule of tools/linters finds its fault and leaves the honest neighbour alone."""

import pytest

from tools.linters import check_source

FAULTS = {
    "global": ["def f():\n    global x\n    x = 1"],
    "module-state": [
        "CACHE = {}",
        "SEEN: set[str] = set()",
        "rows = [one for one in range(3)]",
        "from collections import deque\nLAST = deque(maxlen=3)",
        "import asyncio\nGATE = asyncio.Lock()",
        "try:\n    import fast\nexcept ImportError:\n    pass\nelse:\n    FOUND = {}",
        "from typing import Final\nTABLE: Final[dict[str, int]] = {'a': 1}",
    ],
    "naive-clock": [
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = datetime.datetime.utcnow()",
        "from datetime import date\nx = date.today()",
    ],
    "sql-outside-dao": [
        "q = 'SELECT 1'",
        "q = f'''\n  DELETE FROM {1}'''",
        "q = 'MERGE INTO t USING s'",
        "q = 'CREATE TABLE t (a INT)'",
    ],
    "silent-except": [
        "try:\n    f()\nexcept:\n    pass",
        "try:\n    f()\nexcept Exception:\n    pass",
    ],
    "base-http-middleware": [
        "from starlette.middleware.base import BaseHTTPMiddleware",
        "import starlette.middleware.base",
    ],
    "dynamic-import": [
        "import importlib\nx = importlib.import_module('a')",
        "from importlib import import_module",
        "x = __import__('a')",
    ],
    "environment": [
        "import os\nx = os.environ['A']",
        "from os import getenv",
        "import os\nx = os.getenv('A')",
    ],
}

HONEST = [
    "__all__ = ['a']",
    "NAMES = ('a', 'b')",
    "from types import MappingProxyType\nTABLE = MappingProxyType({'a': 1})",
    "from typing import Final\nfrom collections.abc import Mapping\nT: Final[Mapping[str, int]] = {'a': 1}",
    "ALLOWED = frozenset({'a'})",
    "def f():\n    seen = {}\n    return seen",
    "class A:\n    __slots__ = ('a',)",
    "from datetime import UTC, datetime\nx = datetime.now(UTC)",
    "text = 'Select a curve'",
    "text = 'Update the page'",
    "try:\n    f()\nexcept KeyError:\n    pass",
    "from importlib.metadata import version",
    "import os\nx = os.getpid()",
]

CASES = [(rule, source) for rule, sources in FAULTS.items() for source in sources]


@pytest.mark.parametrize(("rule", "source"), CASES)
def test_a_fault_is_found(rule: str, source: str):
    assert {fault.rule for fault in check_source(source, "aurum_app.planted")} == {rule}


@pytest.mark.parametrize("source", HONEST)
def test_honest_code_passes(source: str):
    assert check_source(source, "aurum_app.planted") == []


def test_sql_is_at_home_in_the_dao():
    assert check_source("q = 'SELECT 1'", "aurum_dao.warehouse.curves") == []


def test_one_module_reads_the_environment():
    assert check_source("import os\nx = os.environ", "aurum_core.settings.env") == []
