"""How an application grows: its latency by size, its throughput by concurrency, and the verdict on both."""

from dataclasses import dataclass

from lab.model.text import Text
from lab.model.words import Growth


@dataclass(frozen=True)
class SizePoint:
    """One size of the sweep: the median of its p50 over the repetitions, their extremes, and the fitted law.

    ``size`` is in patients, everything else in ms; ``fitted_low`` and ``fitted_high`` are the band at 95 %.
    """

    size: int
    p50: float
    low: float
    high: float
    fitted: float
    fitted_low: float
    fitted_high: float


@dataclass(frozen=True)
class SizeLaw:
    """The slope of ln(p50) on ln(size), its interval at 95 %, and the classes that the interval leaves open.

    ``octave`` is the slope between the two largest sizes, with its interval. ``advantage`` is by how much an
    exponential describes the points better than a power law and than a constant plus a power
    (difference of AICc). ``least`` and ``most`` are the same when the class is known.
    """

    slope: float
    low: float
    high: float
    octave: float
    octave_low: float
    octave_high: float
    advantage: float
    least: Growth
    most: Growth

    @property
    def growth(self) -> Growth:
        """The class, indeterminate when the interval straddles a limit."""
        return self.least if self.least is self.most else Growth.INDETERMINATE


@dataclass(frozen=True)
class Level:
    """One concurrency: requests/s, latencies in ms, Little's ratio, CPU share of the generator."""

    concurrency: int
    rate: float
    p50: float
    p99: float
    little: float
    cpu: float


@dataclass(frozen=True)
class CurvePoint:
    """The fitted throughput (requests/s) at one concurrency, with its band at 95 %."""

    concurrency: float
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class ConcurrencyLaw:
    """The Universal Scalability Law: X(N) = rate * N / (1 + contention (N-1) + coherency N (N-1)).

    ``rate`` is that of one caller, in requests/s. ``peak`` is the concurrency of the highest throughput, None
    where that lies too far beyond what was tested; ``efficiency`` is X(N) / (rate * N) at the ``largest`` N
    that the law rests on.
    ``knee`` is the first concurrency from which a further caller brings less than half of what the first
    brought, None when there is none; ``tail`` tells that p99 was more than five times p50 there.
    """

    rate: float
    contention: float
    contention_low: float
    contention_high: float
    coherency: float
    coherency_low: float
    coherency_high: float
    peak: float | None
    efficiency: float
    largest: int
    knee: int | None
    tail: bool
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Interaction:
    """One kind of request in both sweeps. ``meets`` is None when it cannot be said.

    ``invalid_reason`` says why the law by size cannot be trusted, ``concurrency_reason`` the other one.
    """

    name: str
    requests: int
    errors: int
    meets: bool | None
    invalid_reason: Text | None
    law: SizeLaw | None
    sizes: tuple[SizePoint, ...]
    concurrency_reason: Text | None
    concurrency: ConcurrencyLaw | None
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class ScalingResult:
    """Both sweeps, judged. ``sizes`` are in patients; ``at_most`` is the steepest class that conforms.

    Every cell was played ``repetitions`` times, the warm-up aside; ``fewest`` is how often the cell counts
    that counts least. ``counted`` cells were judged, ``disturbed`` ones left out because the control beside
    them was slow. ``control_p50`` is the median latency of the control at its best, in ms, ``drift`` how much
    slower it was at most beside a cell that counts, as a share. ``held`` is how many patients the application
    said that it held at each size, in order, -1 where it did not say. ``interleaved`` tells that all sizes
    were there at once.
    """

    title: Text
    at_most: Growth
    sizes: tuple[int, ...]
    held: tuple[int, ...]
    concurrencies: tuple[int, ...]
    interleaved: bool
    valid: bool
    invalid_reason: Text | None
    meets: bool | None
    repetitions: int
    fewest: int
    counted: int
    disturbed: int
    control_p50: float | None
    drift: float | None
    interactions: tuple[Interaction, ...]
