"""Each measure on a case whose answer is known."""

import numpy as np
import pytest

from synthetic_data.augmentation.measures.closeness import closeness
from synthetic_data.augmentation.measures.columns import column_gaps, cramers_v
from synthetic_data.augmentation.measures.dependence import correlation_error
from synthetic_data.augmentation.measures.discriminator import discriminator_auc
from synthetic_data.augmentation.measures.distances import nearest
from synthetic_data.augmentation.measures.encoding import encoding_of
from synthetic_data.augmentation.measures.exposure import exposure
from synthetic_data.augmentation.measures.inference import inference_risks
from synthetic_data.augmentation.measures.linkability import linkability_risk
from synthetic_data.augmentation.measures.logistic import fit_logistic
from synthetic_data.augmentation.measures.ranking import area_under_curve, kolmogorov_smirnov, wasserstein
from synthetic_data.augmentation.measures.risk import excess_risk
from synthetic_data.augmentation.measures.singling_out import singling_out_risk
from synthetic_data.augmentation.measures.trial import Trial
from synthetic_data.augmentation.measures.usefulness import target_of, usefulness
from synthetic_data.augmentation.refusal import Refusal
from synthetic_data.augmentation.table import Column, Table

NAN = float("nan")


def numbers(cells):
    cells = np.asarray(cells, dtype=float)
    return Table(tuple(Column(f"x{at}", "number", 6) for at in range(cells.shape[1])), cells)


def normal_rows(count, width, seed):
    return np.random.default_rng(seed).normal(size=(count, width))


def test_area_under_curve_counts_ties_for_half():
    assert area_under_curve(np.array([3.0, 4]), np.array([1.0, 2])) == 1
    assert area_under_curve(np.array([1.0, 2]), np.array([1.0, 2])) == 0.5
    assert area_under_curve(np.array([2.0]), np.array([1.0, 2, 3, 2])) == 0.5


def test_kolmogorov_smirnov_and_wasserstein():
    a, b = np.array([0.0, 1, 2, 3]), np.array([2.0, 3, 4, 5])
    assert kolmogorov_smirnov(a, b) == 0.5
    assert wasserstein(a, b) == pytest.approx(2)  # a shift by 2 moves everybody by 2
    assert kolmogorov_smirnov(a, a) == 0
    assert wasserstein(a, a) == 0


def test_cramers_v_is_one_for_disjoint_levels_and_zero_for_equal_shares():
    assert cramers_v(np.array([[1.0, 0], [0, 1]])) == pytest.approx(1)
    assert cramers_v(np.array([[0.3, 0.7], [0.3, 0.7]])) == pytest.approx(0)
    # Shares 0.4 / 0.6 against 0.6 / 0.4: chi2 / n = 0.04.
    assert cramers_v(np.array([[0.4, 0.6], [0.6, 0.4]])) == pytest.approx(0.2)


def test_column_gaps_give_total_variation_and_missing_shares():
    levels = Column("c", "category", levels=("a", "b"))
    first = Table((levels,), np.array([[0.0]] * 5 + [[1.0]] * 5))
    second = Table((levels,), np.array([[0.0]] * 8 + [[1.0]] * 2 + [[NAN]] * 10))
    (gap,) = column_gaps(second, first)
    assert (gap.measure, gap.gap, gap.missing) == ("TV", pytest.approx(0.3), pytest.approx(0.5))
    assert gap.wasserstein is None


def test_correlation_error_between_perfect_and_opposite_dependence_is_two():
    x = np.linspace(0, 1, 50)
    up, down = numbers(np.column_stack([x, x])), numbers(np.column_stack([x, 1 - x]))
    ruler = encoding_of(up)
    error = correlation_error(ruler, ruler.encode(down), ruler.encode(up))
    assert error.largest == pytest.approx(2)
    assert correlation_error(ruler, ruler.encode(up), ruler.encode(up)).largest == 0


def test_nearest_is_exact_sorted_and_the_same_by_blocks():
    rows, points = normal_rows(40, 3, 0), normal_rows(30, 3, 1)
    rows[5] = points[11]
    found = nearest(rows, points, 2)
    every = np.sqrt(((rows[:, None] - points) ** 2).sum(axis=2))
    assert np.allclose(found.distances, np.sort(every, axis=1)[:, :2])
    assert found.distances[5, 0] == 0
    assert found.at[5, 0] == 11


def test_logistic_regression_recovers_the_odds():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20_000, 2))
    y = (rng.random(20_000) < 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.5 * x[:, 1])))).astype(float)
    model = fit_logistic(x, y, 1.0)
    assert model.weights[1:] / model.scale == pytest.approx([1.5, -0.5], abs=0.08)


def test_the_discriminator_sees_dependence_but_not_a_fresh_draw():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 1))
    linked = numbers(np.hstack([x, x + 0.5 * rng.normal(size=(1500, 1))]))
    ruler = encoding_of(linked)
    points = ruler.encode(linked)
    assert discriminator_auc(ruler, points[:750], points[750:], rng) == pytest.approx(0.5, abs=0.06)
    assert discriminator_auc(ruler, rng.permuted(points[:750], axis=0), points[750:], rng) > 0.8


def test_prediction_is_learned_from_one_table_and_tested_on_another():
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    table = numbers(np.column_stack([x, x + 0.1 * rng.normal(size=400)]))
    ruler = encoding_of(table)
    target = target_of(table, "x1", ruler)
    sample = (table, ruler.encode(table))
    noise = numbers(rng.permuted(table.cells, axis=0))
    assert usefulness(ruler, target, sample, sample) > 0.98
    # A model learned from noise points anywhere; its opposite is as good: only its size is bounded.
    assert target.outcome(noise).mean() == pytest.approx(0.5, abs=0.01)
    with pytest.raises(Refusal, match="unknown"):
        target_of(table, "unknown", ruler)


@pytest.fixture(scope="module")
def copied():
    """A release that is the members themselves."""
    people = numbers(normal_rows(400, 6, 2))
    members, outsiders = people.take(np.arange(200)), people.take(np.arange(200, 400))
    return Trial(encoding_of(people), members, outsiders, members, members)


@pytest.fixture(scope="module")
def fresh():
    """A release that is other people of the same kind."""
    people = numbers(normal_rows(400, 6, 2))
    members, outsiders = people.take(np.arange(200)), people.take(np.arange(200, 400))
    return Trial(encoding_of(people), members, outsiders, numbers(normal_rows(4000, 6, 3)), members)


def test_every_attack_succeeds_on_copies(copied):
    near, seen = closeness(copied), exposure(copied)
    assert (near.copies, near.dcr, near.nndr, near.share) == (200, 0, 0, 1)
    assert (seen.advantage, seen.hidden, seen.cloaking) == (1, 0, 0)
    assert seen.hidden_outsiders > 0.5
    assert singling_out_risk(copied, np.random.default_rng(0)) > 0.9
    assert linkability_risk(copied) > 0.9
    assert inference_risks(copied) == pytest.approx([1] * 6, abs=0.2)


def test_no_attack_succeeds_on_other_people(fresh):
    near, seen = closeness(fresh), exposure(fresh)
    assert near.copies == 0
    assert near.dcr > 0.3
    assert near.share == pytest.approx(0.5, abs=0.06)
    assert abs(seen.advantage) < 0.12
    assert abs(seen.hidden - seen.hidden_outsiders) < 0.1
    assert abs(singling_out_risk(fresh, np.random.default_rng(0))) < 0.1
    assert abs(linkability_risk(fresh)) < 0.1
    assert inference_risks(fresh).max() < 0.1


def test_risk_is_what_membership_adds():
    assert excess_risk(0.6, 0.2) == pytest.approx(0.5)
    assert excess_risk(0.2, 0.2) == 0
    assert excess_risk(1.0, 1.0) == 0


def test_two_levels_are_as_far_apart_as_two_patients_in_one_number():
    cells = np.column_stack([np.repeat([0.0, 1], 100), np.linspace(0, 9, 200)])
    table = Table((Column("c", "category", levels=("a", "b")), Column("x", "number", 3)), cells)
    points = encoding_of(table).encode(table)
    assert ((points[0, :2] - points[199, :2]) ** 2).sum() == 2
    assert 2 * points[:, 2].var() == pytest.approx(2, abs=0.1)
