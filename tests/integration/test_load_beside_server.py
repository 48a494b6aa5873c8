"""A load beside a running server: no failed request, every answer from before or after it."""

import json
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from aurum_testkit.servers import aurum_server

pytestmark = pytest.mark.integration
HEADER = (
    "iso_code,market,location_id,interval_start,interval_minutes,price_total,currency,uom,finality"
)
LOADS = 4
HOURS = 48


def lmp_file(folder: Path, number: int) -> Path:
    """Write a file in which every hour has the price of the load: a mix would show."""
    path = folder / f"load-{number}.csv"
    lines = [HEADER]
    for hour in range(HOURS):
        start = f"2026-03-{2 + hour // 24:02d}T{hour % 24:02d}:00:00Z"
        lines.append(f"PJM,DAY_AHEAD_HOURLY,BESIDE,{start},60,{number}.00,USD,USD/MWh,final")
    path.write_text("\n".join(lines) + "\n")
    return path


def load(store: Path, path: Path) -> str:
    program = str(Path(sys.executable).with_name("aurum"))
    command = [program, "load", "lmp", str(path), "--data-dir", str(store), "--source", "test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Reader(threading.Thread):
    """Asks again and again and keeps the set of prices of every answer."""

    def __init__(self, url: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.url, self.stop = url, stop
        self.seen: list[tuple[int, frozenset[float], int]] = []
        self.failures: list[str] = []

    def run(self) -> None:
        while not self.stop.wait(0.01):  # the loader wants its share of the machine
            try:
                with urllib.request.urlopen(self.url, timeout=15) as answer:
                    body = json.load(answer)
            except Exception as error:  # noqa: BLE001 - any failure at all is the finding
                self.failures.append(repr(error))
                continue
            prices = frozenset(row["price_total"] for row in body["data"])
            self.seen.append((len(body["data"]), prices, body["meta"]["data_version"]))


def test_every_answer_is_from_before_or_after_a_load(tmp_path):
    store = tmp_path / "store"
    load(store, lmp_file(tmp_path, 1))
    with aurum_server(store, "--no-demo") as server:
        query = "iso=PJM&location=BESIDE&limit=1000"
        urls = [
            f"{server.url}/v2/iso/lmp?{query}",
            f"{server.url}/v2/iso/lmp?{query}&fields=price_total",
        ]
        stop = threading.Event()
        readers = [Reader(url, stop) for url in urls]
        for reader in readers:
            reader.start()
        for number in range(2, LOADS + 1):
            load(store, lmp_file(tmp_path, number))
        stop.wait(1.5)  # a process learns of a load within a second
        stop.set()
        for reader in readers:
            reader.join()
        assert "Traceback" not in server.printed()
    for reader in readers:
        assert not reader.failures
        assert {rows for rows, _, _ in reader.seen} == {HOURS}
        assert all(len(prices) == 1 for _, prices, _ in reader.seen), "an answer mixes two loads"
        versions = [version for _, _, version in reader.seen]
        assert versions == sorted(versions)
        assert reader.seen[-1][1] == {LOADS}
        assert len({prices for _, prices, _ in reader.seen}) >= 3
