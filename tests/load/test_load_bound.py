"""The upper bound of leaks: known values, and what it is for: nothing seen is not nothing there."""

import pytest

from lab.load.bound import upper_bound


@pytest.mark.parametrize(
    ("leaks", "probes", "share"),
    [
        (0, 1, 0.95),
        (0, 100, 1 - 0.05**0.01),
        (0, 59, 0.0495),  # the rule of 59 samples
        (1, 10, 0.3942),  # tables of Clopper and Pearson
        (3, 20, 0.3437),
        (5, 5, 1.0),
    ],
)
def test_known_values(leaks, probes, share):
    assert upper_bound(leaks, probes) == pytest.approx(share, abs=5e-4)


def test_nothing_asked_bounds_nothing():
    assert upper_bound(0, 0) is None


def test_more_questions_leave_less_room():
    bounds = [upper_bound(0, probes) for probes in (10, 100, 1_000, 100_000)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == pytest.approx(3e-5, rel=0.01)
