"""Patients: FR Core rules for the profile they claim, contact details that reach nobody, hard names."""

import re
import unicodedata

from hospital_reading import age_at, code_of, extension

from synthetic_data.tables import table

SD = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
INSEE = SD + "fr-core-address-insee-code"


def status_of(patient):
    reliability = extension(patient, SD + "fr-core-identity-reliability")
    return extension(reliability, "identityStatus")["valueCoding"]["code"]


def test_the_ins_profile_is_claimed_only_when_it_holds(hospital):
    """fr-core-patient-ins 2.2.0: official identifier and name, birth list given name, INSEE birth commune."""
    claimed = 0
    for patient in hospital.of_type("Patient"):
        profile = patient["meta"]["profile"][0].removeprefix(SD)
        place = extension(patient, "http://hl7.org/fhir/StructureDefinition/patient-birthPlace")[
            "valueAddress"
        ]
        insee = extension(place, INSEE)
        official = [one for one in patient["identifier"] if one["use"] == "official"]
        (name,) = [one for one in patient["name"] if one["use"] == "official"]
        holds = status_of(patient) == "VALI" and len(official) == 1 and insee is not None
        assert profile == ("fr-core-patient-ins" if holds else "fr-core-patient")
        assert len(name["given"]) == 1
        assert (
            extension(name, SD + "fr-core-patient-birth-list-given-name")["valueString"].split()[0]
            == name["given"][0]
        )
        if holds:
            claimed += 1
            assert insee["valueCoding"]["code"] != "99999"
            assert len(patient["birthDate"]) == 10
    assert 700 < claimed < 950


def test_only_a_qualified_identity_carries_the_ins(hospital):
    statuses = set()
    for patient in hospital.of_type("Patient"):
        types = [code_of(one["type"]) for one in patient["identifier"]]
        assert types == (["INS-NIR-TEST", "PI"] if status_of(patient) == "VALI" else ["PI"])
        statuses.add(status_of(patient))
    assert statuses == {"VALI", "VIDE", "PROV", "ANOM", "DESA"}


def test_contact_details_reach_nobody(hospital):
    for patient in hospital.of_type("Patient"):
        contacts = patient.get("telecom", []) + [
            one for who in patient.get("contact", []) for one in who["telecom"]
        ]
        for one in contacts:
            if "system" not in one:
                assert "_system" in one  # masked at the source
            elif one["system"] == "phone":
                assert re.fullmatch(r"(05 36 49|06 39 98) \d\d \d\d", one["value"])
            else:
                assert re.fullmatch(r"[a-z0-9.-]+@example\.org", one["value"])


def test_addresses_are_in_occitanie_with_postal_and_insee_codes(hospital):
    for patient in hospital.of_type("Patient"):
        (address,) = patient["address"]
        if "line" not in address:
            assert address["extension"][0]["valueCode"] == "masked"
            continue
        insee = extension(address, INSEE)["valueCoding"]["code"]
        assert insee[:2] in {"09", "11", "12", "31", "32", "46", "65", "81", "82"}
        assert address["postalCode"][:2] == insee[:2]
        assert address["line"][0]
        assert address["city"]


def test_minors_have_someone_to_call_and_adults_do_not_need_to(hospital):
    for patient in hospital.of_type("Patient"):
        if len(patient.get("birthDate", "")) == 10:
            minor = age_at(patient, hospital.plan.now.isoformat()) < 18
            assert ("contact" in patient) == minor


def test_a_few_records_are_restricted(hospital):
    labels = [
        code_of({"coding": one["meta"]["security"]})
        for one in hospital.of_type("Patient")
        if "security" in one["meta"]
    ]
    assert set(labels) == {"R", "V"}
    assert 5 <= len(labels) <= 40


def test_some_patients_have_died_and_most_are_alive(hospital):
    assert 5 < sum("deceasedDateTime" in one for one in hospital.of_type("Patient")) < 60


def test_names_are_the_ones_that_break_software(hospital):
    names = [name for one in hospital.of_type("Patient") for name in one["name"]]
    written = [f"{name['given'][0]} {name['family']}" for name in names]
    assert any("'" in one for one in written)
    assert any("-" in one for one in written)
    assert any(" " in name["family"] for name in names)
    assert any(unicodedata.normalize("NFD", one) != one for one in written)
    assert sum(name["use"] == "usual" for name in names) > 100


def test_some_birth_dates_are_known_by_the_year_alone(hospital):
    partial = [one for one in hospital.of_type("Patient") if len(one.get("birthDate", "")) == 4]
    assert partial
    assert {status_of(one) for one in partial} <= {"PROV", "ANOM", "DESA"}


def test_people_were_given_names_of_their_sex_and_time(hospital):
    in_use = {}
    for row in table("prenoms"):
        in_use.setdefault((row["prenom"], row["sexe"]), []).append(
            (int(row["annee_min"]), int(row["annee_max"]))
        )
    for one in hospital.of_type("Patient"):
        if "birthDate" not in one:
            continue
        name, born = one["name"][0]["given"][0], int(one["birthDate"][:4])
        periods = in_use[name, {"male": "M", "female": "F"}[one["gender"]]]
        assert any(first <= born <= last for first, last in periods), (name, born)
