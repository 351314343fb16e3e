"""The command `python -m synthetic_data --patients 1000 --seed 2023 --out DIR`."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from synthetic_data.ndjson import write_ndjson
from synthetic_data.plan import DEFAULT_NOW, HospitalPlan


def main(arguments: list[str] | None = None) -> int:
    """Generate the hospital into a folder and print the counts; 2 on a wrong argument or folder."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic_data", description="Write the synthetic hospital as NDJSON."
    )
    parser.add_argument(
        "--patients", type=int, default=1000, help="number of patients (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=2023, help="same seed, same bytes (default: %(default)s)")
    parser.add_argument(
        "--now",
        type=datetime.fromisoformat,
        default=DEFAULT_NOW,
        help="present instant (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    try:
        plan = HospitalPlan(options.seed, options.patients, options.now)
    except ValueError as problem:
        parser.error(str(problem))
    try:
        manifest = write_ndjson(plan, options.out)
    except OSError as problem:
        parser.error(f"cannot write to {options.out}: {problem.strerror}")
    for kind, number in manifest.counts.items():
        sys.stdout.write(f"{kind:<18}{number:>9,}\n")
    sys.stdout.write(f"{'total':<18}{sum(manifest.counts.values()):>9,}  {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
