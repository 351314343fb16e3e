"""The result of one load profile: validity first, then thresholds, then what was measured."""

from dataclasses import dataclass

from lab.model.text import Text


@dataclass(frozen=True)
class Threshold:
    """One judged threshold; ``value`` is None when there was no sample (which never meets it).

    The true value lies between ``low`` and ``high`` at 95 %; None where that cannot be said.
    """

    expression: str
    value: float | None
    met: bool
    samples: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Route:
    """Latency of one kind of request, in ms: from the intended time, and service time beside it."""

    name: str
    count: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    service_p95: float | None


@dataclass(frozen=True)
class Second:
    """One second of the run on the common time axis; latencies in ms from the intended time.

    ``heat`` is how many requests took how long, as (bin, count): bin b holds 10^(b/5) to 10^((b+1)/5) ms.
    """

    t: int
    target: float
    achieved: int
    p50: float | None
    p95: float | None
    service_p95: float | None
    errors: int
    refusals: int
    heat: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class LoadResult:
    """One profile, run and judged. ``refusals`` are expected denials, ``leaks`` unexpected permissions.

    ``leak_bound`` is the share of forbidden requests that may leak at most, at 95 %; None without any.
    """

    profile: str
    title: Text
    valid: bool
    invalid_reason: Text | None
    duration_s: float
    target_rate: float
    achieved_rate: float
    requests: int
    dropped: int
    errors: int
    refusals: int
    leaks: int
    thresholds: tuple[Threshold, ...]
    routes: tuple[Route, ...]
    series: tuple[Second, ...]
    leak_bound: float | None = None
