"""The volumes are the hospital's year in proportion to the number of patients, to the unit."""

import random
from collections import Counter

import pytest

from synthetic_data import HospitalPlan, generate
from synthetic_data.chance import largest_remainder
from synthetic_data.volumes import blocks, expected, share

OF_A_THOUSAND = {
    "Patient": 1000,
    "Encounter": 682 + 2165 + 433,
    "Observation": 15_209,
    "ImagingStudy": 83 + 188 + 13,
    "Group": 5,
}


def test_a_thousand_patients_have_exactly_their_share_of_the_year(hospital):
    counts = Counter(one["resourceType"] for one in hospital.resources)
    assert {kind: counts[kind] for kind in OF_A_THOUSAND} == OF_A_THOUSAND


def test_encounters_split_into_stays_consultations_and_visits(hospital):
    classes = Counter(one["class"]["code"] for one in hospital.of_type("Encounter"))
    assert classes["IMP"] + classes["SS"] == 682
    assert (classes["AMB"], classes["EMER"]) == (2165, 433)


def test_imaging_splits_into_mri_ct_and_pet(hospital):
    main = Counter(one["modality"][-1]["code"] for one in hospital.of_type("ImagingStudy"))
    assert main == {"MR": 83, "CT": 188, "PT": 13}


def test_the_whole_hospital_reaches_the_published_counts():
    whole = {
        "sejours": 306_823,
        "consultations": 974_212,
        "irm": 37_128,
        "scanner": 84_633,
        "tep": 5_967,
        "analyses": 6_844_262,
        "urgences": 195_000,
    }
    assert {quantity: expected(quantity, 450_000) for quantity in whole} == whole


@pytest.mark.parametrize("patients", [1, 99, 100, 101, 1000, 1234])
def test_block_shares_sum_to_the_whole(patients):
    for quantity in ("sejours", "analyses", "tep", "urgences_24h"):
        parts = [share(quantity, block) for block in blocks(patients)]
        assert sum(parts) == expected(quantity, patients)


def test_largest_remainder_is_exact_and_close_to_proportion():
    rng = random.Random(1)  # noqa: S311 - no secret is drawn here
    for _ in range(200):
        weights = [rng.expovariate(1) for _ in range(rng.randint(1, 30))]
        total = rng.randrange(200)
        parts = largest_remainder(total, weights)
        assert sum(parts) == total
        exact = [total * weight / sum(weights) for weight in weights]
        assert all(abs(part - share_) < 1 for part, share_ in zip(parts, exact, strict=True))


@pytest.mark.parametrize("patients", [1, 2, 7, 37, 150])
def test_small_hospitals_are_exact_too(patients):
    counts = Counter(
        one["class"]["code"] if one["resourceType"] == "Encounter" else one["resourceType"]
        for one in generate(HospitalPlan(seed=11, patients=patients))
    )
    assert counts["Patient"] == patients
    assert counts["IMP"] + counts["SS"] == expected("sejours", patients)
    assert counts["AMB"] == expected("consultations", patients)
    assert counts["EMER"] == expected("urgences", patients)
    assert counts["Observation"] == expected("analyses", patients)
    assert counts["ImagingStudy"] == sum(expected(one, patients) for one in ("irm", "scanner", "tep"))
