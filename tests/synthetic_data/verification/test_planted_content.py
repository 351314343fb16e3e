"""One planted defect of each kind: the intended check notices it, and no other one does."""

from datetime import datetime, timedelta

import pytest
from planting import nir, with_acts

LABORATORY, ENCOUNTERS, PATIENTS = (
    f"{name}.ndjson.zst" for name in ("Observation.laboratory", "Encounter", "Patient")
)
CONDITIONS, STUDIES, PRACTITIONERS = (
    f"{name}.ndjson.zst" for name in ("Condition", "ImagingStudy", "Practitioner")
)


@pytest.fixture
def planted(small, plant):
    return plant(small)


def shifted(stamp, **by):
    return (datetime.fromisoformat(stamp) + timedelta(**by)).isoformat()


def identifier(resource, system):
    found = [one for one in resource["identifier"] if one["system"].endswith(system)]
    return found[0] if found else None


def ins(resource):
    return identifier(resource, "1.2.250.1.213.1.4.10")


# Totals


def test_a_consultation_less(planted, failures):
    def change(one):
        if one["class"]["code"] != "AMB":
            return False
        one["class"]["code"] = "HH"

    planted.change(ENCOUNTERS, change)
    assert failures(planted.write()) == {"totals": ["count of consultations"] * 2}


def test_a_laboratory_act_less(planted, failures):
    planted.change(LABORATORY, lambda one: one["category"][0]["coding"][0].update(code="exam"))
    assert failures(planted.write()) == {"totals": ["count of analyses"] * 2}


def test_a_pet_study_that_is_none(planted, failures):
    def change(one):
        if len(one["modality"]) < 2:
            return False
        one["modality"] = [modality for modality in one["modality"] if modality["code"] == "CT"]
        one["series"] = [series for series in one["series"] if series["modality"]["code"] == "CT"]

    planted.change(STUDIES, change)
    found = failures(planted.write())["totals"]
    assert set(found) == {"count of tep", "count of scanner"}


def test_a_manifest_that_boasts(planted, failures):
    planted.manifest["volumes"]["irm"] += 1
    planted.write_manifest()
    assert failures(planted) == {"totals": ["count of irm"]}


# References


def test_a_reference_that_leads_nowhere(planted, failures):
    changed = planted.change(
        LABORATORY, lambda one: one["performer"][0].update(reference="Organization/org-uf-99999")
    )
    from synthetic_data.verification import verify  # noqa: PLC0415 - to look at the example

    conclusion = verify(planted.write().folder).of("references")
    (defect,) = conclusion.examples
    assert defect.what == "reference to an absent Organization"
    assert defect.seen == "Organization/org-uf-99999"
    assert defect.example_id == f"Observation/{changed[0]['id']}"
    assert failures(planted) == {"references": ["reference to an absent Organization"]}


def test_an_id_given_twice(planted, failures):
    ids = [one["id"] for _, _, one in planted.lines(CONDITIONS)]
    planted.change(CONDITIONS, lambda one: one.update(id=ids[5]) if one["id"] == ids[0] else False)
    assert failures(planted.write()) == {"references": ["repeated id"]}


@pytest.mark.slow
def test_an_id_of_another_block(large, plant, failures):
    planted = plant(large)
    first, second = planted.files[CONDITIONS]
    own = second[0].split(b'"id":"')[1].split(b'"')[0]
    other = first[0].split(b'"id":"')[1].split(b'"')[0]
    second[0] = second[0].replace(own, other)
    assert failures(planted.write()) == {"references": ["id in two blocks"]}


def test_a_reference_to_another_type(planted, failures):
    planted.change(LABORATORY, lambda one: one["performer"][0].update(reference="Location/loc-purpan"))
    assert failures(planted.write()) == {"references": ["type of performer"]}


def test_an_absolute_reference(planted, failures):
    planted.change(
        LABORATORY, lambda one: one["performer"][0].update(reference="http://example.org/Organization/1")
    )
    assert "form of performer" in failures(planted.write())["references"]


# Time


def test_an_encounter_before_the_year(planted, failures):
    used = with_acts(planted)
    people = planted.resources("Patient")
    middle_aged = {f"Patient/{one['id']}" for one in people if "1960" < one.get("birthDate", "") < "1990"}

    def change(one):
        if one["subject"]["reference"] not in middle_aged or f"Encounter/{one['id']}" in used:
            return False
        one["period"] = {"start": "2022-12-20T10:00:00+01:00", "end": "2022-12-20T10:30:00+01:00"}

    planted.change(ENCOUNTERS, change)
    assert failures(planted.write()) == {"time": ["encounter before the year"]}


def test_a_sample_after_the_encounter(planted, failures):
    planted.change(LABORATORY, lambda one: one.update(
        effectiveDateTime="2023-12-31T23:58:00+01:00", issued="2023-12-31T23:59:00+01:00"
    ))  # fmt: skip
    assert failures(planted.write()) == {"time": ["effectiveDateTime after the encounter"]}


def test_a_result_before_its_sample(planted, failures):
    planted.change(LABORATORY, lambda one: one.update(issued=shifted(one["effectiveDateTime"], minutes=-1)))
    assert failures(planted.write()) == {"time": ["issued before effective"]}


def test_an_offset_that_is_not_that_of_paris(planted, failures):
    def change(one):
        moment = datetime.fromisoformat(one["effectiveDateTime"])
        other = moment.astimezone(tz=datetime.fromisoformat("2023-01-01T00:00:00+03:00").tzinfo)
        one["effectiveDateTime"] = other.isoformat()

    planted.change(LABORATORY, change)
    assert failures(planted.write()) == {"time": ["offset of effectiveDateTime"]}


def test_a_patient_who_is_not_born_yet(planted, failures):
    visited = {one["subject"]["reference"] for one in planted.resources("Encounter")}

    def change(one):
        if f"Patient/{one['id']}" not in visited or ins(one) or one.get("birthDate", "") > "2000":
            return False
        one["birthDate"] = "2023-12-31"

    planted.change(PATIENTS, change)
    assert "encounter before the birth" in failures(planted.write())["time"]


def test_a_patient_who_died_before(planted, failures):
    visited = {one["subject"]["reference"] for one in planted.resources("Encounter")}

    def change(one):
        if f"Patient/{one['id']}" not in visited:
            return False
        one["deceasedDateTime"] = "2023-01-01T00:00:01+01:00"

    planted.change(PATIENTS, change)
    found = failures(planted.write())
    assert set(found) == {"time"}
    assert set(found["time"]) == {"encounter after the death"}


# Subjects


def test_the_result_of_somebody_else(planted, failures):
    others = [one["id"] for one in planted.resources("Patient")]

    def change(one):
        one["subject"]["reference"] = next(f"Patient/{id_}" for id_ in others if id_ not in str(one))

    planted.change(LABORATORY, change)
    assert failures(planted.write()) == {"subjects": ["patient of the resource"]}


# Identifiers


def test_a_wrong_key(planted, failures):
    def change(one):
        if not ins(one):
            return False
        value = ins(one)["value"]
        ins(one)["value"] = value[:13] + f"{int(value[13:]) % 97 + 1:02}"

    planted.change(PATIENTS, change)
    assert failures(planted.write()) == {"identifiers": ["key of the INS"]}


def test_a_number_that_a_person_may_hold(planted, failures):
    def change(one):
        if not ins(one) or not ins(one)["value"][5:7] < "96":
            return False
        ins(one)["value"] = nir(ins(one)["value"][:7] + "555" + "042")

    planted.change(PATIENTS, change)
    assert failures(planted.write()) == {"identifiers": ["INS that a person may hold"]}


def test_corsica_has_its_own_keys(planted, failures):
    def change(one):
        if not ins(one):
            return False
        ins(one)["value"] = nir(ins(one)["value"][:5] + "2B" + "991" + "007")

    planted.change(PATIENTS, change)
    assert failures(planted.write()) == {}


def test_the_register_of_real_numbers(planted, failures):
    planted.change(
        PATIENTS, lambda one: ins(one).update(system="urn:oid:1.2.250.1.213.1.4.8") if ins(one) else False
    )
    assert failures(planted.write()) == {"identifiers": ["system of the INS"]}


def test_the_birth_of_somebody_else(planted, failures):
    def change(one):
        if not ins(one):
            return False
        value = ins(one)["value"]
        ins(one)["value"] = nir(str(3 - int(value[0])) + value[1:13])

    planted.change(PATIENTS, change)
    assert failures(planted.write()) == {"identifiers": ["sex and birth in the INS"]}


def test_a_number_given_twice(planted, failures):
    taken = {}

    def change(one):
        if not ins(one):
            return False
        alike = (one["gender"], one.get("birthDate", "")[:7])
        if alike not in taken:
            taken[alike] = ins(one)["value"]
            return False
        ins(one)["value"] = taken[alike]

    planted.change(PATIENTS, change)
    assert failures(planted.write()) == {"identifiers": ["INS given twice"]}


@pytest.mark.parametrize(
    ("number", "what"),
    [("99000000011", "key of the RPPS"), ("10000000009", "RPPS that a person may hold")],
)
def test_professionals(planted, failures, number, what):
    def change(one):
        identifier(one, "rpps.esante.gouv.fr")["value"] = number

    planted.change(PRACTITIONERS, change)
    assert what in failures(planted.write())["identifiers"]


@pytest.mark.parametrize(
    ("system", "value", "what"),
    [("phone", "05 61 77 22 33", "phone number"), ("email", "jean@chu-toulouse.fr", "e-mail")],
)
def test_numbers_that_may_ring(planted, failures, system, value, what):
    def change(one):
        telecom = [contact for contact in one.get("telecom", []) if contact["system"] == system]
        if not telecom:
            return False
        telecom[0]["value"] = value

    planted.change(PATIENTS, change)
    assert failures(planted.write()) == {"identifiers": [what]}


# Joint rules


def test_prostate_cancer_in_a_woman(planted, failures):
    women = {f"Patient/{one['id']}" for one in planted.resources("Patient") if one["gender"] == "female"}

    def change(one):
        if one["subject"]["reference"] not in women:
            return False
        one["code"]["coding"][0]["code"] = "C61"

    planted.change(CONDITIONS, change)
    found = failures(planted.write())
    assert set(found) == {"diagnoses"}
    assert {"diagnosis of the other sex", "prostate cancer in a woman"} <= set(found["diagnoses"])


def test_a_disease_of_the_old_in_a_child(planted, failures):
    children = {
        f"Patient/{one['id']}" for one in planted.resources("Patient") if one.get("birthDate", "") > "2014"
    }

    def change(one):
        if one["subject"]["reference"] not in children:
            return False
        one["code"]["coding"][0]["code"] = "I10"

    planted.change(CONDITIONS, change)
    assert failures(planted.write()) == {"diagnoses": ["diagnosis at this age"]}


def test_a_child_in_cardiology(planted, failures):
    children = {
        f"Patient/{one['id']}" for one in planted.resources("Patient") if one.get("birthDate", "") > "2014"
    }

    def change(one):
        if one["subject"]["reference"] not in children:
            return False
        one["serviceProvider"]["reference"] = "Organization/org-uf-02011"

    planted.change(ENCOUNTERS, change)
    assert failures(planted.write()) == {"wards": ["age in the unit"]}
