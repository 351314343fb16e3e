"""Run a command and measure it: CPU time over its whole tree of processes, wall time, memory.

On a shared machine wall time depends on what the neighbours do: ratios are made of CPU time.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
_TIMEOUT = 3600
# One thread for everybody: idle threads of a linear algebra library spin, and would be counted as work.
_ENVIRONMENT = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
# Users have compiled modules; a shell that forbids them would have us, not the peers, compile at each start.
_ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True, slots=True)
class Run:
    """One command: exit code, CPU-seconds of it and of all it started, wall seconds, what it printed."""

    exit_code: int
    cpu: float
    wall: float
    output: str
    error: str

    @property
    def why(self) -> str:
        """Give the last line that it complained with."""
        return (self.error.strip().splitlines() or ["it said nothing"])[-1]


@dataclass(frozen=True, slots=True)
class LabRun:
    """One `lab` command, with the peak memory of its parent process and of its largest child, in MiB."""

    run: Run
    parent: float
    child: float


def run(command: Sequence[str | Path]) -> Run:
    """Run a command to its end; children that it waited for are counted with it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        done = subprocess.run(
            command, env=_ENVIRONMENT, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return Run(-1, 0.0, time.monotonic() - began, "", f"stopped after {_TIMEOUT} s")
    except OSError as error:
        return Run(-1, 0.0, time.monotonic() - began, "", str(error))
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(done.returncode, cpu, wall, done.stdout, done.stderr)


def run_script(name: str, *arguments: str | Path) -> Run:
    """Run another script of this folder, in a process of its own."""
    return run([sys.executable, HERE / name, *arguments])


def run_lab(*arguments: str | Path) -> LabRun:
    """Run `lab`."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "memory.json"
        done = run_script("lab_memory.py", told, *arguments)
        memory = json.loads(told.read_bytes()) if told.exists() else {"parent": 0.0, "child": 0.0}
    return LabRun(done, memory["parent"], memory["child"])


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Give the smallest, the median and the largest."""
    return min(values), statistics.median(values), max(values)


def machine() -> str:
    """Say where and when a measure was made; the load says how far to trust its wall times."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({platform.machine()}), "
        f"{memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, load average {load}"
    )


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table whose columns also line up in a terminal; all but the first to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, [("-" * width) for width in widths], *rows):
        first, *others = row
        cells = [first.ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
