"""What is counted while the server runs, by all its workers together, and how Prometheus reads it.

The numbers lie in memory that the workers share, a row for each: nothing is written to a disk, so that a read-only
container counts too, and a worker that is started again goes on where the one before ended.
"""

from __future__ import annotations

import mmap
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_ROUTES: Final = 64
_STATUSES: Final = (200, 204, 206, 303, 304, 400, 401, 403, 404, 405, 413, 416, 429, 499, 500, 503)
#: Upper ends in seconds (own choice: from a kept page to the longest that a request may take).
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
#: What each worker tells of itself, and whether it only grows.
_TELLS: Final = {
    "resident_bytes": (False, "Memory of the worker"),
    "connections": (False, "Connections that are open"),
    "running": (False, "Works that are being done"),
    "waiting": (False, "Requests that wait for a thread"),
    "kept_bytes": (False, "Pages that are kept for who asks next"),
    "refused": (True, "Connections that were refused"),
    "evicted": (True, "Connections that were closed for others"),
    "late": (True, "Connections that were too slow"),
    "malformed": (True, "Requests that were none, or too large"),
    "damaged": (True, "Answers that failed because an object of the store is damaged"),
}
#: A worker that has told nothing for so long is gone, in seconds.
_GONE_S: Final = 10.0
_WIDTH: Final = len(_STATUSES) + 1 + len(_SECONDS) + 2  # by status and another; by duration, longer ones; seconds
_SELF: Final = 1 + len(_TELLS)


class Meter:
    """Counts of requests by route, and what each worker tells of itself.

    Parameters
    ----------
    rows
        Workers that count, at most.
    """

    def __init__(self, rows: int = 1) -> None:
        """Share the memory among the processes that are forked from this one."""
        size = rows * (_ROUTES * _WIDTH + _SELF)
        cells = np.frombuffer(mmap.mmap(-1, size * 8), np.float64).reshape(rows, -1)
        self._counts = cells[:, _SELF:].reshape(rows, _ROUTES, _WIDTH)
        self._selves = cells[:, :_SELF]
        self._routes: dict[str, int] = {"": 0}
        self.row = 0

    def know(self, routes: Iterable[str]) -> None:
        """Give each route its place, the same in every worker; those that find none count as others."""
        for route in sorted(set(routes)):
            if len(self._routes) < _ROUTES:
                self._routes.setdefault(route, len(self._routes))

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        cells = self._counts[self.row, self._routes.get(route, 0)]
        cells[_STATUSES.index(status) if status in _STATUSES else len(_STATUSES)] += 1
        cells[len(_STATUSES) + 1 + bisect_left(_SECONDS, seconds)] += 1
        cells[-1] += seconds

    def tell(self, **values: float) -> None:
        """Note what this worker tells of itself."""
        row = self._selves[self.row]
        row[0] = time.time()
        for k, name in enumerate(_TELLS, 1):
            row[k] = values.get(name, row[k])

    def add(self, **values: float) -> None:
        """Add to what this worker tells of itself."""
        row = self._selves[self.row]
        for k, name in enumerate(_TELLS, 1):
            row[k] += values.get(name, 0.0)

    def text(self, more: Sequence[Metric] = ()) -> bytes:
        """Return everything in the text format of Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Read(self, more))
        return generate_latest(registry)

    def families(self) -> Iterator[Metric]:
        """Yield what was counted: by route together, by worker apart."""
        counts = self._counts.sum(axis=0)
        yield from _by_route(self._routes, counts)
        alive = np.flatnonzero(self._selves[:, 0] > time.time() - _GONE_S)
        for k, (name, (grows, about)) in enumerate(_TELLS.items(), 1):
            family: Metric
            if grows:
                family = CounterMetricFamily(f"drainage_{name}", about, value=float(self._selves[:, k].sum()))
            else:
                family = GaugeMetricFamily(f"drainage_{name}", about, labels=["worker"])
                for worker in alive:
                    family.add_metric([str(worker)], float(self._selves[worker, k]))
            yield family


def _by_route(routes: dict[str, int], counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Iterator[Metric]:
    answered = CounterMetricFamily("drainage_requests", "Requests that were answered", labels=["route", "status"])
    took = HistogramMetricFamily("drainage_request_seconds", "How long an answer took", labels=["route"])
    statuses = [*map(str, _STATUSES), "other"]
    ends = [*map(str, _SECONDS), "+Inf"]
    for route, place in routes.items():
        cells = counts[place]
        for status, count in zip(statuses, cells, strict=False):
            if count:
                answered.add_metric([route or "other", status], float(count))
        durations = list(accumulate(cells[len(statuses) : -1].tolist()))
        if durations[-1]:
            took.add_metric([route or "other"], list(zip(ends, durations, strict=True)), float(cells[-1]))
    yield from (answered, took)


class _Read(Collector):
    """What Prometheus asks."""

    def __init__(self, meter: Meter, more: Sequence[Metric]) -> None:
        """Keep what is read."""
        self.meter, self.more = meter, more

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        yield from self.meter.families()
        yield from self.more
