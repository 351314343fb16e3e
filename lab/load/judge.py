"""From a plan and what was recorded to the result: validity first, then thresholds, then the figures."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from lab.load.bound import upper_bound
from lab.load.gates import parse
from lab.load.heat import heat
from lab.load.histogram import total
from lab.load.people import OPENING, PEOPLE
from lab.load.plan import LoadPlan
from lab.load.record import Cell, Key, Recording, read
from lab.model.load import LoadResult, Route, Second
from lab.model.text import Text

PLAN_FILE = "plan.json"
SAMPLES_FILE = "samples.jsonl"

ACHIEVED_RATIO = 0.99
# A generator later than this adds to every latency as much as the tightest threshold allows in all.
LAG_P99_MS = 100.0


def recheck(folder: Path) -> LoadResult:
    """Judge again, offline, the results that a run left in its folder."""
    plan = LoadPlan.from_json((folder / PLAN_FILE).read_bytes())
    return judge(plan, read(folder / SAMPLES_FILE))


def judge(plan: LoadPlan, recording: Recording) -> LoadResult:
    """Return the result of one profile; pure, so that it is the same offline."""
    reason = invalidity(plan, recording)
    cells = recording.cells
    outcomes: Counter[str] = Counter()
    for key, cell in _requests(cells).items():
        outcomes[key.outcome] += cell.count
    return LoadResult(
        profile=plan.profile,
        title=plan.title,
        valid=reason is None,
        invalid_reason=reason,
        duration_s=plan.duration_s,
        target_rate=len(plan.arrivals) / plan.duration_s,
        achieved_rate=_achieved_rate(plan, recording),
        requests=outcomes.total(),
        dropped=recording.dropped,
        errors=outcomes["error"],
        refusals=outcomes["refusal"],
        leaks=outcomes["leak"],
        thresholds=tuple(parse(expression).judge(cells) for expression in plan.thresholds),
        routes=tuple(_route(name, cells) for name in sorted({key.route for key in cells})),
        series=_series(plan, cells),
        leak_bound=upper_bound(outcomes["leak"], outcomes["leak"] + outcomes["refusal"]),
    )


def invalidity(plan: LoadPlan, recording: Recording) -> Text | None:
    """Return why the figures cannot be trusted, for causes on the generator's side only; None if they can."""
    planned = len(plan.arrivals)
    reason = Text(fr="", en="")
    if not planned and not plan.sessions:
        return Text(fr="Aucune requête n'était prévue.", en="No request was planned.")
    if not recording.complete:
        reason = reason.extended(
            fr=f"La mesure s'est arrêtée avant la fin : {recording.sent} requêtes émises sur {planned}.",
            en=f"The run stopped before its end: {recording.sent} requests sent out of {planned}.",
        )
    if recording.dropped:
        reason = reason.extended(
            fr=f"{recording.dropped} requêtes n'ont pas pu partir : {plan.slots} étaient déjà en attente.",
            en=f"{recording.dropped} requests could not leave: {plan.slots} were already in flight.",
        )
    ratio = 100 * _achieved_rate(plan, recording) * plan.duration_s / max(planned, 1)
    if planned and recording.complete and ratio < 100 * ACHIEVED_RATIO:
        reason = reason.extended(
            fr=f"Débit atteint : {_decimal(ratio)} % du débit visé (99 % exigés).",
            en=f"Rate achieved: {ratio:.1f} % of the target (99 % required).",
        )
    lag = recording.lag.percentile(99)
    if lag is not None and lag > LAG_P99_MS:
        reason = reason.extended(
            fr=f"Le générateur était en retard de {_decimal(lag)} ms au 99e centile (100 ms admises).",
            en=f"The generator was {lag:.1f} ms late at the 99th percentile (100 ms allowed).",
        )
    return reason if reason.en else None


def _achieved_rate(plan: LoadPlan, recording: Recording) -> float:
    return recording.sent / max(plan.duration_s, recording.last_sent)


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


def _series(plan: LoadPlan, cells: Mapping[Key, Cell]) -> tuple[Second, ...]:
    planned = Counter(int(arrival.at) for arrival in plan.arrivals)
    seconds: defaultdict[int, dict[Key, Cell]] = defaultdict(dict)
    for key, cell in _requests(cells).items():
        seconds[key.second][key] = cell
        if plan.sessions and key.route == PEOPLE:
            planned[key.second] += cell.count  # what people send is nobody's plan
    return tuple(_second(t, planned[t], seconds[t]) for t in range(max(planned, default=-1) + 1))


def _requests(cells: Mapping[Key, Cell]) -> Mapping[Key, Cell]:
    """Return the cells of requests: an opening is measured whole, beside its requests."""
    return {key: cell for key, cell in cells.items() if key.route != OPENING}


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


def _decimal(value: float) -> str:
    """One decimal, in French."""
    return f"{value:.1f}".replace(".", ",")
