"""What a run measured, as JSON lines that add up: each generator appends every second, the parent reads.

A ``cell`` counts the requests of one second, route, status and outcome, with their two latency histograms.
A ``tick`` closes each flush; ``end`` closes the run. A file without ``end`` is an interrupted run.
"""

import time
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from typing import IO, Any, Literal, NamedTuple

import orjson

from lab.load.appending import append
from lab.load.error import LoadError
from lab.load.histogram import Histogram

Outcome = Literal["ok", "refusal", "leak", "error"]


class Key(NamedTuple):
    """What the requests of a cell have in common; ``second`` is that of their intended time."""

    second: int
    route: str
    status: int
    outcome: Outcome
    reason: str


@dataclass
class Cell:
    """The requests of one key: latency from the intended time, and service time from the real departure."""

    intended: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)

    @property
    def count(self) -> int:
        """How many requests."""
        return self.intended.buckets.total()


class Tick(NamedTuple):
    """The generator at one instant, in seconds: of the run, of its processor, and of the wall clock's jumps.

    ``cpu`` is what the process has used since it began; ``drift`` how far the wall clock went from the
    monotonic one since then.
    """

    at: float
    cpu: float
    drift: float


@dataclass
class Recording:
    """Everything a run recorded; ``last_sent`` is in seconds from the start, ``ticks`` are by generator."""

    cells: dict[Key, Cell] = field(default_factory=lambda: defaultdict(Cell))
    lag: Histogram = field(default_factory=Histogram)
    sent: int = 0
    dropped: int = 0
    last_sent: float = 0.0
    complete: bool = False
    ticks: tuple[tuple[Tick, ...], ...] = ()


class Recorder:
    """Keeps samples as they come and appends their histograms to a file; ``lag`` is that of the whole run.

    A sample costs an append; what it takes to sort it into a bucket is done for all of them, once a second.
    """

    def __init__(self, file: IO[bytes]) -> None:
        """Write to a binary file open for writing."""
        self.lag = Histogram()
        self.sent = 0
        self.dropped = 0
        self.last_sent = 0.0
        self._samples: dict[tuple[int, str, int, Outcome, str], tuple[array[float], array[float]]] = {}
        self._lags: array[float] = array("d")
        self._file = file
        self._ended = False
        self._clocks = time.time() - time.monotonic()

    def depart(self, *, intended: float, real: float) -> None:
        """Count a request that left at ``real`` although it was due at ``intended`` (seconds)."""
        self._lags.append(real - intended)
        self.last_sent = real

    def drop(self) -> None:
        """Count a request that could not leave because no slot was free."""
        self.dropped += 1

    def sample(self, key: tuple[int, str, int, Outcome, str], *, intended_s: float, service_s: float) -> None:
        """Record one finished request; ``key`` holds the fields of a Key."""
        both = self._samples.get(key)
        if both is None:
            both = self._samples[key] = (array("d"), array("d"))
        both[0].append(intended_s)
        both[1].append(service_s)

    def flush(self, *, at: float, complete: bool = False) -> dict[Key, Cell]:
        """Append what came since the last flush, ``at`` seconds from the start; nothing follows the end.

        Returns what it appended.

        Raises:
            LoadError: the file takes no more; what is in it stays.
        """
        if self._ended:
            return {}
        self._ended = complete
        samples, self._samples = self._samples, {}
        lags, self._lags = self._lags, array("d")
        lag = Histogram.of(lags)
        self.lag.buckets.update(lag.buckets)
        self.sent += len(lags)
        cells = {Key(*key): Cell(*map(Histogram.of, both)) for key, both in samples.items()}
        lines: list[dict[str, Any]] = [
            {
                "kind": "cell",
                **key._asdict(),
                "intended": cell.intended.buckets,
                "service": cell.service.buckets,
            }
            for key, cell in cells.items()
        ]
        lines.append({"kind": "lag", "buckets": lag.buckets})
        drift = time.time() - time.monotonic() - self._clocks
        lines.append(
            {
                "kind": "end" if complete else "tick",
                "at": round(at, 3),
                "sent": self.sent,
                "dropped": self.dropped,
                "last_sent": round(self.last_sent, 6),
                "cpu": round(time.process_time(), 4),
                "drift": round(drift, 4),
            }
        )
        option = orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
        self._write(b"".join(orjson.dumps(line, option=option) for line in lines))
        return cells

    def _write(self, text: bytes) -> None:
        try:
            append(self._file, text)
        except LoadError:
            self._ended = True  # half a line may be there: nothing may follow it
            raise
