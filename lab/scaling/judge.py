"""From a plan and measured cells to the verdict on growth: validity first, then the laws; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from lab.model.scaling import ConcurrencyLaw, Interaction, Level, ScalingResult, SizeLaw, SizePoint
from lab.model.text import Text
from lab.model.words import Growth
from lab.scaling import doubt, laws, usl
from lab.scaling.cell import CELLS_FILE, Cell, Measured, of_route, read
from lab.scaling.control import Steadiness, steadiness
from lab.scaling.drawn import drawn
from lab.scaling.knee import has_long_tail, knee
from lab.scaling.little import little
from lab.scaling.plan import FEWEST_REPETITIONS, PLAN_FILE, ScalePlan

TITLE = Text(fr="Passage à l'échelle", en="Scalability")


def recheck(folder: Path) -> ScalingResult:
    """Judge again, offline, the cells that a run left in its folder."""
    return judge(ScalePlan.from_json((folder / PLAN_FILE).read_bytes()), read(folder / CELLS_FILE))


def judge(plan: ScalePlan, cells: Sequence[Measured]) -> ScalingResult:
    """Return the result of both sweeps."""
    steady = steadiness(cells, plan.limits.drift)
    plays = Counter(cell.cell for cell in steady.counted)
    interactions = tuple(_interaction(plan, route, steady) for route in plan.routes)
    reason = doubt.of_sizes(plan.sizes, plan.held, in_place=not plan.interleaved)
    if reason is not None:  # whatever was measured, it was not growth
        interactions = tuple(replace(one, meets=None, invalid_reason=reason) for one in interactions)
    elif all(one.invalid_reason for one in interactions):
        reason = next((one.invalid_reason for one in interactions), doubt.of_answers((), plan.limits))
    return ScalingResult(
        title=TITLE,
        at_most=plan.at_most,
        sizes=plan.sizes,
        held=plan.held,
        concurrencies=plan.concurrencies,
        interleaved=plan.interleaved,
        valid=reason is None,
        invalid_reason=reason,
        meets=_all_meet(interactions),
        repetitions=max((cell.repetition for cell in cells), default=0),
        fewest=min(plays[cell] for cell in plan.cells),
        counted=len(steady.counted),
        disturbed=steady.disturbed,
        control_p50=steady.p50,
        drift=steady.drift,
        interactions=interactions,
    )


def wants_more(plan: ScalePlan, result: ScalingResult) -> bool:
    """Tell whether a further repetition could say what is not known yet: sequential, never guessed."""
    if result.repetitions >= plan.most_repetitions:
        return False
    if result.fewest < plan.repetitions:
        return True
    return any(one.law and one.law.growth is Growth.INDETERMINATE for one in result.interactions)


def _all_meet(interactions: Sequence[Interaction]) -> bool | None:
    answers = {one.meets for one in interactions}
    if False in answers:
        return False
    return True if answers == {True} else None


def _interaction(plan: ScalePlan, route: str, steady: Steadiness) -> Interaction:
    cells = of_route(steady.counted, route)
    by_size = [_played(cells, Cell(size, route, plan.concurrencies[0])) for size in plan.sizes]
    by_callers = [_played(cells, Cell(plan.sizes[-1], route, n)) for n in plan.concurrencies]
    reason, law, sizes = _law(plan, by_size, steady.disturbed)
    other_reason, concurrency, levels = _concurrency(plan, by_callers, steady.disturbed)
    return Interaction(
        name=route,
        requests=sum(len(cell.service_us) + cell.errors for cell in cells),
        errors=sum(cell.errors for cell in cells),
        meets=None if reason or law is None else _meets(law, plan.at_most),
        invalid_reason=reason,
        law=law,
        sizes=sizes,
        concurrency_reason=other_reason,
        concurrency=concurrency,
        levels=levels,
    )


def _law(
    plan: ScalePlan, by_size: Sequence[Sequence[Measured]], disturbed: int
) -> tuple[Text | None, SizeLaw | None, tuple[SizePoint, ...]]:
    """Return why the law by size is not to be trusted, the law, and its points."""
    flat = [cell for cells in by_size for cell in cells]
    fewest = min(map(len, by_size))
    reason = doubt.of_repetitions(fewest, disturbed, FEWEST_REPETITIONS, plan.limits.drift)
    reason = reason or doubt.of_answers(flat, plan.limits)
    if reason is not None:
        return reason, None, ()
    timed = [cell for cell in flat if cell.service_us]
    if len({cell.size for cell in timed}) < len(plan.sizes):
        return doubt.of_answers((), plan.limits), None, ()
    sizes, latencies = [cell.size for cell in timed], [cell.percentile(50) for cell in timed]
    law = laws.fit(sizes, latencies)
    for cells in by_size:
        level = _level(cells)
        reason = reason or doubt.of_generator(level.cpu, plan.limits) or doubt.of_little(level.little)
    return reason, law, drawn(sizes, latencies, law)


def _concurrency(
    plan: ScalePlan, by_callers: Sequence[Sequence[Measured]], disturbed: int
) -> tuple[Text | None, ConcurrencyLaw | None, tuple[Level, ...]]:
    """Return why throughput by concurrency is not known, its law, and what was measured at each concurrency.

    The law rests on the concurrencies up to the first at which the generator was at its limit.
    """
    reason = doubt.of_answers([cell for cells in by_callers for cell in cells], plan.limits)
    timed = [[cell for cell in cells if cell.service_us] for cells in by_callers]
    levels = tuple(_level(cells) for cells in timed if cells)
    if reason is not None:
        return reason, None, levels
    used: list[Level] = []
    for level, cells in zip(levels, filter(None, timed), strict=True):
        reason = doubt.of_repetitions(len(cells), disturbed, FEWEST_REPETITIONS, plan.limits.drift)
        reason = reason or doubt.of_generator(level.cpu, plan.limits) or doubt.of_little(level.little)
        if reason is not None:
            break
        used.append(level)
    if len(used) < usl.FEWEST_LEVELS:
        return reason or doubt.of_levels(len(used), usl.FEWEST_LEVELS), None, levels
    callers = {level.concurrency for level in used}
    points = [
        (cell.concurrency, cell.rate) for cells in timed for cell in cells if cell.concurrency in callers
    ]
    fitted = usl.fit([n for n, _ in points], [rate for _, rate in points], plan.seed)
    if fitted is None:
        return doubt.of_fit(), None, levels
    bend = knee([(level.concurrency, level.rate) for level in used], fitted.rate[0])
    tails = {level.concurrency: has_long_tail(level.p50, level.p99) for level in used}
    law = ConcurrencyLaw(
        fitted.rate[0],
        *fitted.contention,
        *fitted.coherency,
        peak=fitted.peak,
        efficiency=fitted.efficiency,
        largest=fitted.largest,
        knee=bend,
        tail=tails.get(bend or 0, False),
        curve=fitted.curve,
    )
    return None, law, levels


def _played(cells: Sequence[Measured], cell: Cell) -> list[Measured]:
    return [one for one in cells if one.cell == cell]


def _level(cells: Sequence[Measured]) -> Level:
    """Return the medians of one cell over the repetitions."""
    timed = [cell for cell in cells if cell.service_us]
    return Level(
        concurrency=cells[0].concurrency,
        rate=median(cell.rate for cell in timed),
        p50=median(cell.percentile(50) for cell in timed),
        p99=median(cell.percentile(99) for cell in timed),
        little=median(little(cell.concurrency, cell.rate, cell.mean_s) for cell in timed),
        cpu=median(cell.cpu for cell in timed),
    )


def _meets(law: SizeLaw, at_most: Growth) -> bool | None:
    """Tell whether all that the interval leaves open conforms, or none of it; None in between."""
    order = tuple(Growth)
    if order.index(law.most) <= order.index(at_most):
        return True
    return False if order.index(law.least) > order.index(at_most) else None
