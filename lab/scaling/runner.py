"""Measures a plan at every size in turn, repetition by repetition, until enough is known."""

from collections.abc import Callable
from pathlib import Path

from lab.model.scaling import ScalingResult
from lab.scaling.cell import Measured
from lab.scaling.doubt import of_sizes
from lab.scaling.judge import judge, wants_more
from lab.scaling.plan import PLAN_FILE, ScalePlan
from lab.scaling.rounds import Targets, rounds

Progress = Callable[[float, float], None]
"""Told the cells played and those planned."""


def measure(
    plan: ScalePlan, targets: Callable[[], Targets], folder: Path, on_progress: Progress | None = None
) -> ScalingResult:
    """Play repetitions until the classes are known or the most is reached, and judge them.

    Leaves ``plan.json``, ``cells.jsonl`` and ``player.log`` in the folder; when interrupted, ``recheck``
    judges what was recorded.

    Raises:
        LoadError: the generator or the control failed.
        SilentError: nothing answers any more at one size.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PLAN_FILE).write_bytes(plan.to_json())
    if of_sizes(plan.sizes, plan.held) is not None:
        return judge(plan, ())  # whatever would be measured, it would not be growth
    measured: list[Measured] = []
    with rounds(folder) as play:
        repetition, planned = 0, plan.repetitions + 1
        result = judge(plan, ())
        while repetition == 0 or wants_more(plan, result):
            planned = max(planned, repetition + 1)
            cells = plan.order(repetition)
            for played in play(plan, repetition, cells, targets()):
                measured.append(played)
                if on_progress is not None:
                    on_progress(len(measured), planned * len(cells))
            result = judge(plan, measured)
            repetition += 1
    return result
