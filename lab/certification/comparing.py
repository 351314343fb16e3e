"""Compare two runs of the same thing: two versions of an application, or two stacks under one load.

Only what was asked the same way is compared; a run whose figures cannot be trusted is not compared at all.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.certification.folder import RunFolder
from lab.load.calibration import CALIBRATION
from lab.load.histogram import Histogram
from lab.load.judge import PLAN_FILE as LOAD_PLAN
from lab.load.judge import recheck as recheck_load
from lab.load.plan import LoadPlan
from lab.load.reading import merged, read, samples_files
from lab.scaling.cell import CELLS_FILE, Measured
from lab.scaling.cell import read as read_cells
from lab.scaling.comparison import Comparison, compare
from lab.scaling.contrast import Contrast, contrast
from lab.scaling.control import steadiness
from lab.scaling.plan import PLAN_FILE as SCALE_PLAN
from lab.scaling.plan import ScalePlan

_ASKED = ("profile", "scale", "seed", "duration_s", "rate")


class ComparisonError(ValueError):
    """Two runs that cannot be compared, in one sentence."""


@dataclass(frozen=True)
class Row:
    """One thing compared; ``at`` says what (a route, a size); None where either side has too little."""

    at: str
    first: int
    second: int
    comparison: Comparison | None


@dataclass(frozen=True)
class Compared:
    """Latencies row by row, laws of growth by route; only runs of scalability have the latter."""

    rows: tuple[Row, ...]
    contrasts: Mapping[str, Contrast]

    @property
    def words(self) -> set[str]:
        """Everything that was said."""
        rows = {"cannot be said" if row.comparison is None else row.comparison.word for row in self.rows}
        return {*rows, *(one.word for one in self.contrasts.values())}


def compare_runs(first: Path, second: Path, smallest: float) -> Compared:
    """Compare two run folders; ``smallest`` is the smallest effect that matters, as a share.

    Raises:
        ComparisonError: they are not of the same kind, were not asked the same, or cannot be trusted.
    """
    kinds = [_kind(folder) for folder in (first, second)]
    if kinds[0] != kinds[1]:
        message = (
            f"{first} is a run of {kinds[0]} and {second} one of {kinds[1]}: compare two of the same kind."
        )
        raise ComparisonError(message)
    if kinds[0] == "load":
        return _loads(RunFolder(first), RunFolder(second), smallest)
    return _growths(RunFolder(first), RunFolder(second), smallest)


def _kind(path: Path) -> str:
    folder = RunFolder(path)
    if (folder.scaling / SCALE_PLAN).exists():
        return "scalability"
    if (folder.load / LOAD_PLAN).exists():
        return "load"
    message = f"{path} holds no measurement: give the folder of a run of `lab load` or `lab load scale`."
    raise ComparisonError(message)


def _loads(first: RunFolder, second: RunFolder, smallest: float) -> Compared:
    plans = [LoadPlan.from_json((one.load / LOAD_PLAN).read_bytes()) for one in (first, second)]
    asked_same({name: (getattr(plans[0], name), getattr(plans[1], name)) for name in _ASKED})
    for folder in (first, second):
        reason = recheck_load(folder.load).invalid_reason
        if reason is not None:
            message = f"{folder.path} is not valid, so that nothing can be compared with it: {reason.en}"
            raise ComparisonError(message)
    return Compared(compare_loads(first.load, second.load, smallest), {})


def compare_loads(first: Path, second: Path, smallest: float) -> tuple[Row, ...]:
    """Compare what two folders recorded of a load, one row for each kind of request."""
    a, b = (_seconds(folder) for folder in (first, second))
    return tuple(
        Row(
            route,
            len(a.get(route, [])),
            len(b.get(route, [])),
            _compared(a.get(route), b.get(route), smallest),
        )
        for route in sorted({*a, *b})
    )


def _seconds(folder: Path) -> dict[str, list[float]]:
    """Return the median latency of each second in which a route was asked, in ms; right answers only."""
    plan = LoadPlan.from_json((folder / LOAD_PLAN).read_bytes())
    recording = merged(read(path) for path in samples_files(folder, plan.workers))
    found: defaultdict[str, defaultdict[int, Histogram]] = defaultdict(lambda: defaultdict(Histogram))
    for key, cell in recording.cells.items():
        if key.outcome in {"ok", "refusal"} and key.route != CALIBRATION:
            found[key.route][key.second].buckets.update(cell.intended.buckets)
    return {
        route: [value for _, one in sorted(seconds.items()) if (value := one.percentile(50)) is not None]
        for route, seconds in found.items()
    }


def _growths(first: RunFolder, second: RunFolder, smallest: float) -> Compared:
    from lab.scaling.judge import judge  # noqa: PLC0415 - scipy is slow to come

    plans = [ScalePlan.from_json((one.scaling / SCALE_PLAN).read_bytes()) for one in (first, second)]
    asked_same(
        {
            name: (getattr(plans[0], name), getattr(plans[1], name))
            for name in ("sizes", "concurrencies", "seed", "cell_s", "cell_requests")
        }
    )
    cells = [read_cells(one.scaling / CELLS_FILE) for one in (first, second)]
    results = [judge(plan, seen) for plan, seen in zip(plans, cells, strict=True)]
    for folder, result in zip((first, second), results, strict=True):
        if result.invalid_reason is not None:
            message = (
                f"{folder.path} is not valid, so that nothing can be compared with it: "
                f"{result.invalid_reason.en}"
            )
            raise ComparisonError(message)
    counted = [steadiness(seen, plan.limits.drift).counted for plan, seen in zip(plans, cells, strict=True)]
    a, b = (_medians(one, plans[0]) for one in counted)
    rows = tuple(
        Row(at, len(a.get(at, [])), len(b.get(at, [])), _compared(a.get(at), b.get(at), smallest))
        for at in dict.fromkeys((*a, *b))
    )
    laws = [
        {one.name: one.law for one in result.interactions if one.law and not one.invalid_reason}
        for result in results
    ]
    both = {name: contrast(law, laws[1][name]) for name, law in laws[0].items() if name in laws[1]}
    return Compared(rows, both)


def _medians(cells: tuple[Measured, ...], plan: ScalePlan) -> dict[str, list[float]]:
    """Return the p50 of each play of the cells of the size sweep, in ms."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for route in plan.routes:
        for size in plan.sizes:
            for cell in cells:
                if (cell.route, cell.size, cell.concurrency) != (route, size, plan.concurrencies[0]):
                    continue
                if cell.service_us and not cell.errors:
                    found[f"{route} {size}"].append(cell.percentile(50))
    return found


def _compared(first: list[float] | None, second: list[float] | None, smallest: float) -> Comparison | None:
    return compare(first or [], second or [], smallest)


def asked_same(asked: Mapping[str, tuple[object, object]]) -> None:
    """Refuse two runs that were not asked the same.

    Raises:
        ComparisonError: naming what differs.
    """
    different = [f"{name} {one} and {two}" for name, (one, two) in asked.items() if one != two]
    if different:
        said = "; ".join(different)
        message = f"These runs were not asked the same ({said}): run one of them again like the other."
        raise ComparisonError(message)
