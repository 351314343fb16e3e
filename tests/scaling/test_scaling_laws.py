"""The law of latency by size, simulated: each class is found, and what only looks like one is not."""

import math
from collections import Counter

import numpy as np
import pytest

from lab.model.words import Growth
from lab.scaling.laws import fit

SIZES = 1000 * 2.0 ** np.arange(7)
LAWS = {
    "constant": lambda n: 5 + 0 * n,
    "logarithmic": lambda n: np.log(n / 300),
    "cube root": lambda n: n ** (1 / 3),
    "linear": lambda n: n / 1000,
    "n log n": lambda n: n / 1000 * np.log(n),
    "quadratic": lambda n: (n / 1000) ** 2,
    "exponential": lambda n: 2 ** (n / 8000),
    "constant and a little": lambda n: 100 + 0.0003 * n,
    "constant and a square": lambda n: 20 + (n / 8000) ** 2,
}
TRIALS = 20


def simulated(law, repetitions, noise, random):
    """Return sizes and p50s: 200 requests a cell, of which 2 % take ten times as long."""
    sizes, latencies = [], []
    for size in SIZES:
        for _ in range(repetitions):
            samples = law(size) * np.exp(random.normal(0, 0.35, 200))
            samples[random.random(200) < 0.02] *= 10
            sizes.append(size)
            latencies.append(float(np.median(samples)) * math.exp(random.normal(0, noise)))
    return sizes, latencies


def found(name, repetitions, noise):
    random = np.random.default_rng(7)
    return [fit(*simulated(LAWS[name], repetitions, noise, random)) for _ in range(TRIALS)]


@pytest.mark.parametrize(
    ("name", "growth"),
    [
        ("constant", Growth.FLAT),
        ("logarithmic", Growth.SUB_LINEAR),
        ("cube root", Growth.SUB_LINEAR),
        ("linear", Growth.LINEAR),
        ("quadratic", Growth.SUPER_LINEAR),
        ("exponential", Growth.EXPONENTIAL),
        ("constant and a little", Growth.FLAT),
    ],
)
def test_each_law_is_found_through_noise(name, growth):
    classes = Counter(law.growth for law in found(name, 5, 0.15))
    assert classes[growth] == TRIALS, classes


def test_a_law_on_a_limit_is_not_guessed():
    classes = Counter(law.growth for law in found("n log n", 5, 0.15))
    assert classes[Growth.INDETERMINATE] > TRIALS / 2
    assert not classes[Growth.EXPONENTIAL]


@pytest.mark.parametrize("name", [name for name in LAWS if name != "exponential"])
@pytest.mark.parametrize("noise", [0.05, 0.30])
def test_nothing_else_is_called_exponential(name, noise):
    assert all(law.growth is not Growth.EXPONENTIAL for law in found(name, 5, noise))


def test_the_slope_alone_would_call_an_exponential_linear():
    slopes = [law.slope for law in found("exponential", 5, 0.15)]
    assert 0.5 < np.median(slopes) < 1.1


def test_the_interval_narrows_as_simulated():
    """The half-widths of the reference: 0.02 at 3 repetitions and 5 % of noise, 0.04 at 5 and 15 %."""
    for repetitions, noise, expected in ((3, 0.05, 0.02), (5, 0.15, 0.04), (5, 0.30, 0.08)):
        widths = [(law.high - law.low) / 2 for law in found("linear", repetitions, noise)]
        assert np.median(widths) == pytest.approx(expected, abs=0.015)


def test_a_constant_that_hides_a_square_is_not_called_flat():
    law = fit(SIZES, [20 + (size / 8000) ** 2 for size in SIZES])
    assert law.growth is not Growth.FLAT
    assert law.most is Growth.SUPER_LINEAR
