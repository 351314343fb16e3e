"""Percentiles of the histogram against exact ones."""

import math
import random

import pytest

from lab.load.histogram import HIGHEST_S, LOWEST_S, Histogram, total


def exact(samples, rank):
    return sorted(samples)[math.ceil(len(samples) * rank / 100) - 1] * 1000


def filled(samples):
    histogram = Histogram()
    for sample in samples:
        histogram.add(sample)
    return histogram


@pytest.mark.parametrize("rank", [1, 50, 90, 95, 99, 99.9, 100])
def test_percentiles_are_within_half_a_percent_of_the_exact_ones(rank):
    draw = random.Random(7)  # noqa: S311 - reproducible samples, no secret
    samples = [draw.lognormvariate(-5, 1.5) for _ in range(5000)] + [draw.uniform(1, 4) for _ in range(200)]
    assert filled(samples).percentile(rank) == pytest.approx(exact(samples, rank), rel=0.005)


def test_the_sum_of_histograms_is_the_histogram_of_all_samples():
    draw = random.Random(8)  # noqa: S311 - as above
    parts = [[draw.expovariate(20) for _ in range(300)] for _ in range(5)]
    merged = total(filled(part) for part in parts)
    assert merged.buckets == filled(sample for part in parts for sample in part).buckets


def test_an_empty_histogram_has_no_percentile():
    assert Histogram().percentile(95) is None


def test_durations_out_of_range_are_kept_in_the_outer_buckets():
    histogram = filled([0.0, 1e6])
    assert histogram.percentile(1) == pytest.approx(LOWEST_S * 1000, rel=0.005)
    assert histogram.percentile(100) == pytest.approx(HIGHEST_S * 1000, rel=0.005)
