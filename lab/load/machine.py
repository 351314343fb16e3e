"""The machine that a load was played on, in one line: latencies of two machines are two things.

It names no host: the kind of processor, its cores, the memory; any other machine may have the same.
Source: https://man7.org/linux/man-pages/man5/proc_cpuinfo.5.html
"""

import os
import platform
from pathlib import Path

import psutil

MACHINE_FILE = "machine.txt"
_CPUINFO = Path("/proc/cpuinfo")


def machine() -> str:
    """Return this machine in one line, such as ``Xeon Platinum, x86_64, 2 cores, 24 GiB``."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{_processor()}, {platform.machine()}, {os.cpu_count()} cores, {memory} GiB"


def machine_of(folder: Path) -> str:
    """Return the machine that the load of a folder was played on, empty where that was not noted."""
    path = folder / MACHINE_FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _processor() -> str:
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.system()
