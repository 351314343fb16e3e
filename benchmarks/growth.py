"""Measure how the cost of a hospital grows with its size: generation, verification, the six core counts.

Linear growth shows as a CPU time per added resource that does not change from one scale to the next.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measuring import LabRun, machine, print_table, run_lab, run_script, spread

TINY = "0.001"
CORE_KINDS = ("Encounter", "ImagingStudy", "Observation.laboratory")
"""What the six published counts are made of: stays, consultations, MRI, CT, PET, laboratory acts."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """Repeated runs of a command at one scale, on a folder of so many resources and compressed bytes."""

    command: str
    scale: str
    runs: tuple[LabRun, ...]
    resources: int
    bytes: int

    @property
    def cpu(self) -> float:
        """Give the median CPU-seconds."""
        return spread([one.run.cpu for one in self.runs])[1]

    @property
    def cpu_per_million(self) -> float:
        """Give CPU-seconds per million resources."""
        return self.cpu / self.resources * _MILLION


def main() -> int:
    """Measure and print; exit 1 when a command did not end with 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the whole hospital too (minutes)")
    parser.add_argument("--repeats", type=int, default=3, help="runs at scale 0.01 and below [3]")
    given = parser.parse_args()
    scales = {TINY: given.repeats, "0.01": given.repeats, "0.1": 1} | ({"1.0": 1} if given.full else {})
    print(f"Begun {machine()}", flush=True)
    points = [point for scale, repeats in scales.items() for point in _measured(scale, repeats)]
    core = _core("1.0" if given.full else "0.1")
    print(f"Ended {machine()}\n")
    _print(points)
    print(f"\n{core}")
    failed = [(point, one) for point in points for one in point.runs if one.run.exit_code]
    for point, one in failed:
        print(f"FAILED {point.command} at {point.scale}: exit code {one.run.exit_code}: {one.run.why}")
    return 1 if failed or core.startswith("FAILED") else 0


def _measured(scale: str, repeats: int) -> list[Point]:
    """Generate, then verify what was generated, as often as asked."""
    generated, verified = [], []
    resources = size = 0
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "hospital"
            generated.append(run_lab("data", "generate", "--out", out, "--scale", scale))
            if (out / "manifest.json").exists():
                files = json.loads((out / "manifest.json").read_bytes())["files"]
                resources, size = sum(f["lines"] for f in files), sum(f["bytes"] for f in files)
                verified.append(run_lab("data", "verify", out))
        print(f"  scale {scale}: {generated[-1].run.cpu:.1f} CPU-s to generate", flush=True)
    points = [Point("generate", scale, tuple(generated), resources, size)]
    return [*points, Point("verify", scale, tuple(verified), resources, size)] if verified else points


def _print(points: list[Point]) -> None:
    """Print the table, each command from small to large."""
    rows = []
    for command in ("generate", "verify"):
        before: Point | None = None
        for one in (point for point in points if point.command == command and point.resources):
            ratio = "" if before is None else f"{one.cpu_per_million / before.cpu_per_million:.2f}"
            added = "" if before is None else f"{_added(before, one):.1f}"
            wall = spread([each.run.wall for each in one.runs])
            rows.append(
                [
                    f"{command} {one.scale}",
                    f"{one.resources:,}",
                    f"{one.bytes / _MILLION:,.1f}",
                    f"{wall[1]:,.1f}" + (f" ({wall[0]:.1f}-{wall[2]:.1f})" if len(one.runs) > 1 else ""),
                    f"{one.cpu:,.1f}",
                    f"{one.cpu_per_million:.1f}",
                    ratio,
                    added,
                    f"{max(r.parent for r in one.runs):,.0f} + {max(r.child for r in one.runs):,.0f}",
                    ", ".join(sorted({str(r.run.exit_code) for r in one.runs})),
                ]
            )
            before = one
    header = ("", "resources", "MB", "wall s", "CPU s", "CPU s / million", "ratio", "added", "MiB", "exit")
    print_table(header, rows)
    print(
        "ratio: CPU per resource over that of the scale before, starting included (small scales suffer).\n"
        "added: CPU-seconds per million resources that this scale has more: without the cost of starting.\n"
        "MiB: peak of the parent + of its largest child."
    )


def _added(small: Point, large: Point) -> float:
    return (large.cpu - small.cpu) / (large.resources - small.resources) * _MILLION


def _core(scale: str) -> str:
    """Make the kinds of the six counts only, on all cores, and say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        workers = str(os.cpu_count() or 1)
        done = run_script("some_kinds.py", folder, *CORE_KINDS, "--scale", scale, "--workers", workers)
    if done.exit_code:
        return f"FAILED core kinds at {scale}: exit code {done.exit_code}: {done.why}"
    told = json.loads(done.output)
    made = sum(told["lines"].values())
    return (
        f"Kinds of the six core counts only, scale {scale}: {made:,} resources "
        f"({', '.join(f'{name} {count:,}' for name, count in sorted(told['lines'].items()))}), "
        f"{told['bytes'] / _MILLION:,.1f} MB compressed, {done.wall:.1f} s, {done.cpu:.1f} CPU-s, "
        f"{done.cpu / made * _MILLION:.1f} CPU-s per million."
    )


if __name__ == "__main__":
    sys.exit(main())
