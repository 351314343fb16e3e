"""Run `lab` and write how much memory its processes needed at most: FILE, then the arguments of `lab`."""

import json
import resource
import sys
from pathlib import Path

from lab.cli import main

_UNITS = 2**20 if sys.platform == "darwin" else 2**10  # in a MiB: macOS counts bytes, Linux KiB


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / _UNITS


if __name__ == "__main__":  # the processes that `lab` starts read this file again
    told = Path(sys.argv.pop(1))
    try:
        main()
    finally:
        peaks = {"parent": _peak(resource.RUSAGE_SELF), "child": _peak(resource.RUSAGE_CHILDREN)}
        told.write_text(json.dumps(peaks), encoding="utf-8")
