"""What the processes of a run use while it lasts: processor and memory, with all that they started.

Read from the operating system (https://psutil.readthedocs.io/en/latest/#psutil.Process) and kept beside the
samples, so that the run can be judged again.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import orjson
import psutil

from lab.model.load import Usage

USAGE_FILE = "usage.jsonl"


class Meter:
    """Measures some processes now and then, at least a second apart; one that is gone is left out."""

    def __init__(self, processes: Mapping[str, int], file: Path) -> None:
        """Measure process ids by name, and append to ``file``, which begins empty."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
        self._file = file
        self._processes = dict(processes)
        self._before: dict[str, tuple[float, float]] = {}

    def measure(self, t: float) -> None:
        """Append what each uses at ``t`` seconds of the run; the processor is a mean since the last time."""
        now = time.monotonic()
        lines = []
        for name, pid in self._processes.items():
            with suppress(psutil.Error):
                cpu_s, memory = _used(psutil.Process(pid))
                since, before = self._before.get(name, (0.0, 0.0))
                if name not in self._before or now - since >= 1:
                    self._before[name] = now, cpu_s
                if since and now - since >= 1:
                    cores = max(0.0, cpu_s - before) / (now - since)
                    lines.append(orjson.dumps(Usage(round(t, 3), name, round(cores, 4), memory)) + b"\n")
        if lines:
            with self._file.open("ab") as file:
                file.write(b"".join(lines))


def read_usage(file: Path) -> tuple[Usage, ...]:
    """Return what was measured; a last line that was cut is left out."""
    if not file.exists():
        return ()
    whole = (line for line in file.read_bytes().splitlines(keepends=True) if line.endswith(b"\n"))
    return tuple(Usage(**orjson.loads(line)) for line in whole)


def _used(process: psutil.Process) -> tuple[float, int]:
    """Return the seconds of processor and the bytes of memory of a process and of all that it started."""
    cpu_s, memory = 0.0, 0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # it ended meanwhile
            times = one.cpu_times()
            cpu_s += times.user + times.system
            memory += one.memory_info().rss
    return cpu_s, memory
