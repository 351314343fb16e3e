"""The verdict: it accepts the copula, refuses copies and independent columns, knows when not to conclude."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic_data.augmentation.candidates import Candidate, candidates_of
from synthetic_data.augmentation.measures.closeness import closeness, exact_copies
from synthetic_data.augmentation.measures.encoding import encoding_of
from synthetic_data.augmentation.table import stacked
from synthetic_data.augmentation.verdict.criteria import PRIVACY
from synthetic_data.augmentation.verdict.judge import judge


def missed(verdict):
    return {criterion.key for criterion in verdict.failed}


@pytest.fixture(scope="module")
def figures(measure, candidates):
    return measure(candidates)


def test_the_copula_is_accepted_and_all_controls_come_out_as_they_must(figures):
    verdict = judge(figures)
    assert verdict.surprises == ()
    assert missed(verdict) == set()
    assert verdict.exit_code == 0
    assert verdict.sentence.en == "Privacy holds; fidelity holds."


def test_patients_copied_with_replacement_are_refused_for_privacy_and_for_nothing_else(figures):
    copied = replace(
        figures,
        fidelity={**figures.fidelity, "augmented": figures.fidelity["bootstrap"]},
        privacy={**figures.privacy, "augmented": figures.privacy["bootstrap"]},
    )
    verdict = judge(copied)
    assert verdict.exit_code == 1
    assert not verdict.privacy_holds
    assert verdict.fidelity_holds
    assert missed(verdict) == {criterion.key for criterion in PRIVACY} - {"closer_to_train_min"}


def test_independent_columns_are_refused_for_fidelity_and_their_shapes_are_not_what_fails(
    measure, candidates
):
    independent = Candidate(candidates.shuffled.rows, candidates.augmented.trials)
    verdict = judge(measure(replace(candidates, augmented=independent)))
    assert verdict.exit_code == 1
    assert not verdict.fidelity_holds
    assert {"correlation_mean", "correlation_max", "discriminator_auc", "tstr_auc"} <= missed(verdict)
    assert not {"column_gap_mean", "column_gap_max", "missing_gap"} & missed(verdict)


def test_one_planted_copy_is_counted_and_refused(candidates, figures):
    trial = candidates.augmented.trials[0]
    assert exact_copies(trial) == 0
    planted = replace(trial, released=stacked(trial.released, candidates.learned.take(np.array([3]))))
    assert exact_copies(planted) == 1
    assert closeness(planted).copies == 1
    spoiled = replace(figures.privacy["augmented"], copies=1)
    verdict = judge(replace(figures, privacy={**figures.privacy, "augmented": spoiled}))
    assert missed(verdict) == {"exact_copies"}
    assert verdict.exit_code == 1


def test_nothing_is_concluded_when_a_control_is_not_what_it_must_be(figures):
    private = figures.privacy
    blind = judge(replace(figures, privacy={**private, "bootstrap": private["augmented"]}))
    assert blind.exit_code == 3
    assert "copied patients" in blind.sentence.en
    flat = judge(replace(figures, fidelity={**figures.fidelity, "shuffled": figures.fidelity["truth"]}))
    assert flat.exit_code == 3
    assert "shuffled columns" in flat.sentence.en
    severe = judge(replace(figures, privacy={**private, "truth": private["bootstrap"]}))
    assert severe.exit_code == 3
    assert "other real patients" in severe.sentence.en


def test_a_cohort_whose_columns_ignore_one_another_does_not_let_conclude_on_dependence(measure, patients):
    rng = np.random.default_rng(0)
    without = replace(patients, cells=rng.permuted(patients.cells, axis=0))
    verdict = judge(measure(candidates_of(without, encoding_of(without), 2000, 1)))
    assert verdict.exit_code == 3
    assert "too few patients or dependence" in verdict.sentence.en


def test_halves_share_no_patient_and_the_model_never_sees_the_second(candidates, patients):
    learned, held_out = candidates.learned, candidates.held_out
    assert len(learned) == len(held_out) == len(patients) // 2
    assert not set(learned.row_keys()) & set(held_out.row_keys())
    near = closeness(candidates.augmented.trials[0])
    assert 0.45 < near.share < 0.6
