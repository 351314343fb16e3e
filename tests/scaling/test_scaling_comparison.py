"""Comparisons: a thing is not found slower than itself, 8 % are found, and what lasts is no evidence."""

from collections import Counter

import numpy as np
import pytest

from lab.model.scaling import SizeLaw
from lab.model.words import Growth
from lab.scaling.comparison import compare
from lab.scaling.contrast import contrast
from lab.scaling.laws import fit

SECONDS = 120
COMPARISONS = 200


def latencies(random, seconds=SECONDS, lasting=0.0):
    """Return a median for each second, in ms: 10 % of noise, a part of which may last."""
    noise, value = [], 0.0
    for step in random.normal(0, 0.10, seconds):
        value = lasting * value + np.sqrt(1 - lasting**2) * step
        noise.append(value)
    return 20 * np.exp(noise)


def words(ratio, lasting=0.0):
    random = np.random.default_rng(11)
    pairs = (
        (latencies(random, lasting=lasting), ratio * latencies(random, lasting=lasting))
        for _ in range(COMPARISONS)
    )
    return Counter(compare(a, b).word for a, b in pairs)


def test_a_thing_is_not_slower_than_itself():
    said = words(1.0)
    assert said["slower"] <= 0.01 * COMPARISONS, said
    assert said["faster"] <= 0.01 * COMPARISONS, said


def test_resampled_halves_of_one_run_do_not_differ():
    random = np.random.default_rng(3)
    run = latencies(random, 2 * SECONDS)
    said = Counter()
    for _ in range(COMPARISONS):
        order = random.permutation(len(run))
        said[compare(run[order[:SECONDS]], run[order[SECONDS:]]).word] += 1
    assert said["slower"] + said["faster"] <= 0.01 * COMPARISONS, said


def test_eight_per_cent_are_found():
    said = words(1.08)
    assert said["slower"] >= 0.9 * COMPARISONS, said
    assert not said["faster"]
    assert words(1 / 1.08)["faster"] >= 0.9 * COMPARISONS


def test_what_lasts_is_not_taken_for_evidence():
    said = words(1.0, lasting=0.8)
    assert said["slower"] + said["faster"] <= 0.04 * COMPARISONS, said


def test_the_ratio_and_its_interval_hold_the_truth():
    random = np.random.default_rng(1)
    found = compare(latencies(random, 300), 1.2 * latencies(random, 300))
    assert found is not None
    assert found.low < 1.2 < found.high
    assert found.ratio == pytest.approx(1.2, rel=0.03)
    assert found.effect > 0.8


def test_the_same_numbers_show_no_difference_and_too_few_show_nothing():
    same = compare([10.0] * 30, [10.0] * 30)
    assert same is not None
    assert (same.ratio, same.word) == (1.0, "no difference")
    assert compare([10.0] * 4, [10.0] * 30) is None


def test_linear_here_exponential_there():
    sizes = [125, 250, 500, 1000, 2000] * 5
    random = np.random.default_rng(2)
    linear = fit(sizes, [size / 100 * random.lognormal(0, 0.05) for size in sizes])
    exponential = fit(sizes, [2 ** (size / 260) * random.lognormal(0, 0.05) for size in sizes])
    found = contrast(linear, exponential)
    assert (found.first, found.second, found.word) == (Growth.LINEAR, Growth.EXPONENTIAL, "steeper")
    assert contrast(exponential, linear).word == "flatter"
    assert contrast(linear, linear).word == "no difference"


def test_the_interval_of_a_difference_is_that_of_both():
    def law(slope, width):
        return SizeLaw(
            slope, slope - width, slope + width, slope, slope, slope, 0.0, Growth.LINEAR, Growth.LINEAR
        )

    found = contrast(law(0.8, 0.03), law(1.0, 0.04))
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.15, 0.25))
    assert found.word == "steeper"
    assert contrast(law(0.8, 0.3), law(1.0, 0.4)).word == "cannot be said"
