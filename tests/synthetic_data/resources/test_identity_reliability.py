"""What the status of an identity says, and what goes with it: INS, document, dates."""

from collections import Counter

from care_hospital import PLAN, resources

SD = "https://hl7.fr/ig/fhir/core/StructureDefinition/"


def patients():
    return [one for one in resources() if one["resourceType"] == "Patient"]


def reliability(patient):
    """Give the parts of the first reliability extension, by url."""
    first = next(one for one in patient["extension"] if one["url"] == SD + "fr-core-identity-reliability")
    return {part["url"]: part.get("valueDate") or part["valueCoding"]["code"] for part in first["extension"]}


def has_ins(patient):
    return any(one["use"] == "official" for one in patient["identifier"])


def test_statuses_are_codes_of_fr_core_2_2_and_most_identities_are_qualified():
    counts = Counter(reliability(one)["identityStatus"] for one in patients())
    assert set(counts) == {"VALI", "VIDE", "PROV", "ANOM", "DESA"}
    assert 0.85 < counts["VALI"] / counts.total() < 0.97


def test_the_ins_the_call_and_the_document_go_together():
    for patient in patients():
        parts = reliability(patient)
        status = parts["identityStatus"]
        assert has_ins(patient) == (status == "VALI")
        if status == "VALI":
            assert {"methodCollection", "dateCollection", "validationDate"} <= set(parts)
            assert parts["validationMode"] in {"CN", "PA", "LE", "AN"}
        elif status == "VIDE":  # either the card was read, or a document was shown: both would qualify
            card = parts.get("methodCollection") == "CV" and "dateCollection" in parts
            assert card != (parts.get("validationMode") in {"CS", "PC"} and "validationDate" in parts)
        else:
            assert set(parts) == {"identityStatus"}


def test_identities_are_checked_during_the_life_of_the_patient():
    for patient in patients():
        parts = reliability(patient)
        for name in {"dateCollection", "validationDate"} & set(parts):
            assert patient.get("birthDate", "") <= parts[name] <= PLAN.now.date().isoformat()
            assert parts[name] <= patient.get("deceasedDateTime", "9999")[:10]


def test_unknown_births_are_said_to_be_unknown():
    for patient in patients():
        assert ("birthDate" in patient) != ("_birthDate" in patient)


def test_inactive_records_are_the_merged_ones():
    by_id = {one["id"]: one for one in patients()}
    for patient in by_id.values():
        replaced = [one for one in patient.get("link", []) if one["type"] == "replaced-by"]
        assert patient["active"] == (not replaced)
        for link in replaced:
            assert by_id[link["other"]["reference"].removeprefix("Patient/")]["active"]
