"""The most frequent laboratory tests: median, spread, usual range, share of results out of range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthetic_data.description.gathering.laboratory import TestTally

_MOST = 20


@dataclass(frozen=True, slots=True)
class TestPortrait:
    """`p5`, `median`, `p95`: None for findings, which have no number; `low`, `high`: the most frequent range.

    `out`: share of the results that could be out of range and are, None when none could.
    """

    code: str
    label: str
    unit: str
    count: int
    p5: float | None
    median: float | None
    p95: float | None
    low: float | None
    high: float | None
    ranges: int
    out: float | None


@dataclass(frozen=True, slots=True)
class LaboratoryPortrait:
    """`tests`: the most frequent ones; `different`: how many there are; `total`: results in all."""

    tests: tuple[TestPortrait, ...]
    different: int
    total: int


def laboratory_portrait(tests: Mapping[str, TestTally]) -> LaboratoryPortrait:
    """Describe the most frequent tests."""
    ranked = sorted(tests.values(), key=lambda test: (-test.count, test.code))
    return LaboratoryPortrait(
        tuple(_portrait(test) for test in ranked[:_MOST]), len(ranked), sum(test.count for test in ranked)
    )


def _portrait(test: TestTally) -> TestPortrait:
    p5, median, p95 = (_quantile(test, share) for share in (0.05, 0.5, 0.95))
    low, high = max(test.ranges, key=lambda one: (test.ranges[one], one), default=(math.inf, math.inf))
    return TestPortrait(
        code=test.code,
        label=test.label,
        unit=test.unit,
        count=test.count,
        p5=p5,
        median=median,
        p95=p95,
        low=None if math.isinf(low) else low,
        high=None if math.isinf(high) else high,
        ranges=len(test.ranges),
        out=test.out / test.judged if test.judged else None,
    )


def _quantile(test: TestTally, share: float) -> float | None:
    """Give the least value below or at which this share of the results lies."""
    reached = np.cumsum(test.times)
    if not len(reached):
        return None
    return float(test.values[np.searchsorted(reached, share * reached[-1])])
