"""Laboratory results: inside their encounter, with unit and range, adding up with one another."""

from collections import defaultdict
from statistics import mean, pstdev

import pytest
from hospital_reading import age_at, code_of, instant

from synthetic_data.tables import table


def ckd_epi(creatinine, gender, age):
    """Filtration by the published formula of 2009, from creatinine in µmol/L."""
    kappa, alpha, factor = (0.7, -0.329, 1.018) if gender == "female" else (0.9, -0.411, 1.0)
    ratio = creatinine / 88.4 / kappa
    return 141 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.209 * 0.993**age * factor


def quantities(hospital):
    return [one for one in hospital.laboratory if "valueQuantity" in one]


def test_results_belong_to_an_encounter_of_the_same_patient_and_time(hospital):
    for one in hospital.laboratory:
        encounter = hospital.target(one["encounter"])
        assert encounter["subject"] == one["subject"]
        taken, issued = instant(one["effectiveDateTime"]), instant(one["issued"])
        assert instant(encounter["period"]["start"]) <= taken <= issued <= hospital.plan.now
        if "end" in encounter["period"]:
            assert taken <= instant(encounter["period"]["end"])


def test_quantities_carry_loinc_ucum_and_a_reference_range(hospital):
    known = {row["loinc"]: row for row in table("laboratoire")}
    for one in quantities(hospital):
        assert one["code"]["coding"][0]["system"] == "http://loinc.org"
        analyte = known[code_of(one["code"])]
        assert one["valueQuantity"]["system"] == "http://unitsofmeasure.org"
        assert one["valueQuantity"]["code"] == analyte["ucum"]
        assert (
            round(one["valueQuantity"]["value"], int(analyte["decimales"])) == one["valueQuantity"]["value"]
        )
        assert one["valueQuantity"]["value"] > 0
    with_range = sum("referenceRange" in one for one in quantities(hospital))
    assert with_range / len(quantities(hospital)) > 0.98


def test_interpretation_follows_from_the_printed_range(hospital):
    seen = set()
    for one in quantities(hospital):
        if "referenceRange" not in one:
            assert "interpretation" not in one
            continue
        (limits,) = one["referenceRange"]
        value = one["valueQuantity"]["value"]
        low = "low" in limits and value < limits["low"]["value"]
        high = "high" in limits and value > limits["high"]["value"]
        assert code_of(one["interpretation"][0]) == ("L" if low else "H" if high else "N")
        seen.add(code_of(one["interpretation"][0]))
    assert seen == {"L", "N", "H"}


def test_the_range_of_haemoglobin_depends_on_sex_and_age(hospital):
    ranges = defaultdict(set)
    for one in quantities(hospital):
        if code_of(one["code"]) == "718-7":
            patient = hospital.patient(one)
            adult = age_at(patient, one["effectiveDateTime"]) >= 18
            ranges[patient["gender"] if adult else "child"].add(one["referenceRange"][0]["low"]["value"])
    assert ranges["male"] == {13.0}
    assert ranges["female"] == {12.0}
    assert min(ranges["child"]) < 12


def test_blood_counts_add_up(hospital):
    counts = defaultdict(dict)
    for one in quantities(hospital):
        key = one["encounter"]["reference"], one["effectiveDateTime"]
        counts[key][code_of(one["code"])] = one["valueQuantity"]["value"]
    whole = [one for one in counts.values() if {"718-7", "4544-3", "789-8", "30428-7", "28540-3"} <= set(one)]
    assert len(whole) > 200
    for one in whole:
        assert one["4544-3"] == pytest.approx(100 * one["718-7"] / one["28540-3"], rel=0.05, abs=1)
        assert one["789-8"] == pytest.approx(10 * one["4544-3"] / one["30428-7"], rel=0.05)


def test_filtration_follows_from_creatinine(hospital):
    samples = defaultdict(dict)
    for one in quantities(hospital):
        key = one["encounter"]["reference"], one["effectiveDateTime"]
        samples[key][code_of(one["code"])] = one
    checked = 0
    for one in samples.values():
        if {"14682-9", "62238-1"} <= set(one):
            patient = hospital.patient(one["14682-9"])
            if len(patient.get("birthDate", "")) > 4:
                age = age_at(patient, one["14682-9"]["effectiveDateTime"])
                estimated = ckd_epi(one["14682-9"]["valueQuantity"]["value"], patient["gender"], age)
                assert one["62238-1"]["valueQuantity"]["value"] == pytest.approx(estimated, rel=0.03, abs=1)
                assert age >= 18
                checked += 1
    assert checked > 300


def test_results_of_one_patient_resemble_each_other(hospital):
    """Independent draws would make the spread within a patient as wide as the spread between patients."""
    by_patient = defaultdict(list)
    for one in quantities(hospital):
        if code_of(one["code"]) == "718-7":
            by_patient[one["subject"]["reference"]].append(one["valueQuantity"]["value"])
    repeated = [values for values in by_patient.values() if len(values) >= 3]
    assert len(repeated) > 30
    assert mean(map(pstdev, repeated)) < 0.7 * pstdev([mean(values) for values in repeated])


def test_a_sample_holds_each_test_once(hospital):
    seen = set()
    for one in hospital.laboratory:
        key = one["encounter"]["reference"], one["effectiveDateTime"], code_of(one["code"])
        assert key not in seen
        seen.add(key)
