"""The result of a pull under load: what happened in the hospital, and when the application was given it."""

from dataclasses import dataclass

from lab.model.load import Threshold
from lab.model.text import Text


@dataclass(frozen=True)
class Staleness:
    """How old news was when it was delivered, in seconds, outside of faults; None without any.

    ``theory_mean`` and ``theory_p95`` are those of a poll every T seconds whose answer takes s: T/2 + s and
    0.95 T + s.
    """

    samples: int
    p50: float | None
    p95: float | None
    p99: float | None
    highest: float | None
    mean: float | None
    theory_mean: float | None
    theory_p95: float | None


@dataclass(frozen=True)
class Slope:
    """How something grows each second, between bounds at 95 %: events that wait, or the age of news in s."""

    value: float
    low: float
    high: float
    samples: int


@dataclass(frozen=True)
class Habits:
    """How the application asks. Times in seconds; counts are of the whole run.

    ``period_s`` is the median time between two polls, ``jitter_s`` half of what lies between the 5th and the
    95th percentile; ``service_s`` how long a poll takes with all its pages. ``window_s`` is how far back the
    median poll reaches, None when polls do not say from when. ``tokens`` were granted, ``tokens_due`` at most
    are needed. ``gateway_p95_s`` is what the gateway itself took for an answer.
    """

    requests: int
    polls: int
    empty_polls: int
    period_s: float | None
    jitter_s: float | None
    service_s: float | None
    window_s: float | None
    conditional: int
    unfinished_walks: int
    tokens: int
    tokens_due: int
    gateway_p95_s: float | None


@dataclass(frozen=True)
class Aftermath:
    """A fault and what came of it. Times in seconds after the first event could happen.

    ``recovery_s`` counts from the end of the fault until no more was waiting than before it; None when that
    never came. ``lost`` of the ``at_risk`` events that happened around it were never delivered. ``hot`` says
    that the fault was answered by a loop, ``lockstep`` that requests were repeated at one fixed interval,
    ``early`` counts requests before the end of a Retry-After.
    """

    fault: str
    begins: float
    ends: float
    recovery_s: float | None
    lost: int
    requests: int
    hot: bool
    lockstep: bool
    early: int
    at_risk: int = 0


@dataclass(frozen=True)
class Missed:
    """Why events were never delivered, and how many; ``example`` is one of them."""

    reason: str
    why: Text
    count: int
    example: str


@dataclass(frozen=True)
class Instant:
    """One point of the common time axis, ``t`` seconds after the start; ``staleness`` is the worst of it."""

    t: float
    committed: int
    delivered: int
    staleness: float | None
    requests: int


@dataclass(frozen=True)
class Step:
    """One step of the search for the highest rate: sustained when no lag was seen to grow."""

    rate: float
    events: int
    slope: Slope | None
    sustained: bool
    valid: bool


@dataclass(frozen=True)
class PullResult:
    """One application, pulling while events happen, judged.

    ``strays`` are events delivered to it that it must not see: a fault of the hospital that makes the run
    invalid, never one of the application. Rates are events a second. ``duplicates`` are deliveries of an
    event beyond the first, for each event; ``rereads`` those of anything unchanged for longer than polls may
    overlap, for each event. ``sustained_rate`` and ``unsustained_rate`` enclose the highest rate that it
    keeps up with, where that was looked for.
    """

    profile: str
    title: Text
    valid: bool
    invalid_reason: Text | None
    duration_s: float
    target_rate: float
    achieved_rate: float
    interval_s: float
    events: int
    hidden: int
    delivered: int
    strays: int
    duplicates: float | None
    rereads: float | None
    requests_per_event: float | None
    bytes_per_event: float | None
    thresholds: tuple[Threshold, ...]
    staleness: Staleness
    slope: Slope | None
    ageing: Slope | None
    habits: Habits
    faults: tuple[Aftermath, ...]
    missed: tuple[Missed, ...]
    series: tuple[Instant, ...]
    steps: tuple[Step, ...] = ()
    sustained_rate: float | None = None
    unsustained_rate: float | None = None

    @property
    def leaks(self) -> int:
        """Return 0: an application that is given too much has not let it out."""
        return 0
