"""Load a folder of `lab data generate` into a ready store: time, CPU of all processes, memory, size."""

import argparse
import resource
import sys
import time
from pathlib import Path

from measuring import machine

from lab.sandbox.seed import from_folder

GOAL_S, GOAL_BYTES, GOAL_MEMORY = 300, 4_000_000_000, 1.5 * 2**30
CORE = "Patient,Encounter,ImagingStudy,Observation.laboratory"


def main() -> int:
    """Load once, print; exit 1 when a goal of the whole year is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("store", type=Path, help="a file that is not there yet")
    parser.add_argument("--types", default=CORE)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print(f"Begun {machine()}", flush=True)
    began = time.monotonic()
    count = from_folder(given.store, given.folder, frozenset(given.types.split(",")), _tell, given.workers)
    wall = time.monotonic() - began
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, others = (part.ru_utime + part.ru_stime for part in parts)
    memory = parts[0].ru_maxrss * 1024 + given.workers * parts[1].ru_maxrss * 1024
    size = given.store.stat().st_size
    print(
        f"\r{count:,} resources in {wall:.0f} s ({count / wall:,.0f}/s): {own:.0f} CPU-s of the writer, "
        f"{others:.0f} of {given.workers} that prepare; at most {memory / 2**20:,.0f} MiB in all; "
        f"{size / 1e9:.2f} GB, {size / count:.0f} bytes each"
    )
    print(f"Ended {machine()}")
    return 0 if wall <= GOAL_S and size <= GOAL_BYTES and memory <= GOAL_MEMORY else 1


def _tell(count: int) -> None:
    print(f"\r{count:,}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
