"""From a plan, the record of events and the journal of the gateway to the result: validity, then thresholds.

Pure, so that it is the same offline. Source: load reference, "the vendor application as a puller".
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

from lab.load.histogram import Histogram
from lab.model.exchange import Exchange
from lab.model.pulling import Habits, PullResult, Staleness
from lab.pulling import gates
from lab.pulling.aftermath import Scene, aftermath, early, shadows
from lab.pulling.asked import Asked, asked
from lab.pulling.course import series
from lab.pulling.habits import clock, habits, rereads
from lab.pulling.lag import Span, ageing, slope
from lab.pulling.losses import losses
from lab.pulling.pairing import Pair, deliveries, pairs, strays
from lab.pulling.plan import PullPlan
from lab.pulling.recording import Recording
from lab.pulling.validity import achieved, invalidity

PROFILE = "pull"

_SETTLING = 0.25
"""Share of a run, at most, in which what polls reach back for fills up: growth is judged after it."""


def judge(plan: PullPlan, recording: Recording, journal: Iterable[Exchange]) -> PullResult:
    """Return the result of one application."""
    last = recording.ended if recording.ended is not None else float("inf")
    requests = tuple(one for one in asked(journal, plan.base_url, plan.client_id) if one.t <= last)
    begun, ends = recording.begun, recording.begun + plan.duration_s
    ended = (
        recording.ended if recording.ended is not None else max((one.end for one in requests), default=ends)
    )
    known = pairs(recording.commits, requests)
    types = frozenset(pair.commit.reference.partition("/")[0] for pair in known)
    hospital = clock(recording.commits)
    scene = Scene(known, requests, begun, ended, plan.interval_s)
    faults = tuple(aftermath(one, scene) for one in recording.windows)
    shadowed = shadows(faults, scene)
    calm = [pair for pair in known if not _within(pair.commit.t, shadowed)]
    way = habits(requests, types, (begun, ended), hospital)
    settled = begun + min(plan.overlap_s / 2, plan.duration_s * _SETTLING)
    older = ageing(known, settled, ends, plan.interval_s, shadowed)
    growth = slope(known, settled, ends, plan.interval_s, shadowed)
    again = rereads(requests, types, begun, plan.overlap_s, hospital) if hospital else None
    ratios = _ratios(known, requests, begun, again)
    delivered = sum(pair.delivered is not None for pair in known)
    share = achieved(plan, recording)
    unmet = [one for one in faults if not one.requests and _polled_after(begun + one.ends, requests)]
    reason = invalidity(plan, recording, way, strays(recording.commits, requests), unmet)
    seen = gates.Seen(
        interval_s=plan.interval_s,
        rate=plan.rate,
        events=len(known),
        delivered=delivered,
        ages=tuple(gates.LOST_S if pair.staleness_s is None else pair.staleness_s for pair in calm),
        slope=growth,
        ageing=older,
        faults=faults,
        ratios=ratios,
        counts={
            "loss": sum(fault.lost for fault in faults),
            "early_retries": early(requests, requests),
            "hot_loops": sum(fault.hot for fault in faults),
            "surplus_tokens": max(0, way.tokens - way.tokens_due),
        },
    )
    return PullResult(
        profile=PROFILE,
        title=plan.title,
        valid=reason is None,
        invalid_reason=reason,
        duration_s=plan.duration_s,
        target_rate=plan.rate,
        achieved_rate=round(share * plan.rate, 4),
        interval_s=plan.interval_s,
        events=len(known),
        hidden=sum(one.hidden and one.version > 0 for one in recording.commits),
        delivered=delivered,
        strays=strays(recording.commits, requests),
        duplicates=ratios["duplicates"],
        rereads=ratios["rereads"],
        requests_per_event=ratios["requests_per_event"],
        bytes_per_event=ratios["bytes_per_event"],
        thresholds=tuple(gates.judge(one, seen) for one in plan.thresholds),
        staleness=_staleness(calm, way),
        slope=growth,
        ageing=older,
        habits=way,
        faults=faults,
        missed=losses(known, requests, shadowed),
        series=series(known, requests, begun, ended),
    )


def _polled_after(t: float, requests: Sequence[Asked]) -> bool:
    """Tell whether the application still polled after a second of the journal: who gave up met no fault."""
    return any(one.is_poll and one.t >= t for one in requests)


def _ratios(
    known: Sequence[Pair], requests: Sequence[Asked], begun: float, again: int | None
) -> dict[str, float | None]:
    """Return what the application costs for each event."""
    count = len(known)
    if not count:
        return dict.fromkeys(("duplicates", "rereads", "requests_per_event", "bytes_per_event"))
    given = deliveries(requests)
    mine = (given.get(reference, ()) for reference in {pair.commit.reference for pair in known})
    twice = sum(len(one) - len({what.version for _, what in one}) for one in mine)
    later = [one for one in requests if one.t >= begun]
    return {
        "duplicates": round(twice / count, 3),
        "rereads": None if again is None else round(again / count, 3),
        "requests_per_event": round(len(later) / count, 3),
        "bytes_per_event": round(sum(one.size for one in later) / count, 1),
    }


def _staleness(calm: Sequence[Pair], way: Habits) -> Staleness:
    """Return the percentiles of what was delivered, and what theory says of such a poll beside them."""
    ages = [pair.staleness_s for pair in calm if pair.staleness_s is not None]
    counted = Histogram()
    for age in ages:
        counted.add(age)
    p50, p95, p99 = (counted.percentile(rank) for rank in (50, 95, 99))
    period, service = way.period_s, way.service_s or 0.0
    return Staleness(
        samples=len(ages),
        p50=None if p50 is None else round(p50 / 1000, 4),
        p95=None if p95 is None else round(p95 / 1000, 4),
        p99=None if p99 is None else round(p99 / 1000, 4),
        highest=round(max(ages), 4) if ages else None,
        mean=round(fmean(ages), 4) if ages else None,
        theory_mean=None if period is None else round(period / 2 + service, 4),
        theory_p95=None if period is None else round(0.95 * period + service, 4),
    )


def _within(t: float, spans: Sequence[Span]) -> bool:
    return any(begins <= t < ends for begins, ends in spans)
