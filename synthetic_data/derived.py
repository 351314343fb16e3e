"""Laboratory values computed from others, as analysers do, so that a blood count or a lipid panel adds up."""

from collections.abc import Callable
from math import pow  # noqa: A004 - always a float, unlike the built-in

from synthetic_data.tables import ADULT

Values = dict[str, float]
HAEMOGLOBIN, HAEMATOCRIT, RED_CELLS = "718-7", "4544-3", "789-8"
MEAN_VOLUME, MEAN_CONTENT, MEAN_CONCENTRATION = "30428-7", "28539-5", "28540-3"
CREATININE, FILTRATION = "14682-9", "62238-1"
CHOLESTEROL, HDL, LDL, TRIGLYCERIDES = "14647-2", "14646-4", "39469-2", "14927-8"


def filtration(creatinine: float, sex: str, age: int) -> float:
    """Estimate the filtration rate (mL/min/1.73 m²) of an adult from creatinine (µmol/L).

    CKD-EPI 2009, doi 10.7326/0003-4819-150-9-200905050-00006, without the ethnicity factor.
    """
    kappa, alpha = (61.9, -0.329) if sex == "F" else (79.6, -0.411)
    ratio = creatinine / kappa
    rate = 141 * pow(min(ratio, 1.0), alpha) * pow(max(ratio, 1.0), -1.209) * pow(0.993, age)
    return rate * 1.018 if sex == "F" else rate


def applies(loinc: str, age: int) -> bool:
    """Tell whether a test is done at this age: the CKD-EPI estimate is for adults."""
    return loinc != FILTRATION or age >= ADULT


def link(values: Values, sex: str, age: int) -> Values:
    """Replace the computed values by what the measured ones give; tests that are absent stay absent."""
    linked = dict(values)
    for loinc, needs, formula in _FORMULAS:
        if loinc in linked and all(need in linked for need in needs):
            linked[loinc] = formula(*(linked[need] for need in needs))
    if FILTRATION in linked and CREATININE in linked:
        linked[FILTRATION] = filtration(linked[CREATININE], sex, age)
    return linked


_FORMULAS: tuple[tuple[str, tuple[str, ...], Callable[..., float]], ...] = (
    (HAEMATOCRIT, (HAEMOGLOBIN, MEAN_CONCENTRATION), lambda hb, mchc: 100 * hb / mchc),
    (RED_CELLS, (HAEMATOCRIT, MEAN_VOLUME), lambda ht, mcv: 10 * ht / mcv),
    (MEAN_CONTENT, (HAEMOGLOBIN, RED_CELLS), lambda hb, red: 10 * hb / red),
    # Friedewald, mmol/L; it has no meaning for very high triglycerides, hence the floor.
    (LDL, (CHOLESTEROL, HDL, TRIGLYCERIDES), lambda total, hdl, tg: max(0.3, total - hdl - tg / 2.2)),
)
