"""A loader in a process of its own, for the test that kills it.

Reads `<value>` lines; for each it forks a child that loads ten rows of that value, writes the
child's pid, waits for it and writes its exit status. The imports are paid for once.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb  # noqa: F401 - paid for before the fork
import pyarrow as pa

import aurum_dao.warehouse.validation  # noqa: F401
from aurum_dao.adapters.duckdb.writer import DuckDbWriter
from aurum_dao.adapters.sqlite.engine import open_load_ledger

ROWS = 10
START = datetime(2026, 3, 3, 5, tzinfo=UTC)


def rows(value: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        [
            {
                "iso_code": "PJM",
                "market": "DA",
                "location_id": "WEST",
                "interval_start": START + timedelta(hours=n),
                "price_total": float(value),
            }
            for n in range(ROWS)
        ]
    )


def load(folder: Path, value: int) -> None:
    ledger = open_load_ledger(folder / "operational.db")
    writer = DuckDbWriter(folder / "warehouse", ledger)
    writer.load("lmp", [rows(value)], source="pjm", content_hash=str(value))
    ledger.close()


def main() -> None:
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            load(folder, int(line))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
