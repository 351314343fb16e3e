"""Tells Locust's own statistics, its console and its web page what was recorded, once a second.

Its request event costs as much as a request; what it counts is counted here, for all requests of a second.
Source: https://docs.locust.io/en/stable/api.html#locust.stats.StatsEntry
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from lab.load.arrival import TOKEN
from lab.load.histogram import Histogram, middle_ms
from lab.load.record import Cell, Key
from lab.load.reserved import BESIDE


def tell_locust(statistics: Any, cells: Mapping[Key, Cell]) -> None:
    """Add the requests of some cells to the ``RequestStats`` of a Locust environment."""
    for key, cell in cells.items():
        if key.route in BESIDE:
            continue
        method = "POST" if key.route == TOKEN else "GET"
        for entry in (statistics.get(key.route, method), statistics.total):
            _add(entry, cell)
        if key.reason:
            for _ in range(cell.count):
                statistics.log_error(method, key.route, key.reason)


def _add(entry: Any, cell: Cell) -> None:
    now = int(time.time())
    entry.num_requests += cell.count
    entry.num_reqs_per_sec[now] = entry.num_reqs_per_sec.get(now, 0) + cell.count
    entry.last_request_timestamp = time.time()
    for took, count in _milliseconds(cell.intended):
        entry.total_response_time += took * count
        entry.min_response_time = min(entry.min_response_time or took, took)
        entry.max_response_time = max(entry.max_response_time, took)
        rounded = round(took) if took < 100 else round(took, -1 if took < 1_000 else -2)
        entry.response_times[rounded] = entry.response_times.get(rounded, 0) + count


def _milliseconds(histogram: Histogram) -> Iterator[tuple[float, int]]:
    for bucket, count in histogram.buckets.items():
        yield middle_ms(bucket), count
