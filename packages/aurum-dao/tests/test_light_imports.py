"""What a floor above imports brings no driver with it."""

import subprocess
import sys

import pytest

HEAVY = ("pyarrow", "duckdb", "sqlalchemy", "msgspec", "redis")


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("aurum_dao.ports.curves, aurum_dao.ports.iso, aurum_dao.ports.metadata", HEAVY),
        ("aurum_dao.ports.warehouse, aurum_dao.schemas.catalogue", HEAVY),
        ("aurum_dao.sql.keyset, aurum_dao.offload", HEAVY),
        (
            "aurum_dao.warehouse.curves, aurum_dao.warehouse.iso, aurum_dao.warehouse.metadata",
            HEAVY,
        ),
        ("aurum_dao.adapters.duckdb.runner", HEAVY),
        ("aurum_dao.adapters.memory.curves, aurum_dao.adapters.memory.iso", HEAVY),
        ("aurum_dao.adapters.memory.cache, aurum_dao.adapters.memory.rate_limits", HEAVY),
        ("aurum_dao.adapters.redis.link, aurum_dao.adapters.redis.cache", HEAVY),
        ("aurum_dao.adapters.redis.invalidation, aurum_dao.adapters.redis.rate_limits", HEAVY),
    ],
)
def test_importing_it_imports_no_driver(module, heavy):
    program = f"import sys, {module}; print(*(m for m in {heavy!r} if m in sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
