"""Measures an application that grows in place: all repetitions at one size, then the next, and no way back.

Sizes cannot be interleaved: what changes with time and what changes with size come together. Repetitions are
added for the sake of the control only, since a size that has been left cannot be measured again.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lab.load.plan import LoadPlan
from lab.model.scaling import ScalingResult
from lab.scaling.cell import Measured
from lab.scaling.control import steadiness
from lab.scaling.doubt import of_sizes
from lab.scaling.judge import judge
from lab.scaling.plan import PLAN_FILE, ScalePlan
from lab.scaling.rounds import rounds
from lab.scaling.runner import Progress

Grow = Callable[[int], tuple[int, LoadPlan]]
"""Brings the application to a size; gives how many patients it says that it holds, and who asks what."""


def measure_in_place(
    plan: ScalePlan, grow: Grow, folder: Path, on_progress: Progress | None = None
) -> ScalingResult:
    """Play the repetitions of each size as soon as it is reached, and judge them.

    Leaves in the folder what ``measure`` does.

    Raises:
        LoadError: the generator or the control failed.
        SilentError: nothing answers any more at one size.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PLAN_FILE).write_bytes(plan.to_json())
    measured: list[Measured] = []
    planned = sum(len(plan.order_at(size, 0)) for size in plan.sizes) * (plan.repetitions + 1)
    with rounds(folder) as play:
        for size in plan.sizes:
            held, target = grow(size)
            plan = replace(plan, held=(*plan.held, held))
            (folder / PLAN_FILE).write_bytes(plan.to_json())
            if of_sizes(plan.sizes, plan.held, in_place=True) is not None:
                break  # whatever would be measured, it would not be growth
            repetition = 0
            while repetition <= plan.repetitions or _wants_more(plan, size, measured, repetition):
                for played in play(plan, repetition, plan.order_at(size, repetition), {size: target}):
                    measured.append(played)
                    if on_progress is not None:
                        on_progress(min(len(measured), planned), planned)
                repetition += 1
    return judge(plan, measured)


def _wants_more(plan: ScalePlan, size: int, measured: Sequence[Measured], repetition: int) -> bool:
    """Tell whether a cell of this size counts too few times as yet."""
    plays = Counter(one.cell for one in steadiness(measured, plan.limits.drift).counted)
    fewest = min(plays[cell] for cell in plan.cells if cell.size == size)
    return repetition <= plan.most_repetitions and fewest < plan.repetitions
