"""From a plan and what was recorded to the result: validity first, then thresholds, then the figures."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lab.load.answered import answers_of, judge_answers
from lab.load.bound import upper_bound
from lab.load.calibration import CALIBRATION
from lab.load.drawn import Drawn
from lab.load.ending import Ending, ending_of
from lab.load.gates import Gate, parse
from lab.load.growth import Growth, points
from lab.load.heat import heat
from lab.load.histogram import total
from lab.load.machine import machine_of
from lab.load.people import PEOPLE
from lab.load.plan import LoadPlan
from lab.load.reading import RESULTS_FOLDER, merged, read, samples_files
from lab.load.record import Cell, Key, Recording
from lab.load.reserved import BESIDE
from lab.load.spool import spool_of
from lab.load.usage import USAGE_FILE, read_usage
from lab.load.validity import achieved_rate, calibration, cpu_share, decimal, invalidity, notes
from lab.model.answers import Answers
from lab.model.load import Generator, LoadResult, Route, Second, Threshold, Usage
from lab.model.text import Text

PLAN_FILE = "plan.json"


def recheck(folder: Path) -> LoadResult:
    """Judge again, offline, the results that a run left in its folder, or in ``results`` of it.

    What it was answered is judged the first time, and what was found of it is kept.
    """
    plan = LoadPlan.from_json((folder / PLAN_FILE).read_bytes())
    apart = samples_files(folder / RESULTS_FOLDER, plan.workers)
    left = apart if any(file.exists() for file in apart) else samples_files(folder, plan.workers)
    recording = merged(map(read, left))
    judge_answers([spool_of(file) for file in left], folder, plan.seed)
    usage = read_usage(folder / USAGE_FILE)
    result = judge(plan, recording, ending_of(folder), usage, answers_of(folder))
    return replace(result, machine=machine_of(folder))


def judge(
    plan: LoadPlan,
    recording: Recording,
    ending: Ending | None = None,
    usage: tuple[Usage, ...] = (),
    answers: Answers | None = None,
) -> LoadResult:
    """Return the result of one profile; pure, so that it is the same offline."""
    reason = invalidity(plan, recording, ending)
    cells = recording.cells
    outcomes: Counter[str] = Counter()
    for key, cell in _requests(cells).items():
        outcomes[key.outcome] += cell.count
    series = _series(plan, cells, ending)

    def threshold(expression: str) -> Threshold:
        gate = parse(expression)
        if isinstance(gate, Gate):
            return gate.judge(cells)
        if isinstance(gate, Growth):
            return gate.judge(points(gate.measure, series, usage), plan.duration_s)
        return gate.judge(answers)

    return LoadResult(
        profile=plan.profile,
        title=plan.title,
        valid=reason is None,
        invalid_reason=reason,
        duration_s=plan.duration_s,
        target_rate=len(plan.arrivals) / plan.duration_s,
        achieved_rate=achieved_rate(plan, recording, ending),
        requests=outcomes.total(),
        dropped=recording.dropped,
        errors=outcomes["error"],
        refusals=outcomes["refusal"],
        leaks=outcomes["leak"],
        thresholds=tuple(map(threshold, plan.thresholds)),
        routes=tuple(_route(name, cells) for name in sorted({key.route for key in cells} - {CALIBRATION})),
        series=series,
        leak_bound=upper_bound(outcomes["leak"], outcomes["leak"] + outcomes["refusal"]),
        aborted=_aborted(ending),
        generator=_generator(plan, recording),
        notes=notes(recording),
        usage=usage,
        answers=answers,
    )


def _aborted(ending: Ending | None) -> Text | None:
    if ending is None or ending.cause != "aborted":
        return None
    return Text(
        fr=f"Tir arrêté vers {decimal(ending.at)} s : « {ending.threshold} » ne pouvait plus être tenu.",
        en=f"Run ended at about {ending.at:.1f} s: “{ending.threshold}” could not be met any more.",
    )


def _generator(plan: LoadPlan, recording: Recording) -> Generator:
    shares = [share for ticks in recording.ticks if (share := cpu_share(ticks)) is not None]
    echoed = calibration(recording)
    return Generator(
        engine=plan.engine,
        workers=plan.workers,
        cpu=max(shares, default=None),
        lag_p99=recording.lag.percentile(99),
        calibration_p50=echoed.percentile(50),
        calibration_p99=echoed.percentile(99),
        calibrations=echoed.buckets.total(),
    )


def _route(name: str, cells: Mapping[Key, Cell]) -> Route:
    chosen = {key: cell for key, cell in cells.items() if key.route == name}
    intended = total(cell.intended for cell in chosen.values())
    return Route(
        name=name,
        count=intended.buckets.total(),
        errors=sum(cell.count for key, cell in chosen.items() if key.outcome == "error"),
        p50=intended.percentile(50),
        p95=intended.percentile(95),
        p99=intended.percentile(99),
        service_p95=total(cell.service for cell in chosen.values()).percentile(95),
    )


def _series(plan: LoadPlan, cells: Mapping[Key, Cell], ending: Ending | None) -> tuple[Second, ...]:
    end = ending.at if ending is not None and ending.cause == "aborted" else plan.duration_s
    planned = _due(plan, end)
    seconds: defaultdict[int, dict[Key, Cell]] = defaultdict(dict)
    for key, cell in _requests(cells).items():
        seconds[key.second][key] = cell
        if plan.sessions and key.route == PEOPLE:
            planned[key.second] += cell.count  # what people send is nobody's plan
    return tuple(_second(t, planned[t], seconds[t]) for t in range(max(planned, default=-1) + 1))


def _due(plan: LoadPlan, end: float) -> Counter[int]:
    """Return how many requests of the schedule fell due in each second, until ``end``."""
    if not isinstance(plan.arrivals, Drawn):
        return Counter(int(arrival.at) for arrival in plan.arrivals if arrival.at <= end)
    # Of the second in which a run was ended, as much as there was of it.
    parts = ((t, round(count * min(1.0, end - t))) for t, count in enumerate(plan.arrivals.seconds))
    return Counter({t: count for t, count in parts if t <= end})


def _requests(cells: Mapping[Key, Cell]) -> Mapping[Key, Cell]:
    """Return the cells of requests, without what is measured beside them."""
    return {key: cell for key, cell in cells.items() if key.route not in BESIDE}


def _second(t: int, planned: int, cells: Mapping[Key, Cell]) -> Second:
    intended = total(cell.intended for cell in cells.values())
    return Second(
        t=t,
        target=float(planned),
        achieved=intended.buckets.total(),
        p50=intended.percentile(50),
        p95=intended.percentile(95),
        service_p95=total(cell.service for cell in cells.values()).percentile(95),
        errors=sum(cell.count for key, cell in cells.items() if key.outcome == "error"),
        refusals=sum(cell.count for key, cell in cells.items() if key.outcome == "refusal"),
        heat=heat(intended),
    )
