"""How often events happen to an application that pulls, which faults come between, and what must hold.

All that happens in the hospital at its morning peak happens to this one application: a flow is concerned by
a part of it only (2 % is assumed), so that x1 is far above its share, and x0.02 is its share.
"""

from lab.pulling.plan import FaultWindow
from scenarios.hospital import EVENTS_PER_S, PEAK

RATE = EVENTS_PER_S * PEAK
"""1.16 events/s: the peak of laboratory orders from 4 to 8 o'clock, applied to all events."""

HIDDEN_SHARE = 0.1
"""Share of events about patients that the application must not see: they must not reach it under load."""

OVERLAP_S = 60.0
"""How far back a careful poll may reach for what it has already got: clocks differ, and writes take time."""

DURATION_S = 90.0
DRAIN_S = 90.0
DRAIN_INTERVALS = 3
"""How long the end of a run waits for what was not delivered yet, at most: seconds, or poll intervals."""

FAULTS = {"unavailable": 4.0, "throttled": 4.0, "cut": 3.0, "down": 6.0}
"""Seconds that each fault lasts: 503, 429 with Retry-After, answers cut in half, the whole gateway gone."""

THRESHOLDS = (
    "staleness: p95 < interval + 5s",
    "coverage == 100%",
    "lag_slope <= 0",
    "age_slope <= 0",
    "rereads < 1",
    "surplus_tokens == 0",
)
FAULT_THRESHOLDS = ("recovery: max < interval + 60s", "loss == 0", "early_retries == 0", "hot_loops == 0")

LEAST_INTERVALS = 12
"""A run lasts that many poll intervals at least: with fewer, nobody can say whether the lag grows."""

STORMY_INTERVALS = 30
FAULT_INTERVALS = 2
"""Poll intervals that a run with faults lasts, and each of its faults: they must be met by requests."""

STEP_S = 20.0
STEP_THRESHOLDS = ("lag_slope <= 0", "coverage == 100%")
"""What one step of the search for the highest rate lasts, in seconds, and what it must meet to be kept up."""

PROFILES = {"calm": "none", "stormy": ""}
"""What a certification may play of it, and the faults of each: none, or all of them."""

_CALM = 0.35
"""Share of the run before the first fault: what is usual must be known."""


def faults(interval_s: float) -> dict[str, float]:
    """Return how long each fault lasts, in seconds, for who polls that often."""
    return {name: max(lasts, FAULT_INTERVALS * interval_s) for name, lasts in FAULTS.items()}


def lasting(asked_s: float, interval_s: float, usual_s: float, *, stormy: bool) -> float:
    """Return how long a run lasts, in seconds: as asked, or as usual for who polls that often.

    Raises:
        ValueError: what is asked is too short to see anything.
    """
    least = LEAST_INTERVALS * interval_s
    if asked_s and asked_s < least:
        message = (
            f"{asked_s:g} s are too short for an application that polls every {interval_s:g} s: give "
            f"--duration {least:g} or more, or correct client.poll_interval_s."
        )
        raise ValueError(message)
    return asked_s or max(usual_s, STORMY_INTERVALS * interval_s if stormy else least)


def windows(duration_s: float, faults: dict[str, float]) -> tuple[FaultWindow, ...]:
    """Return when each fault begins and ends, in seconds: evenly over the later part of the run."""
    if not faults:
        return ()
    first, room = _CALM * duration_s, (1 - _CALM) * duration_s / len(faults)
    return tuple(
        FaultWindow(name, round(first + number * room, 3), round(first + number * room + lasts, 3))
        for number, (name, lasts) in enumerate(faults.items())
    )
