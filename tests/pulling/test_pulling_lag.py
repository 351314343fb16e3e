"""The lag of simulated pollers: one that keeps up is not accused, one that does not is found."""

import random

import pytest
from puller_traffic import commit, polled

from lab.pulling.lag import AGEING_NOISE, Lag, ageing, grows, slope
from lab.pulling.pairing import Pair


def commits(rate, duration, seed):
    chance = random.Random(seed)  # noqa: S311 - reproducible
    instants = sorted(chance.uniform(0, duration) for _ in range(round(rate * duration)))
    return [commit(number, t) for number, t in enumerate(instants)]


def test_the_lag_is_what_happened_less_what_was_delivered():
    lag = Lag([Pair(commit(1, 1.0), 3.0), Pair(commit(2, 2.0), None), Pair(commit(3, 4.0), 3.9)])
    assert [lag.at(t) for t in (0.5, 1.5, 2.5, 3.5, 4.5)] == [0, 1, 2, 1, 1]
    assert lag.highest(0, 5) == 2


@pytest.mark.parametrize("period", [0.5, 1.0, 3.0])
def test_who_keeps_up_is_seldom_accused(period):
    accused = 0
    for seed in range(60):
        found = slope(polled(commits(5, 30, seed), period, 31), 0, 30, 0.5, ())
        accused += found is not None and grows(found, 5)
    assert accused <= 2


@pytest.mark.parametrize("capacity", [1, 2])
def test_who_takes_less_than_what_happens_is_found(capacity):
    for seed in range(20):
        found = slope(polled(commits(5, 30, seed), 0.5, 31, capacity=capacity), 0, 30, 0.5, ())
        assert found is not None
        assert grows(found, 5)


@pytest.mark.parametrize("growth", [1.0, 1.15])
def test_who_polls_later_and_later_is_told_from_who_does_not(growth):
    accused = 0
    for seed in range(40):
        happened, pairs, t, period = commits(5, 15, seed), [], 0.2, 0.5
        while t < 15:
            ready = [one for one in happened if one.t <= t]
            pairs += [Pair(one, t) for one in ready]
            happened = happened[len(ready) :]
            t, period = t + period, period * growth
        found = ageing(pairs, 0, 15, 0.5, ())
        accused += found is not None and found.low > AGEING_NOISE
    assert accused == 40 if growth > 1 else accused <= 2


def test_who_stops_is_found():
    pairs = [Pair(one, one.t + 0.2 if one.t < 5 else None) for one in commits(5, 30, 1)]
    found = slope(pairs, 0, 30, 0.5, ())
    assert found is not None
    assert grows(found, 5)


def test_spans_left_out_count_for_nothing():
    pairs = [Pair(one, one.t + (10 if 10 < one.t < 15 else 0.2)) for one in commits(5, 30, 1)]
    calm = slope(pairs, 0, 30, 0.5, ((10, 26),))
    assert calm is not None
    assert not grows(calm, 5)


def test_too_little_is_no_slope():
    assert slope([Pair(commit(n, n / 2), n / 2) for n in range(9)], 0, 30, 0.5, ()) is None
    assert slope([Pair(one, one.t) for one in commits(50, 2, 1)], 0, 2, 0.5, ()) is None
