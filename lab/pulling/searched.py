"""From the steps of a search for the highest rate to one result."""

from collections.abc import Sequence
from dataclasses import replace

from lab.model.pulling import PullResult, Step


def step_of(result: PullResult) -> Step:
    """Return what one step of a bisection shows of its rate: nothing lost, and no lag that grows."""
    met = {one.expression: one.met for one in result.thresholds}
    return Step(result.target_rate, result.events, result.slope, all(met.values()), result.valid)


def searched(played: Sequence[PullResult]) -> PullResult:
    """Return the result of a search: that of the highest rate kept up with, or of the lowest that was not."""
    steps = tuple(step_of(one) for one in played)
    valid = [one for one in played if one.valid]
    borne = [one for one in valid if step_of(one).sustained]
    kept = [one.target_rate for one in borne]
    failed = [one.target_rate for one in valid if one not in borne]
    rated = sorted(borne or valid or played, key=lambda one: one.target_rate)
    return replace(
        rated[-1 if borne else 0],
        steps=steps,
        sustained_rate=max(kept, default=None),
        unsustained_rate=min(failed, default=None),
    )
