"""The copula: what it reproduces, and what it must not keep of a patient."""

import numpy as np
import pytest

from synthetic_data.augmentation.model import normal
from synthetic_data.augmentation.model.copula import fit_copula
from synthetic_data.augmentation.model.correlation import denoised, positive_definite
from synthetic_data.augmentation.model.draw import draw
from synthetic_data.augmentation.model.hermite import latent_correlation, scored
from synthetic_data.augmentation.model.kept_levels import fit_levels
from synthetic_data.augmentation.model.smooth_numbers import fit_smooth_number
from synthetic_data.augmentation.model.step_numbers import fit_step_number
from synthetic_data.augmentation.table import OTHER, Column, Table

GRID = np.linspace(0.0005, 0.9995, 1000)[:, None]
STEPS = {
    "number": lambda z: z,
    "score": lambda z: np.digitize(z, [-1, 0, 1]).astype(float),
    "yes or no": lambda z: (z > 0.7).astype(float),
}


def test_the_normal_law_and_its_inverse():
    assert normal.cdf(np.array([0.0, 1.959964])) == pytest.approx([0.5, 0.975], abs=1e-6)
    z = np.linspace(-4, 4, 50)
    assert normal.quantile(normal.cdf(z)) == pytest.approx(z, abs=1e-6)


@pytest.mark.parametrize("rho", [-0.6, 0.3, 0.85])
@pytest.mark.parametrize("first", STEPS)
@pytest.mark.parametrize("second", STEPS)
def test_one_formula_finds_the_latent_correlation_of_any_two_types(rho, first, second):
    rng = np.random.default_rng(1)
    z = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 60_000)
    a, b = scored(STEPS[first](z[:, 0])), scored(STEPS[second](z[:, 1]))
    observed = np.array([np.corrcoef(a.scores, b.scores)[0, 1]])
    found = latent_correlation(observed, a.coefficients[None], b.coefficients[None])
    assert found == pytest.approx([rho], abs=0.03)


def test_an_impossible_matrix_is_repaired_and_a_possible_one_left_alone():
    impossible = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    repaired = positive_definite(impossible)
    assert np.linalg.eigvalsh(impossible)[0] < 0
    assert np.linalg.eigvalsh(repaired)[0] > 0
    assert np.diag(repaired) == pytest.approx([1, 1, 1])
    fine = np.array([[1, 0.5], [0.5, 1]])
    assert positive_definite(fine) is fine


def test_correlations_that_noise_explains_are_dropped_and_clear_ones_kept():
    size, errors = 12, np.full((12, 12), 0.06)
    noisy = np.eye(size)
    noisy[0, 1] = noisy[1, 0] = 0.05
    noisy[2, 3] = noisy[3, 2] = 0.6
    result = denoised(noisy, errors, 250)
    assert result[0, 1] == 0
    assert result[2, 3] == pytest.approx(0.55, abs=0.06)


def test_a_smooth_number_keeps_mean_spread_and_shape_but_no_extreme():
    values = np.round(np.random.default_rng(0).normal(13, 1.5, 250), 1)
    values[0] = 25.3  # one patient like no other
    law = fit_smooth_number(values, Column("hb", "number", 1))
    drawn = law.draw(GRID)
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.15)
    assert drawn.std() == pytest.approx(values.std(), rel=0.12)
    assert drawn.max() < 24
    assert (np.round(drawn, 1) == drawn).all()


def test_a_value_that_many_share_stays_a_spike_and_bounds_hold():
    rng = np.random.default_rng(0)
    values = np.concatenate([np.full(60, 1.0), np.round(1 + rng.exponential(30, 190), 1)])
    drawn = fit_smooth_number(values, Column("crp", "number", 1)).draw(GRID)
    assert (drawn == 1.0).mean() == pytest.approx(0.24, abs=0.03)
    assert drawn.min() == 1.0
    bounded = fit_smooth_number(rng.uniform(18, 100, 300), Column("age", "integer", 0, (), 18, 100)).draw(
        GRID
    )
    assert (bounded.min(), bounded.max()) == (18, 100)


def test_scores_of_too_few_patients_are_pooled_with_their_neighbours():
    known = np.repeat([3.0, 4, 6, 13, 14, 15], [1, 2, 3, 20, 40, 100])
    law = fit_step_number(known, 0)
    assert (law.low[0], law.high[0]) == (3, 6)
    drawn = law.draw(GRID)
    assert set(drawn) == {3, 4, 5, 6, 13, 14, 15}  # 5 belongs to nobody
    assert (drawn == 15).mean() == pytest.approx(100.5 / 168, abs=0.02)
    assert np.isnan(law.latent(np.array([np.nan, 15]))[0, 0])


def test_rare_levels_are_pooled_or_left_out():
    column = Column("c", "category", levels=("a", "b", "rare1", "rare2", OTHER))
    codes = np.repeat([0.0, 1, 2, 3], [60, 30, 3, 4])
    pooled = fit_levels(codes, column)
    assert pooled.pooled == (2, 3)
    assert set(pooled.draw(np.random.default_rng(0).random((2000, pooled.width)))) == {0, 1, 4}
    alone = fit_levels(np.repeat([0.0, 1, 2], [60, 30, 4]), column)
    assert (alone.pooled, alone.dropped) == ((), (2,))
    drawn = alone.draw(np.random.default_rng(0).random((20_000, alone.width)))
    assert set(drawn) == {0, 1}
    assert (drawn == 0).mean() == pytest.approx(60.5 / 91, abs=0.02)


def test_dependence_and_missing_patterns_come_back():
    rng = np.random.default_rng(0)
    x = rng.normal(size=2000)
    y, flag = np.round(x + 0.5 * rng.normal(size=2000), 5), (x > 1).astype(float)
    absent = 0.8 * x + 0.6 * rng.normal(size=2000) > 0.5
    cells = np.column_stack([np.round(x, 5), np.where(absent, np.nan, y), np.where(absent, np.nan, -y), flag])
    columns = (*(Column(n, "number", 5) for n in "xyz"), Column("f", "boolean", levels=("0", "1")))
    made = draw(fit_copula(Table(columns, cells)), 20_000, Table(columns, cells), 1, "test").table.cells
    lost = np.isnan(made[:, 1])
    assert lost[made[:, 0] > 0].mean() - lost[made[:, 0] <= 0].mean() == pytest.approx(
        absent[x > 0].mean() - absent[x <= 0].mean(), abs=0.08
    )
    assert lost.mean() == pytest.approx(absent.mean(), abs=0.02)
    assert made[~lost, 1].mean() == pytest.approx(y[~absent].mean(), abs=0.08)
    assert (lost == np.isnan(made[:, 2])).mean() > 0.9
    assert np.corrcoef(made[~lost, 0], made[~lost, 1])[0, 1] == pytest.approx(
        np.corrcoef(x[~absent], y[~absent])[0, 1], abs=0.06
    )
    assert made[made[:, 0] > 1.2, 3].mean() > 0.8


def test_a_row_equal_to_a_patient_is_moved():
    cells = np.random.default_rng(0).integers(0, 30, (200, 2)).astype(float)
    table = Table((Column("a", "integer"), Column("b", "integer")), cells)
    drawn = draw(fit_copula(table), 3000, table, 1, "test")
    assert drawn.redrawn > 0
    assert not np.isin(drawn.table.row_keys(), table.row_keys()).any()


def test_a_column_reduced_to_one_level_is_still_written():
    flag = np.repeat([0.0, 1], [97, 3])
    x = np.random.default_rng(0).normal(size=100)
    table = Table((Column("f", "boolean", levels=("no", "yes")), Column("x", "number", 2)), np.c_[flag, x])
    assert set(draw(fit_copula(table), 500, table, 1, "test").table.cells[:, 0]) == {0}
