"""The volumes are the hospital's year in proportion to the number of patients, to the unit."""

from collections import Counter

import pytest
from hospital_reading import Hospital, code_of

from synthetic_data import HospitalPlan, generate
from synthetic_data.facts.volumes import totals


def counts(hospital: Hospital) -> dict[str, int]:
    classes = Counter(one["class"]["code"] for one in hospital.visits)
    modality = Counter(one["modality"][-1]["code"] for one in hospital.of_type("ImagingStudy"))
    return {
        "patients": len(hospital.of_type("Patient")),
        "sejours": classes["IMP"] + classes["SS"],
        "consultations": classes["AMB"],
        "urgences": classes["EMER"],
        "analyses": len(hospital.laboratory),
        "irm": modality["MR"],
        "scanner": modality["CT"],
        "tep": modality["PT"],
    }


def test_a_thousand_patients_have_exactly_their_share_of_the_year(hospital):
    assert counts(hospital) == {
        "patients": 1000,
        "sejours": 682,
        "consultations": 2165,
        "urgences": 433,
        "analyses": 15_209,
        "irm": 83,
        "scanner": 188,
        "tep": 13,
    }


@pytest.mark.parametrize("patients", [1, 2, 7, 37, 150])
def test_small_hospitals_are_exact_too(patients):
    plan = HospitalPlan(seed=11, patients=patients)
    found = counts(Hospital(plan, list(generate(plan))))
    wanted = totals(patients)
    assert found == {name: wanted[name] for name in found}


def test_each_stay_and_visit_has_one_diagnosis(hospital):
    diagnosed = [
        one["encounter"]["reference"]
        for one in hospital.of_type("Condition")
        if "encounter" in one and code_of(one["category"][0]) == "encounter-diagnosis"
    ]
    wanted = [f"Encounter/{one['id']}" for one in hospital.encounters("IMP", "SS", "EMER")]
    assert sorted(diagnosed) == sorted(wanted)
