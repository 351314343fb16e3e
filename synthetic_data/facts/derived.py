"""Laboratory values computed from others, as analysers do, so that a blood count or a lipid panel adds up."""

from collections.abc import Callable

import numpy as np

from synthetic_data.facts.analytes import RANK
from synthetic_data.facts.chance import Floats
from synthetic_data.facts.people import FEMALE
from synthetic_data.templating.columns import Flags, Ints

HAEMOGLOBIN, HAEMATOCRIT, RED_CELLS = (RANK[loinc] for loinc in ("718-7", "4544-3", "789-8"))
MEAN_VOLUME, MEAN_CONTENT, MEAN_CONCENTRATION = (RANK[loinc] for loinc in ("30428-7", "28539-5", "28540-3"))
CREATININE, FILTRATION = RANK["14682-9"], RANK["62238-1"]
CHOLESTEROL, HDL, LDL, TRIGLYCERIDES = (RANK[loinc] for loinc in ("14647-2", "14646-4", "39469-2", "14927-8"))


def filtration(creatinine: Floats, sex: Ints, age: Ints) -> Floats:
    """Estimate the filtration rate (mL/min/1.73 m²) of adults from creatinine (µmol/L).

    CKD-EPI 2009, doi 10.7326/0003-4819-150-9-200905050-00006, without the ethnicity factor.
    """
    woman = sex == FEMALE
    ratio = np.maximum(creatinine, 1.0) / np.where(woman, 61.9, 79.6)
    low = np.power(np.minimum(ratio, 1.0), np.where(woman, -0.329, -0.411))
    rate = 141 * low * np.power(np.maximum(ratio, 1.0), -1.209) * np.power(0.993, age)
    return rate * np.where(woman, 1.018, 1.0)


def linked(values: Floats, ordered: Flags, sex: Ints, age: Ints) -> None:
    """Replace, in place, the computed values of (samples, tests) by what the others give.

    Only where all that the formula needs was `ordered` too; elsewhere the drawn value stays.
    """
    _put(values, ordered, HAEMATOCRIT, [HAEMOGLOBIN, MEAN_CONCENTRATION], lambda hb, mchc: 100 * hb / mchc)
    _put(values, ordered, RED_CELLS, [HAEMATOCRIT, MEAN_VOLUME], lambda ht, mcv: 10 * ht / mcv)
    _put(values, ordered, MEAN_CONTENT, [HAEMOGLOBIN, RED_CELLS], lambda hb, red: 10 * hb / red)
    # Friedewald, mmol/L; it has no meaning for very high triglycerides, hence the floor.
    _put(
        values, ordered, LDL, [CHOLESTEROL, HDL, TRIGLYCERIDES],
        lambda total, hdl, tg: np.maximum(0.3, total - hdl - tg / 2.2),
    )  # fmt: skip
    rows = np.flatnonzero(ordered[:, FILTRATION] & ordered[:, CREATININE])
    values[rows, FILTRATION] = filtration(values[rows, CREATININE], sex[rows], age[rows])


def _put(values: Floats, ordered: Flags, test: int, needs: list[int], formula: Callable[..., Floats]) -> None:
    rows = np.flatnonzero(ordered[:, [test, *needs]].all(axis=1))
    values[rows, test] = formula(*(values[rows, need] for need in needs))
