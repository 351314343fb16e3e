"""Growth under a steady load: seen where it is, not where it is not, and not shown by too little."""

import random

import pytest

from lab.load.error import LoadError
from lab.load.gates import parse
from lab.load.growth import Growth, measurable, points, read_growth
from lab.model.load import Second, Usage

RUN_S = 600.0


def drawn(at, noise=0.05, count=600):
    """Return a noisy value a second; noise is a share of it."""
    chance = random.Random(7)  # noqa: S311 - noise
    return [(t, at(t) * chance.lognormvariate(0, noise)) for t in range(count)]


def judged(found, limit=20.0, duration_s=RUN_S):
    return Growth("g", "memory", limit).judge(found, duration_s)


def test_what_stays_is_met():
    stays = judged(drawn(lambda _: 100e6))
    assert stays.met is True  # a value of JSON, not of numpy
    assert {type(one) for one in (stays.value, stays.low, stays.high)} == {float}
    assert abs(stays.value) < 3
    assert stays.low < stays.value < stays.high < 20


@pytest.mark.parametrize("share", [0.3, 1.0, 4.0])
def test_what_grows_is_not_met_and_its_growth_is_measured(share):
    grows = judged(drawn(lambda t: 100e6 * (1 + share * t / RUN_S)))
    assert not grows.met
    # Of where it stood after the first quarter, when caches are full.
    assert grows.value == pytest.approx(100 * share / (1 + share / 4), rel=0.1)
    assert grows.low <= grows.value <= grows.high


def test_a_cache_that_fills_at_the_beginning_is_no_leak():
    assert judged(drawn(lambda t: 100e6 * min(1 + t / 100, 2))).met


def test_too_little_to_tell_is_not_met():
    assert judged([]).value is None
    few = judged(drawn(lambda _: 1.0, count=14), duration_s=14.0)
    assert (few.value, few.met, few.samples) == (None, False, 10)
    # Enough points, and so noisy that both would be possible.
    unsure = judged(drawn(lambda _: 1.0, noise=1.5, count=40), duration_s=40.0)
    assert not unsure.met
    assert unsure.low < 20 < unsure.high


def test_a_long_night_is_thinned_and_still_seen():
    night = drawn(lambda t: 100e6 * (1 + 0.5 * t / 40_000), count=40_000)
    grows = judged(night, duration_s=40_000.0)
    assert not grows.met
    assert grows.samples == 30_000


def test_it_is_read_like_the_other_thresholds():
    assert parse("memory: growth < 20%") == Growth("memory: growth < 20%", "memory", 20.0)
    assert read_growth("all: p95 < 20ms") is None
    for wrong in (
        "poll: growth < 20%",
        "memory: growth > 20%",
        "memory: growth < 20",
        "memory: growth < 20% abort",
    ):
        with pytest.raises(LoadError, match="memory: growth < 20%"):
            parse(wrong)


def test_it_looks_at_the_application_and_at_answered_seconds():
    used = [Usage(1.0, "hospital", 0.1, 5), Usage(1.5, "application", 0.1, 7)]
    seconds = [Second(0, 1.0, 1, 1.0, 2.5, 1.0, 0, 0), Second(1, 1.0, 0, None, None, None, 0, 0)]
    assert points("memory", seconds, used) == [(1.5, 7.0)]
    assert points("latency", seconds, used) == [(0.0, 2.5)]


def test_the_memory_of_an_application_elsewhere_is_not_asked():
    asked = ("leaks == 0", "memory: growth < 20%", "latency: growth < 50%")
    assert measurable(asked, ["application"]) == asked
    assert measurable(asked, ["hospital"]) == ("leaks == 0", "latency: growth < 50%")
