"""The data path against DuckDB itself, in one run: pages, depth, exports.

`python benchmarks/data.py` loads a synthetic LMP year of 150 points (1,314,000 rows) through the
writer, starts `aurum serve` on it, and prints ratios of medians over interleaved rounds:

- `page`: an uncached page of 100 rows over HTTP against the same query on DuckDB (G6);
- `depth`: page 1,000 against page 1, both uncached (G7);
- `export`: all rows as CSV and Parquet over HTTP against DuckDB's own COPY (G13);
- `memory`: growth of the server from exporting 131,400 rows to exporting ten times as many, MB.

A page is uncached because every request names another `fields` order or range. It exits with 1 when
a ratio is beyond its limit.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

POINTS, HOURS = 150, 8760
START = datetime(2021, 1, 1, 6, tzinfo=UTC)
LIMITS = {"page": 2.0, "depth": 1.15, "csv": 2.5, "parquet": 2.5, "memory": 64.0}
COLUMNS = (
    "iso_code, market, location_id, location_name, location_type, interval_start, interval_end, "
    "interval_minutes, operating_date, hour_ending, hour_label, price_total, price_energy, "
    "price_congestion, price_loss, price_ghg, currency, uom, finality, source"
)


def build_store(folder: Path) -> None:
    """Load the year through the writer."""
    import pyarrow as pa

    from aurum_app.resources import open_writer
    from aurum_core.settings import AurumSettings, StorageSettings

    count = POINTS * HOURS
    starts = [START + timedelta(hours=n) for n in range(HOURS)]
    batch = pa.RecordBatch.from_pydict(
        {
            "iso_code": ["ERCOT"] * count,
            "market": ["DAY_AHEAD_HOURLY"] * count,
            "location_id": [f"P{point:03d}" for point in range(POINTS) for _ in range(HOURS)],
            "interval_start": pa.array(starts * POINTS, pa.timestamp("us", tz="UTC")),
            "interval_minutes": [60] * count,
            "price_total": [((n * 7919) % 9000) / 100 - 5 for n in range(count)],
            "currency": ["USD"] * count,
            "uom": ["MWh"] * count,
            "finality": ["final"] * count,
        }
    )
    settings = AurumSettings(storage=StorageSettings(data_dir=folder))
    with open_writer(settings) as writer:
        summary = writer.load("lmp", [batch], source="bench")
    assert summary.inserted == count, summary


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> bytes:
        """Return the body; anything but 200 is an error."""
        self.connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body[:500]
        return body


@contextmanager
def serving(folder: Path):
    """Run `aurum serve` and yield (port, process id)."""
    from aurum_testkit.servers import aurum_server

    with aurum_server(folder, "--no-demo", env={"AURUM_LOG_LEVEL": "error"}) as server:
        yield server.port, server.process.pid


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def versus(ours: Callable[[int], object], theirs: Callable[[int], object], rounds: int) -> float:
    """Return median(ours) / median(theirs) over interleaved calls, a warm pair before."""
    ours(-1), theirs(-1)
    pairs = [(timed(lambda n=n: ours(n)), timed(lambda n=n: theirs(n))) for n in range(rounds)]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def page_path(n: int, *, depth: int = 0) -> str:
    """Return a page of 100 rows that nobody asked for before."""
    start = START + timedelta(hours=depth * 100, minutes=0)
    # the end is far away and different each time: another URL, the same rows
    end = START + timedelta(days=400, minutes=n + 1)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    return (
        f"/v2/iso/lmp?iso=ERCOT&market=DA&limit=100&start={start.strftime(stamp)}"
        f"&end={end.strftime(stamp)}"
    )


def walk_to(client: Client, page: int) -> str:
    """Return the link of a page deep in the list."""
    link = "/v2/iso/lmp?iso=ERCOT&market=DA&limit=100"
    for _ in range(page):
        link = json.loads(client.get(link))["links"]["next"]
    return link


def peak_mb(pid: int) -> float:
    """Return the highest resident size of a process so far, MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """Return every figure."""
    import duckdb

    from aurum_dao.adapters.duckdb.snapshots import read_current

    current = read_current(folder)
    assert current is not None
    raw = duckdb.connect(str(current.path(folder)), read_only=True)
    raw.execute("SET threads = 1")
    raw.execute("SET TimeZone = 'UTC'")
    found: dict[str, float] = {}

    def query(n: int) -> object:
        return raw.execute(
            f"SELECT {COLUMNS} FROM market.lmp WHERE iso_code = ? AND market = ? AND "
            "interval_start >= ? AND interval_start < ? ORDER BY iso_code, market, location_id, "
            "interval_start, interval_minutes LIMIT 101",
            ["ERCOT", "DAY_AHEAD_HOURLY", START, START + timedelta(days=400, minutes=n)],
        ).fetchall()

    with serving(folder) as (port, pid):
        client = Client(port)
        found["page"] = versus(lambda n: client.get(page_path(n)), query, rounds)
        found["memory"] = export_growth(client, pid)
        deep = walk_to(client, 1000)
        fields = ("price_total,interval_start", "interval_start,price_total,location")
        found["depth"] = versus(
            lambda n: client.get(f"{deep}&fields={fields[0]},iso&tz={ZONES[n]}"),
            lambda n: client.get(
                f"/v2/iso/lmp?iso=ERCOT&market=DA&limit=100&fields={fields[0]},iso&tz={ZONES[n]}"
            ),
            min(rounds, len(ZONES) - 1),
        )
        raw.execute("SET threads = 2")
        with tempfile.TemporaryDirectory() as out:
            for fmt, options in (
                ("csv", "HEADER"),
                ("parquet", "FORMAT parquet, COMPRESSION zstd"),
            ):
                copy = (
                    f"COPY (SELECT {COLUMNS} FROM market.lmp ORDER BY iso_code, market, "
                    f"location_id, interval_start) TO '{out}/x.{fmt}' ({options})"
                )
                found[fmt] = versus(
                    lambda _, fmt=fmt: client.get(f"/v2/iso/lmp/export?iso=ERCOT&format={fmt}"),
                    lambda _, copy=copy: raw.execute(copy).fetchall(),
                    max(3, rounds // 20),
                )
    return found


def export_growth(client: Client, pid: int) -> float:
    """Return how much the peak grows from exporting a tenth of the points to all of them."""
    tenth = ",".join(f"P{point:03d}" for point in range(POINTS // 10))
    client.get(f"/v2/iso/lmp/export?iso=ERCOT&format=csv&location={tenth}")
    before = peak_mb(pid)
    client.get("/v2/iso/lmp/export?iso=ERCOT&format=csv")
    return max(0.0, peak_mb(pid) - before)


def zones() -> list[str]:
    """Return zones whose names make URLs differ and answers cost the same."""
    from zoneinfo import available_timezones

    return sorted(zone for zone in available_timezones() if zone.startswith("America/"))


ZONES = zones()


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "store"
        folder.mkdir()
        build_store(folder)
        found = measure(folder, chosen.rounds)
    if chosen.json:
        print(json.dumps(found))
    for name, value in found.items():
        verdict = "ok" if value <= LIMITS[name] else "BEYOND"
        print(f"{name:8} {value:7.2f}   limit {LIMITS[name]:6.2f}   {verdict}")
    return int(any(value > LIMITS[name] for name, value in found.items()))


if __name__ == "__main__":
    sys.exit(main())
