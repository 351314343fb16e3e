"""The search for the highest rate closes in on the capacity of an application."""

import pytest

from lab.pulling.bisection import HIGHEST_RATE, search


def tried(capacity, first, steps, *, limit=float("inf")):
    rates = []

    def sustained(rate):
        rates.append(rate)
        return None if rate > limit else rate <= capacity

    search(first, steps, sustained)
    return rates


@pytest.mark.parametrize(("capacity", "first"), [(10.0, 1.0), (10.0, 64.0), (3.3, 3.0)])
def test_the_capacity_is_enclosed(capacity, first):
    rates = tried(capacity, first, 8)
    low = max(rate for rate in rates if rate <= capacity)
    high = min(rate for rate in rates if rate > capacity)
    assert high / low < 1.5
    assert len(rates) <= 8


def test_it_ends_where_the_laboratory_ends():
    assert tried(1e9, 100.0, 12)[-1] == HIGHEST_RATE
    assert tried(1e9, 10.0, 12, limit=30.0) == [10.0, 20.0, 40.0]


def test_what_never_keeps_up_is_tried_lower_and_lower():
    assert tried(0.0, 8.0, 4) == [8.0, 4.0, 2.0, 1.0]
