"""The Universal Scalability Law: planted parameters are found, and those of published measurements."""

import numpy as np
import pytest

from lab.scaling.knee import has_long_tail, knee
from lab.scaling.usl import fit

# samply/blaze, docs/performance/load-testing.md: reads of one Patient, requests/s by callers, without the
# row of one caller, which was not warm.
PUBLISHED = {2: 3907, 4: 7248, 8: 13381, 16: 23678, 32: 38314, 48: 45679, 64: 48868}
EVERYTHING = {1: 40.50, 2: 73.07, 4: 162.9, 8: 234.9, 16: 261.2, 32: 258.7}


def law(n, rate, s, k):
    return rate * n / (1 + s * (n - 1) + k * n * (n - 1))


@pytest.mark.parametrize(("s", "k"), [(0.0, 0.0), (0.08, 0.0), (0.03, 0.002), (0.25, 0.01)])
def test_planted_parameters_are_within_their_intervals(s, k):
    random = np.random.default_rng(5)
    callers = [n for n in (1, 2, 4, 8, 16, 32) for _ in range(5)]
    rates = [law(n, 100, s, k) * random.lognormal(0, 0.03) for n in callers]
    found = fit(callers, rates, seed=1)
    assert found is not None
    assert found.contention[1] - 0.005 <= s <= found.contention[2] + 0.005
    assert found.coherency[1] - 0.0005 <= k <= found.coherency[2] + 0.0005
    assert all(point.low <= point.rate * 1.02 and point.rate <= point.high * 1.02 for point in found.curve)


def test_published_reads_give_the_known_parameters():
    found = fit(list(PUBLISHED), list(PUBLISHED.values()), seed=1)
    assert found is not None
    assert found.contention[0] == pytest.approx(0.018, abs=0.002)
    assert found.coherency[0] == pytest.approx(9.5e-5, rel=0.1)
    assert found.peak is None  # 102 callers: further than one and a half times the 64 that were tried


def test_published_everything_has_its_peak_among_what_was_tried():
    found = fit(list(EVERYTHING), list(EVERYTHING.values()), seed=1)
    assert found is not None
    assert found.contention[0] == pytest.approx(0.038, abs=0.01)
    assert found.peak == pytest.approx(18, abs=2)
    assert found.efficiency < 0.3


def test_the_same_seed_gives_the_same_intervals():
    callers, rates = list(PUBLISHED), list(PUBLISHED.values())
    assert fit(callers, rates, seed=3) == fit(callers, rates, seed=3)
    assert fit(callers, rates, seed=3) != fit(callers, rates, seed=4)


def test_throughput_of_nothing_has_no_law():
    assert fit([1, 2, 4], [10.0, 0.0, 0.0], seed=1) is None


def test_the_knee_is_where_one_more_caller_brings_less_than_half():
    assert knee([(1, 100), (2, 195), (4, 380), (8, 500), (16, 520)], 100) == 8
    assert knee([(1, 100), (2, 200), (4, 400)], 100) is None
    assert has_long_tail(10, 60)
    assert not has_long_tail(10, 40)
