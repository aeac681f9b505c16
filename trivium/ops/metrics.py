"""Figures of a running service in the form that Prometheus reads."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from trivium.ports import Account

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_MANY: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure as it is at the moment when it is asked for."""

    name: str
    about: str
    labels: tuple[tuple[str, str], ...]
    value: float


Gauges = Callable[[], Iterable[Gauge]]
"""Asked whenever somebody reads the metrics. Has to leave out what fails."""


class Metrics:
    """What is counted since the process began, and what `gauges` tell. Any thread may count."""

    def __init__(self, gauges: Gauges, folder: Path | None = None) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_Asked(gauges, folder))
        self._lock = threading.Lock()
        self._received: dict[tuple[str, str], tuple[int, float]] = {}
        where = ["domain", "source"]
        self._records = Counter(
            "trivium_records", "Records by what became of them.", [*where, "verdict"], registry=self._registry
        )
        self._commits = Counter("trivium_commits", "Commits made.", where, registry=self._registry)
        self._commit = Histogram(
            "trivium_commit_seconds", "Time that a commit took.", where, buckets=_SECONDS, registry=self._registry
        )
        self._group = Histogram(
            "trivium_commit_deliveries", "Deliveries of a commit.", where, buckets=_MANY, registry=self._registry
        )
        self._requests = Counter(
            "trivium_http_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._answered = Histogram(
            "trivium_http_request_seconds", "Time from a request to its answer.", ["method", "route"],
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._told: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def received(self) -> dict[tuple[str, str], tuple[int, float]]:
        """For each domain and source how many records were received, and when the last commit was made (seconds since
        1970)."""
        with self._lock:
            return dict(self._received)

    def committed(self, domain: str, source: str, deliveries: int, account: Account, seconds: float) -> None:
        """A commit was made of so many deliveries with this account."""
        with self._lock:
            before, _ = self._received.get((domain, source), (0, 0.0))
            self._received[domain, source] = (before + max(account.received, 0), time.time())
        for verdict in ("accepted", "rejected", "ignored"):
            self._records.labels(domain, source, verdict).inc(max(getattr(account, verdict), 0))
        self._commits.labels(domain, source).inc()
        self._commit.labels(domain, source).observe(seconds)
        self._group.labels(domain, source).observe(deliveries)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        told = self._told.get((method, route, status))
        if told is None:
            told = self._requests.labels(method, route, str(status)), self._answered.labels(method, route)
            self._told[method, route, status] = told
        told[0].inc()
        told[1].observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Asked(Collector):
    """What is asked for when it is read."""

    def __init__(self, gauges: Gauges, folder: Path | None) -> None:
        self._gauges, self._folder = gauges, folder

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for one in (*self._gauges(), *self._room()):
            names = [name for name, _ in one.labels]
            family = families.setdefault(one.name, GaugeMetricFamily(one.name, one.about, labels=names))
            family.add_metric([value for _, value in one.labels], one.value)
        yield from families.values()

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())  # asking is for when somebody reads

    def _room(self) -> Iterator[Gauge]:
        if self._folder is not None and self._folder.exists():
            free = shutil.disk_usage(self._folder).free
            yield Gauge("trivium_disk_free_bytes", "Room on the disk of the stores.", (), free)
