"""Wide bins of latencies: each request once, where its latency says."""

import pytest

from lab.load.heat import heat
from lab.load.histogram import Histogram


@pytest.mark.parametrize(
    ("seconds", "number"), [(0.00105, 0), (0.0105, 5), (0.0158, 5), (0.016, 6), (1.05, 15), (0.00006, -7)]
)
def test_a_latency_falls_between_the_ends_of_its_bin(seconds: float, number: int) -> None:
    counted = Histogram()
    counted.add(seconds)
    counted.add(seconds)
    assert heat(counted) == ((number, 2),)
    assert 10 ** (number / 5) <= seconds * 1000 < 10 ** ((number + 1) / 5)


def test_nothing_is_no_bin() -> None:
    assert heat(Histogram()) == ()
