"""The result of one load profile: validity first, then thresholds, then what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lab.model.answers import Answers
from lab.model.baseline import Baseline
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


class Borne(Protocol):
    """What the verdict needs to know of a load, whoever was loaded and how."""

    @property
    def profile(self) -> str:
        """Return the name of what was played."""
        ...

    @property
    def title(self) -> Text:
        """Return that name in words."""
        ...

    @property
    def valid(self) -> bool:
        """Tell whether the figures can be trusted."""
        ...

    @property
    def invalid_reason(self) -> Text | None:
        """Return why they cannot."""
        ...

    @property
    def leaks(self) -> int:
        """Return how often the application let out what it must not."""
        ...

    @property
    def thresholds(self) -> Sequence[Threshold]:
        """Return what had to hold."""
        ...


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
class Generator:
    """What sent the load, and how it did itself.

    ``cpu`` is the largest part of a core that one of them used over 5 s. In ms: how late it was, and how long
    our own echo took, asked beside.
    """

    engine: str = "lean"
    workers: int = 1
    cpu: float | None = None
    lag_p99: float | None = None
    calibration_p50: float | None = None
    calibration_p99: float | None = None
    calibrations: int = 0


@dataclass(frozen=True)
class Usage:
    """What ``name`` (application, hospital) used around second ``t``: cores and bytes of memory."""

    t: float
    name: str
    cpu: float
    memory: int


@dataclass(frozen=True)
class LoadResult:
    """One profile, run and judged. ``refusals`` are expected denials, ``leaks`` unexpected permissions.

    ``leak_bound`` is the share of forbidden requests that may leak at most, at 95 %; None without any.
    ``aborted`` says which threshold ended the run before its end. ``usage`` is what the processes that are
    on this machine used, about once a second. ``machine`` is where it was played, in one line;
    ``baseline`` is an earlier run beside it, None where none was given. ``answers`` is what the answers were
    worth as FHIR, None where they were not kept.
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
    aborted: Text | None = None
    generator: Generator | None = None
    notes: tuple[Text, ...] = ()
    usage: tuple[Usage, ...] = ()
    machine: str = ""
    baseline: Baseline | None = None
    answers: Answers | None = None
