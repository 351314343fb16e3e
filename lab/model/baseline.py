"""A load beside one that was recorded earlier: what can be said of each kind of request."""

from dataclasses import dataclass

from lab.model.text import Text


@dataclass(frozen=True)
class Change:
    """One kind of request in both runs: ``first`` and ``second`` are seconds that hold a right answer.

    ``ratio`` is this run / the baseline of latencies, with its interval at 95 %; ``effect`` the chance that
    this run is the slower one. Each is None where it cannot be said: too few seconds, no end of the interval.
    """

    name: str
    first: int
    second: int
    ratio: float | None
    low: float | None
    high: float | None
    effect: float | None
    word: str


@dataclass(frozen=True)
class Baseline:
    """``run`` is the id of the earlier run, of ``version`` of the application, ``started`` an instant.

    ``reason`` says why nothing was compared, None when it was. ``smallest`` is the smallest difference that
    matters, as a share. ``notes`` are what a reader must know before the figures.
    """

    run: str
    started: str
    version: str
    smallest: float
    reason: Text | None
    notes: tuple[Text, ...]
    changes: tuple[Change, ...]
