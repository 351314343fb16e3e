"""What is said of a patient holds together: sex, age, diseases, units, examinations."""

from collections import defaultdict

from hospital_reading import age_at, code_of

from synthetic_data.tables import table

FEMALE_ONLY = ("O", "C56", "N80", "N97")
MALE_ONLY = ("C61", "N40")
MALE_TESTS = {"2857-1"}
FEMALE_TESTS = {"10334-1", "6875-9", "19080-1"}


def codes(hospital):
    """Every CIM-10 code said of a patient, with the patient and the moment it is said."""
    for one in hospital.of_type("Condition"):
        yield code_of(one["code"]), hospital.patient(one), one.get("recordedDate")
    for one in hospital.encounters("IMP", "SS", "AMB"):
        yield code_of(one["reasonCode"][0]), hospital.patient(one), one["period"]["start"]


def test_no_female_disease_in_men_and_no_male_disease_in_women(hospital):
    seen = {"male": 0, "female": 0}
    for code, patient, _ in codes(hospital):
        if code.startswith(FEMALE_ONLY):
            assert patient["gender"] == "female", (code, patient["id"])
            seen["female"] += 1
        if code.startswith(MALE_ONLY):
            assert patient["gender"] == "male", (code, patient["id"])
            seen["male"] += 1
    assert min(seen.values()) > 5


def test_diseases_come_at_a_possible_age(hospital):
    """A long-term disease has no date: it is present now. A birth year alone gives or takes a year."""
    now = hospital.plan.now.isoformat()
    for code, patient, when in codes(hospital):
        if "birthDate" not in patient:
            continue
        age = age_at(patient, when or now)
        if code.startswith(("Z38", "P")):
            assert age == 0
        if code.startswith("O"):
            assert 15 <= age <= 49
        if code in ("G30.9", "F03", "H35.3", "C61", "S72.0"):
            assert age >= 49, (code, patient["id"])
        if code == "J21.9":
            assert age <= 3


def test_long_term_diseases_respect_the_limits_of_the_diagnosis_table():
    limits = {row["code"]: row for row in table("cim10")}
    for row in table("maladies"):
        wider = limits[row["cim10"]]
        assert int(row["age_min"]) >= int(wider["age_min"] or 0), row
        assert wider["sexe"] in ("", row["sexe"]), row


def test_children_are_cared_for_by_paediatrics_and_adults_never(hospital):
    paediatric = ("Pédiatrie", "Néonatologie", "Maternité")
    children = 0
    for one in hospital.encounters("IMP", "SS", "AMB"):
        unit, age = (
            hospital.target(one["serviceProvider"]),
            age_at(hospital.patient(one), one["period"]["start"]),
        )
        exact = len(hospital.patient(one).get("birthDate", "")) > 4
        if unit["name"].startswith(("Pédiatrie", "Néonatologie")):
            assert age < 18 + (not exact)
        if age < 18 and exact:
            assert unit["name"].startswith(paediatric), (one["id"], unit["name"])
            children += 1
    assert children > 50


def test_minors_go_to_the_emergency_department_of_purpan(hospital):
    minors = [
        one
        for one in hospital.encounters("EMER")
        if len(hospital.patient(one).get("birthDate", "")) > 4
        and age_at(hospital.patient(one), one["period"]["start"]) < 18
    ]
    assert minors
    assert {one["location"][0]["location"]["reference"] for one in minors} == {"Location/loc-urg-purpan"}


def test_geriatrics_takes_people_of_75_and_over(hospital):
    old = [
        age_at(hospital.patient(one), one["period"]["start"])
        for one in hospital.visits
        if "gériatrique" in hospital.target(one["serviceProvider"])["name"]
    ]
    assert old
    assert min(old) >= 75


def test_chemotherapy_and_metastases_belong_to_cancer_patients(hospital):
    oncology = hospital.members("group-oncologie")
    for code, patient, _ in codes(hospital):
        if code.startswith(("C", "Z51.0", "Z51.1")):
            assert f"Patient/{patient['id']}" in oncology


def test_glycated_haemoglobin_is_high_in_diabetics_and_normal_in_others(hospital):
    diabetics = hospital.members("group-diabete")
    values = {True: [], False: []}
    for one in hospital.laboratory:
        if code_of(one["code"]) == "4548-4":
            values[one["subject"]["reference"] in diabetics].append(one["valueQuantity"]["value"])
    assert min(map(len, values.values())) > 20
    assert sum(values[True]) / len(values[True]) > 7
    assert sum(values[False]) / len(values[False]) < 5.8
    assert max(values[False]) < 6.8


def test_sexed_tests_go_to_the_right_sex(hospital):
    for one in hospital.laboratory:
        gender = hospital.patient(one)["gender"]
        assert code_of(one["code"]) not in (FEMALE_TESTS if gender == "male" else MALE_TESTS)


def test_a_patient_has_one_blood_group_and_rhesus_for_life(hospital):
    found = defaultdict(set)
    for one in hospital.laboratory:
        if code_of(one["code"]) in ("883-9", "10331-7"):
            found[one["subject"]["reference"], code_of(one["code"])].add(one["valueCodeableConcept"]["text"])
    assert len(found) > 20
    assert all(len(findings) == 1 for findings in found.values())
    assert {finding for findings in found.values() for finding in findings} >= {"A", "O", "positif"}


def test_pet_is_for_cancer_and_breast_mri_for_women(hospital):
    oncology = hospital.members("group-oncologie")
    for one in hospital.of_type("ImagingStudy"):
        if one["modality"][-1]["code"] == "PT":
            assert one["subject"]["reference"] in oncology
        if code_of(one["procedureCode"][0]) == "QEQJ001":
            assert hospital.patient(one)["gender"] == "female"


def test_infection_raises_the_c_reactive_protein(hospital):
    def values(wanted):
        return [
            one["valueQuantity"]["value"]
            for one in hospital.laboratory
            if code_of(one["code"]) == "1988-5"
            and wanted(hospital.target(one["encounter"]).get("reasonCode", [{}])[0])
        ]

    def infected(reason):
        return "coding" in reason and code_of(reason).startswith(("A41", "J18", "J15", "N10"))

    sick, others = values(infected), values(lambda reason: not infected(reason))
    assert len(sick) > 10
    assert sorted(sick)[len(sick) // 2] > 5 * sorted(others)[len(others) // 2]
