"""Metrics of one app: plain numbers counted on the event loop, rendered by prometheus-client.

A request only leaves its facts; they are counted many at once, or when Prometheus asks. Label sets
are closed: surface, route template, method, status, cache outcome.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from aurum_app.dispatch import RouteEntry

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED: Final = "unmatched"
BATCH: Final = 512
Labels = tuple[str, str, str, str]
Facts = tuple["RouteEntry | None", str, str, int, str]
"""Route, surface, method, status, cache outcome."""


@dataclass(slots=True)
class Series:
    """Requests of one label set."""

    count: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def observe(self, seconds: float) -> None:
        """Count one request."""
        self.count += 1
        self.seconds += seconds
        self.buckets[bisect_left(BOUNDS, seconds)] += 1


class HttpMetrics(Collector):
    """Requests by surface, route template, method and status; what became of reads."""

    def __init__(self) -> None:
        self._series: dict[Labels, Series] = {}
        self._cache: dict[str, int] = {}
        self._noted: list[tuple[Facts, float]] = []

    def record(self, facts: Facts, seconds: float) -> None:
        """Note one request."""
        self._noted.append((facts, seconds))
        if len(self._noted) >= BATCH:
            self._count()

    def _count(self) -> None:
        noted, self._noted = self._noted, []
        for (entry, surface, method, status, cache), seconds in noted:
            template = UNMATCHED if entry is None else entry.template
            labels = surface, template, method if method in METHODS else "other", str(status)
            series = self._series.get(labels)
            if series is None:
                series = self._series[labels] = Series()
            series.observe(seconds)
            if cache:
                self._cache[cache] = self._cache.get(cache, 0) + 1

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """Yield the metrics as Prometheus knows them."""
        self._count()
        names = ("surface", "route", "method", "status")
        total = CounterMetricFamily("aurum_http_requests", "Requests answered.", labels=names)
        times = HistogramMetricFamily(
            "aurum_http_request_seconds", "Time to the last byte.", labels=names[:3]
        )
        merged: dict[tuple[str, str, str], Series] = {}
        for labels, series in self._series.items():
            total.add_metric(labels, series.count)
            into = merged.setdefault(labels[:3], Series())
            into.count += series.count
            into.seconds += series.seconds
            into.buckets = [a + b for a, b in zip(into.buckets, series.buckets, strict=True)]
        for key, series in merged.items():
            times.add_metric(key, list(_cumulative(series)), series.seconds)
        outcomes = CounterMetricFamily(
            "aurum_http_cache", "Reads by what became of them.", labels=("outcome",)
        )
        for outcome, count in self._cache.items():
            outcomes.add_metric((outcome,), count)
        yield from (total, times, outcomes)


class PrometheusMeter:
    """The floors' meter (`aurum_core.telemetry.Meter`) on one registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter; its label names are those of the first call."""
        counter = self._counters.get(name)
        if counter is None:
            counter = Counter(name, name, tuple(labels), registry=self.registry)
            self._counters[name] = counter
        (counter.labels(**labels) if labels else counter).inc(amount)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Record a duration; its label names are those of the first call."""
        histogram = self._histograms.get(name)
        if histogram is None:
            histogram = Histogram(name, name, tuple(labels), registry=self.registry)
            self._histograms[name] = histogram
        (histogram.labels(**labels) if labels else histogram).observe(seconds)


def render_metrics(*registries: CollectorRegistry) -> bytes:
    """Return the exposition text of several registries."""
    return b"".join(generate_latest(registry) for registry in registries)


def _cumulative(series: Series) -> Iterator[tuple[str, float]]:
    running = 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), series.buckets, strict=True):
        running += count
        yield bound, running
