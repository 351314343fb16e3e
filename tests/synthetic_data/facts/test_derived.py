"""Computed laboratory values: the published formulas, and only when all they need was ordered."""

import numpy as np
import pytest

from synthetic_data.facts.analytes import RANK, TESTS, shifts, usual
from synthetic_data.facts.derived import (
    CHOLESTEROL,
    CREATININE,
    FILTRATION,
    HAEMATOCRIT,
    HAEMOGLOBIN,
    HDL,
    LDL,
    MEAN_CONCENTRATION,
    TRIGLYCERIDES,
    filtration,
    linked,
)  # fmt: skip
from synthetic_data.facts.people import FEMALE, MALE


def one_sample(**given):
    values, ordered = np.zeros((1, len(TESTS))), np.zeros((1, len(TESTS)), bool)
    for name, value in given.items():
        test = globals()[name.upper()]
        values[0, test], ordered[0, test] = value, True
    linked(values, ordered, np.array([FEMALE]), np.array([40]))
    return values[0]


@pytest.mark.parametrize(("sex", "rate"), [(MALE, 87), (FEMALE, 66)])
def test_the_filtration_formula_gives_the_published_values(sex, rate):
    """Creatinine 88.4 µmol/L (1.0 mg/dL) at 50: 87 mL/min/1.73 m² for a man, 66 for a woman."""
    found = filtration(np.array([88.4]), np.array([sex]), np.array([50]))
    assert found[0] == pytest.approx(rate, abs=1)


def test_filtration_falls_with_creatinine_and_age():
    creatinine = np.linspace(30, 900, 60)
    rates = filtration(creatinine, np.full(60, MALE), np.full(60, 50))
    assert (np.diff(rates) < 0).all()
    ages = filtration(np.full(60, 80.0), np.full(60, MALE), np.arange(20, 80))
    assert (np.diff(ages) < 0).all()


def test_what_was_not_ordered_is_neither_used_nor_computed():
    assert one_sample(haemoglobin=14.0)[HAEMATOCRIT] == 0
    assert one_sample(haematocrit=41.0, haemoglobin=14.0)[HAEMATOCRIT] == 41.0
    assert one_sample(filtration=50.0)[FILTRATION] == 50.0


def test_what_was_ordered_together_adds_up():
    found = one_sample(haemoglobin=14.0, mean_concentration=33.0, haematocrit=0.0)
    assert found[HAEMATOCRIT] == pytest.approx(42.4, abs=0.1)
    assert found[MEAN_CONCENTRATION] == 33.0
    assert found[HAEMOGLOBIN] == 14.0
    found = one_sample(cholesterol=5.2, hdl=1.4, triglycerides=1.1, ldl=9.0)
    assert found[LDL] == pytest.approx(5.2 - 1.4 - 1.1 / 2.2)
    assert one_sample(cholesterol=5.2, hdl=1.4, triglycerides=20.0, ldl=9.0)[LDL] == 0.3
    assert one_sample(creatinine=80.0, filtration=0.0)[FILTRATION] == pytest.approx(80, abs=5)
    assert {CHOLESTEROL, HDL, TRIGLYCERIDES, CREATININE} <= set(range(len(TESTS)))


def test_a_disease_changes_what_is_usual_and_not_the_range():
    known = usual()
    (failing,) = [one for one in shifts() if (one.word, one.test) == ("dialyse", RANK["14682-9"])]
    assert failing.centre > 5 * known.centre[MALE, 60, RANK["14682-9"]]
