"""What a run measured, as JSON lines that add up: the child appends every second, the parent reads it back.

A ``cell`` counts the requests of one second, route, status and outcome, with their two latency histograms.
A ``tick`` closes each flush; ``end`` closes the run. A file without ``end`` is an interrupted run.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import orjson

from lab.load.histogram import Histogram

Outcome = Literal["ok", "refusal", "leak", "error"]

_TAIL = 256  # bytes; a tick line is shorter


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


@dataclass
class Recording:
    """Everything a run recorded; ``last_sent`` is in seconds from the start."""

    cells: dict[Key, Cell] = field(default_factory=lambda: defaultdict(Cell))
    lag: Histogram = field(default_factory=Histogram)
    sent: int = 0
    dropped: int = 0
    last_sent: float = 0.0
    complete: bool = False


class Recorder:
    """Accumulates samples in the generator and appends them to a file; ``lag`` is that of the whole run."""

    def __init__(self, file: IO[bytes]) -> None:
        """Write to a binary file open for writing."""
        self.recording = Recording()
        self.lag = Histogram()
        self._file = file
        self._ended = False

    def depart(self, *, intended: float, real: float) -> None:
        """Count a request that left at ``real`` although it was due at ``intended`` (seconds)."""
        self.recording.sent += 1
        self.recording.last_sent = max(self.recording.last_sent, real)
        self.recording.lag.add(real - intended)
        self.lag.add(real - intended)

    def drop(self) -> None:
        """Count a request that could not leave because no slot was free."""
        self.recording.dropped += 1

    def sample(self, key: Key, *, intended_s: float, service_s: float) -> None:
        """Record one finished request."""
        cell = self.recording.cells[key]
        cell.intended.add(intended_s)
        cell.service.add(service_s)

    def flush(self, *, at: float, complete: bool = False) -> None:
        """Append what came since the last flush, ``at`` seconds from the start; nothing follows the end."""
        if self._ended:
            return
        self._ended = complete
        now = self.recording
        self.recording = Recording(sent=now.sent, dropped=now.dropped, last_sent=now.last_sent)
        lines: list[dict[str, Any]] = [
            {
                "kind": "cell",
                **key._asdict(),
                "intended": cell.intended.buckets,
                "service": cell.service.buckets,
            }
            for key, cell in now.cells.items()
        ]
        lines.append({"kind": "lag", "buckets": now.lag.buckets})
        counts = {"sent": now.sent, "dropped": now.dropped, "last_sent": round(now.last_sent, 6)}
        lines.append({"kind": "end" if complete else "tick", "at": round(at, 3), **counts})
        option = orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
        self._file.write(b"".join(orjson.dumps(line, option=option) for line in lines))
        self._file.flush()


def read(path: Path) -> Recording:
    """Return the recording of a file, whole or interrupted; empty when there is no file."""
    recording = Recording()
    if not path.exists():
        return recording
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break  # the child was killed while it wrote this line
        data: dict[str, Any] = orjson.loads(line)
        kind = data.pop("kind")
        if kind == "cell":
            intended, service = data.pop("intended"), data.pop("service")
            cell = recording.cells[Key(**data)]
            cell.intended.buckets.update(_buckets(intended))
            cell.service.buckets.update(_buckets(service))
        elif kind == "lag":
            recording.lag.buckets.update(_buckets(data["buckets"]))
        else:
            recording.sent, recording.dropped = data["sent"], data["dropped"]
            recording.last_sent = data["last_sent"]
            recording.complete = kind == "end"
    return recording


def progress(path: Path) -> float:
    """Return how many seconds of the run are on file, from its last line; 0 before the first flush."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            lines = file.read().splitlines(keepends=True)
    except FileNotFoundError:
        return 0.0
    if not lines or not lines[-1].startswith(b'{"kind":"tick"') or not lines[-1].endswith(b"\n"):
        return 0.0
    at: float = orjson.loads(lines[-1])["at"]
    return at


def _buckets(data: dict[str, int]) -> dict[int, int]:
    return {int(bucket): count for bucket, count in data.items()}
