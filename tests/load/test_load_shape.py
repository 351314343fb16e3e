"""Requests come as the shape of the profile says: as many, where, and alone or in bursts."""

from itertools import pairwise

import pytest

from lab.load.arrival import Arrival
from lab.load.drawn import Drawn
from lab.load.error import LoadError
from lab.load.routes import BUNDLE
from lab.load.shape import FLAT, Shape

RAMP = Shape(((0, 0), (1, 1)))
STEP = Shape(((0, 1), (0.5, 1), (0.5, 3), (1, 3)))
PAUSE = Shape(((0, 0), (0.5, 0), (0.5, 2), (1, 2)))


def instants(shape, count, duration_s, seed):
    """Return when that many requests of a shape leave."""
    ways = ((Arrival("poll", "Patient", "full", BUNDLE),),)
    return [at for at, _ in Drawn(ways, (count,), shape, duration_s, str(seed)).due()]


def test_the_mean_is_the_area():
    assert (FLAT.mean, RAMP.mean, STEP.mean, PAUSE.mean) == (1, 0.5, 2, 1)
    assert (FLAT.highest, STEP.highest) == (1, 3)


@pytest.mark.parametrize("shape", [FLAT, RAMP, STEP, PAUSE, Shape(((0, 3), (0.2, 0), (1, 4)))])
def test_each_part_of_the_run_gets_its_share(shape):
    at = instants(shape, 20_000, 100.0, 5)
    assert at == sorted(at)
    assert 0 <= at[0] <= at[-1] <= 100
    for tenth in range(10):
        steps = 1000
        wanted = (
            sum(shape.at((tenth + (n + 0.5) / steps) / 10) for n in range(steps)) / steps / 10 / shape.mean
        )
        got = sum(10 * tenth <= one < 10 * tenth + 10 for one in at) / len(at)
        assert got == pytest.approx(wanted, abs=0.012)


def test_a_step_is_where_it_is():
    assert [STEP.at(share) for share in (0, 0.49, 0.5, 1)] == [1, 1, 3, 3]
    assert not [one for one in instants(PAUSE, 500, 10.0, 1) if one < 5]


def test_bursts_come_together_and_are_as_many():
    at = instants(Shape(burst=5), 503, 1000.0, 2)
    assert len(at) == 503
    close = sum(later - earlier < 0.2 for earlier, later in pairwise(at))
    assert close > 390  # four of five gaps are inside a burst


@pytest.mark.parametrize(
    "points", [((0, 1),), ((0, 1), (0.5, 1)), ((0.1, 1), (1, 1)), ((0, 1), (1, -1)), ((0, 0), (1, 0))]
)
def test_what_is_no_line_over_the_run_is_refused(points):
    with pytest.raises(LoadError, match="from share 0 to share 1"):
        Shape(points)
