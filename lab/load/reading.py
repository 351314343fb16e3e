"""Reads what generators recorded: whole or interrupted, one file or several, at the end or while it grows."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import orjson

from lab.load.record import Key, Recording, Tick

SAMPLES_FILE = "samples.jsonl"
RESULTS_FOLDER = "results"
"""Where generators in containers leave theirs, beside the plan."""


def samples_files(folder: Path, workers: int) -> list[Path]:
    """Return the file of each generator of a run: ``samples.jsonl``, or ``samples-1.jsonl`` and so on."""
    if workers == 1:
        return [folder / SAMPLES_FILE]
    stem, dot, suffix = SAMPLES_FILE.partition(".")
    return [folder / f"{stem}-{number}{dot}{suffix}" for number in range(1, workers + 1)]


class Following:
    """The recording of one file, as far as it is written; ``catch_up`` reads on from there."""

    def __init__(self, path: Path) -> None:
        """Follow a file that may not be there yet."""
        self.recording = Recording()
        self.at = 0.0
        self._path = path
        self._file: IO[bytes] | None = None
        self._rest = b""
        self._ticks: list[Tick] = []

    def catch_up(self) -> bool:
        """Read what is new; tell whether anything was."""
        if self._file is None:
            if not self._path.exists():
                return False
            self._file = self._path.open("rb")
        new = self._file.read()
        *lines, self._rest = (self._rest + new).split(b"\n")  # the last line may be half written
        for line in lines:
            self._take(orjson.loads(line))
        if lines:
            self.recording.ticks = (tuple(self._ticks),)
        return bool(lines)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _take(self, data: dict[str, Any]) -> None:
        recording = self.recording
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
            self.at = data["at"]
            self._ticks.append(Tick(data["at"], data.get("cpu", 0.0), data.get("drift", 0.0)))


def read(path: Path) -> Recording:
    """Return the recording of a file, whole or interrupted; empty when there is no file."""
    following = Following(path)
    following.catch_up()
    following.close()
    return following.recording


def merged(recordings: Iterable[Recording]) -> Recording:
    """Return the sum of what several generators recorded: histograms add up, percentiles are never averaged.

    It is complete when each of them is.
    """
    whole = Recording(complete=True)
    for one in recordings:
        for key, cell in one.cells.items():
            whole.cells[key].intended.buckets.update(cell.intended.buckets)
            whole.cells[key].service.buckets.update(cell.service.buckets)
        whole.lag.buckets.update(one.lag.buckets)
        whole.sent += one.sent
        whole.dropped += one.dropped
        whole.last_sent = max(whole.last_sent, one.last_sent)
        whole.complete = whole.complete and one.complete
        whole.ticks += one.ticks
    return whole


def _buckets(data: dict[str, int]) -> dict[int, int]:
    return {int(bucket): count for bucket, count in data.items()}
