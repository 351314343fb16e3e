"""What came of a fault: how long until all was as before, what was lost, how the application knocked.

Source: load reference, "behaviours judged" (Retry-After, back-off with jitter, no hot loop, no loss).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.model.pulling import Aftermath
from lab.pulling.asked import Asked
from lab.pulling.lag import Lag, Span
from lab.pulling.pairing import Pair
from lab.pulling.plan import FaultWindow

HOT_PER_S = 5.0
HOT_TIMES = 2.0
"""A loop asks that often a second, and so many times what it asks when all is well."""
_STEADY = 1.02
_LEAST_REPEATS = 4
_SAME_MOMENT_S = 0.05
_TOLERANCE = 0.9
"""Share of a Retry-After that must have passed."""


@dataclass(frozen=True)
class Scene:
    """What a fault is judged in: the pairs, the requests, when events began and the run ended (journal)."""

    pairs: Sequence[Pair]
    requests: Sequence[Asked]
    begun: float
    ended: float
    interval_s: float


def aftermath(window: FaultWindow, scene: Scene) -> Aftermath:
    """Return what came of one fault; its times are relative to the start of the events, in seconds."""
    begins, ends = scene.begun + window.begins, scene.begun + window.ends
    met = [one for one in scene.requests if begins <= one.t < ends]
    risked = [pair for pair in scene.pairs if _before(begins, scene) <= pair.commit.t < ends]
    return Aftermath(
        fault=window.fault,
        begins=window.begins,
        ends=window.ends,
        recovery_s=_recovery(begins, ends, scene),
        lost=sum(pair.delivered is None for pair in risked),
        requests=len(met),
        hot=_hot(len(met), window, scene),
        lockstep=_lockstep(met),
        early=early(met, scene.requests),
        at_risk=len(risked),
    )


def shadows(faults: Sequence[Aftermath], scene: Scene) -> tuple[Span, ...]:
    """Return the spans of the journal in which a fault or its aftermath lasted: no calm was there."""
    return tuple(
        (
            _before(scene.begun + one.begins, scene),
            scene.ended if one.recovery_s is None else scene.begun + one.ends + one.recovery_s,
        )
        for one in faults
    )


def early(met: Sequence[Asked], requests: Sequence[Asked]) -> int:
    """Return how many requests were sent before the end of a Retry-After that had been given."""
    told = [one for one in met if one.status in {429, 503} and one.retry_after_s]
    return sum(
        any(one.end + _SAME_MOMENT_S < next_.t < one.end + _TOLERANCE * one.retry_after_s for one in told)
        for next_ in requests
        if next_.kind != "token"
    )


def _before(begins: float, scene: Scene) -> float:
    """Return from when on an event could only be delivered within the fault: two polls before it."""
    return begins - 2 * scene.interval_s


def _recovery(begins: float, ends: float, scene: Scene) -> float | None:
    """Return how long after the fault no more was waiting than before; what was lost is judged apart."""
    arrived = [pair for pair in scene.pairs if pair.delivered is not None]
    lag = Lag(arrived)
    usual = lag.highest(max(scene.begun, begins - 4 * scene.interval_s), begins)
    turns = sorted(
        pair.delivered for pair in arrived if pair.delivered is not None and pair.delivered >= ends
    )
    return next((round(t - ends, 3) for t in turns if lag.at(t) <= usual), None)


def _hot(met: int, window: FaultWindow, scene: Scene) -> bool:
    calm = [one for one in scene.requests if not one.fault and one.t >= scene.begun]
    usual = len(calm) / max(scene.ended - scene.begun, 1.0)
    return met / max(window.ends - window.begins, 1.0) > max(HOT_PER_S, HOT_TIMES * usual)


def _lockstep(met: Sequence[Asked]) -> bool:
    gaps = [b.t - a.t for a, b in pairwise([one for one in met if one.fault])]
    return len(gaps) >= _LEAST_REPEATS and max(gaps) < _STEADY * min(gaps)
