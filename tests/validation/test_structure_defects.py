"""Each kind of structural defect is found at its place and named by its rule."""

import pytest
from resource_edits import REMOVED, edited

from lab.validation import Defect, defects

PATIENT, VENUE, OBSERVATION = "patient-ins", "encounter-emergency", "observation-creatinine"
ORDER, CONDITION, PAGE = "medication-request", "condition-pneumonia", "bundle-searchset"
STUDY, ROLE, WARD = "imaging-study", "practitioner-role", "organization-ward"
TEXT = {"text": "x"}

TYPE = [
    (PATIENT, "active", "true", "Patient.active"),
    (PATIENT, "name", {"family": "ESSAI"}, "Patient.name"),
    (PATIENT, "name[0].family", ["ESSAI"], "Patient.name[0].family"),
    (PATIENT, "birthDate", ["1985"], "Patient.birthDate"),
    (PATIENT, "gender", ["female"], "Patient.gender"),
    (PATIENT, "gender", 1, "Patient.gender"),
    (PATIENT, "contact", None, "Patient.contact"),
    (PATIENT, "name[0].given", ["CAMILLE", 3], "Patient.name[0].given[1]"),
    (PATIENT, "address[0].line", [None, "1 rue"], "Patient.address[0].line[0]"),
    (OBSERVATION, "valueQuantity.value", "78", "Observation.valueQuantity.value"),
    (OBSERVATION, "code", "14682-9", "Observation.code"),
    (OBSERVATION, "subject", "Patient/1", "Observation.subject"),
    (VENUE, "class", [{"code": "EMER"}], "Encounter.class"),
    (VENUE, "period", "2026", "Encounter.period"),
    (STUDY, "numberOfSeries", 1.5, "ImagingStudy.numberOfSeries"),
    (WARD, "name", 3, "Organization.name"),
    (PAGE, "entry[1].resource", "Patient", "Bundle.entry[1].resource"),
]
CARDINALITY = [(PATIENT, "name", [], "Patient.name"), (ROLE, "specialty", [], "PractitionerRole.specialty")]
FORMAT = [
    (PATIENT, "birthDate", "1971-13-03", "Patient.birthDate"),
    (PATIENT, "birthDate", "1950-02-31", "Patient.birthDate"),
    (PATIENT, "birthDate", "12/03/1950", "Patient.birthDate"),
    (PATIENT, "birthDate", "1950-3-1", "Patient.birthDate"),
    (PATIENT, "id", "dossier_1", "Patient.id"),
    (PATIENT, "id", "a" * 65, "Patient.id"),
    (PATIENT, "name[0].family", " ", "Patient.name[0].family"),
    (PATIENT, "name[0].family", "", "Patient.name[0].family"),
    (PATIENT, "identifier[0].system", "urn:oid:1.2 3", "Patient.identifier[0].system"),
    (PATIENT, "telecom[0].rank", 0, "Patient.telecom[0].rank"),
    (PATIENT, "meta.lastUpdated", "2026-03-02", "Patient.meta.lastUpdated"),
    (PATIENT, "meta.lastUpdated", "2026-02-30T10:00:00Z", "Patient.meta.lastUpdated"),
    (PATIENT, "text.div", "Camille", "Patient.text.div"),
    (OBSERVATION, "effectiveDateTime", "2026-03-02T08:30:00", "Observation.effectiveDateTime"),
    (OBSERVATION, "effectiveDateTime", "2026-03-02T25:00:00Z", "Observation.effectiveDateTime"),
    (OBSERVATION, "effectiveDateTime", "", "Observation.effectiveDateTime"),
    (OBSERVATION, "code.coding[0].code", "14682  9", "Observation.code.coding[0].code"),
    (
        ROLE,
        "availableTime[0].availableStartTime",
        "8:00",
        "PractitionerRole.availableTime[0].availableStartTime",
    ),
    (PAGE, "total", -1, "Bundle.total"),
    (STUDY, "numberOfSeries", 2**31, "ImagingStudy.numberOfSeries"),
    ("parameters-export", "parameter[2].resource.data", "a.b", "Parameters.parameter[2].resource.data"),
]
BINDING = [
    (PATIENT, "gender", "Male", "Patient.gender"),
    (PATIENT, "gender", "M", "Patient.gender"),
    (PATIENT, "name[0].use", "legal", "Patient.name[0].use"),
    (PATIENT, "telecom[0].system", "mobile", "Patient.telecom[0].system"),
    (PATIENT, "address[0].use", "main", "Patient.address[0].use"),
    (OBSERVATION, "status", "done", "Observation.status"),
    (VENUE, "status", "active", "Encounter.status"),
    (ORDER, "intent", "prescription", "MedicationRequest.intent"),
    (ORDER, "dosageInstruction[0].timing.repeat.periodUnit", "day", None),
    (CONDITION, "clinicalStatus.coding[0].code", "cured", "Condition.clinicalStatus.coding"),
    (CONDITION, "clinicalStatus.coding[0].system", "http://example.org", "Condition.clinicalStatus.coding"),
    (PAGE, "type", "search", "Bundle.type"),
    (PAGE, "entry[0].resource.status", "done", "Bundle.entry[0].resource.status"),
]
UNKNOWN = [
    (PATIENT, "ssn", "x", "Patient.ssn"),
    (PATIENT, "name[0].middle", "x", "Patient.name[0].middle"),
    (PATIENT, "name[0].use_", "x", "Patient.name[0]"),
    (VENUE, "actualPeriod", {"start": "2026"}, "Encounter.actualPeriod"),
    (OBSERVATION, "referenceRange[0].low.comparator", "<", "Observation.referenceRange[0].low.comparator"),
    (PAGE, "entry[0].resource.code.label", "x", "Bundle.entry[0].resource.code.label"),
]
CHOICE = [
    (OBSERVATION, "valueString", "78", "Observation.value[x]"),
    (
        OBSERVATION,
        "_valueString",
        {"extension": [{"url": "http://a", "valueCode": "b"}]},
        "Observation.value[x]",
    ),
    (CONDITION, "onsetString", "2024", "Condition.onset[x]"),
    (PATIENT, "extension[1].valueString", "x", "Patient.extension[1].value[x]"),
]
REFERENCE = [
    (OBSERVATION, "subject.reference", "Medication/1", "Observation.subject.reference"),
    (OBSERVATION, "subject.reference", "https://a.org/fhir/Medication/1", "Observation.subject.reference"),
    (OBSERVATION, "subject.reference", "Medication?code=1", "Observation.subject.reference"),
    (VENUE, "serviceProvider.reference", "Patient/1", "Encounter.serviceProvider.reference"),
    (VENUE, "subject.reference", "see the file", "Encounter.subject.reference"),
    (VENUE, "subject.reference", "Patient/", "Encounter.subject.reference"),
    (VENUE, "subject.reference", "/Patient/1", "Encounter.subject.reference"),
    (VENUE, "subject.reference", "Dossier/1", "Encounter.subject.reference"),
]
REQUIRED = [
    (OBSERVATION, "status", REMOVED, "Observation.status"),
    (OBSERVATION, "code", REMOVED, "Observation.code"),
    (VENUE, "class", REMOVED, "Encounter.class"),
    (CONDITION, "subject", REMOVED, "Condition.subject"),
    (ORDER, "medicationCodeableConcept", REMOVED, "MedicationRequest.medication[x]"),
    (PAGE, "type", REMOVED, "Bundle.type"),
    (PAGE, "link[0].url", REMOVED, "Bundle.link[0].url"),
    (PAGE, "entry[0].resource.status", REMOVED, "Bundle.entry[0].resource.status"),
    (PAGE, "entry[0].resource.resourceType", REMOVED, "Bundle.entry[0].resource.resourceType"),
    (PATIENT, "extension[1].url", REMOVED, "Patient.extension[1].url"),
    (STUDY, "series[0].instance[0].uid", REMOVED, "ImagingStudy.series[0].instance[0].uid"),
    ("group-cohort", "actual", REMOVED, "Group.actual"),
    ("operation-outcome", "issue", REMOVED, "OperationOutcome.issue"),
    ("capability-statement", "fhirVersion", REMOVED, "CapabilityStatement.fhirVersion"),
]
CASES = {
    "type": TYPE,
    "cardinality": CARDINALITY,
    "format": FORMAT,
    "binding": BINDING,
    "unknown-element": UNKNOWN,
    "choice": CHOICE,
    "reference": REFERENCE,
    "required": REQUIRED,
}


@pytest.mark.parametrize(
    ("rule", "name", "place", "value", "path"),
    [(rule, *case) for rule, cases in CASES.items() for case in cases],
)
def test_a_structural_defect_is_found_where_it_is(rule, name, place, value, path):
    resource = edited(name, place, value)
    expected = path or f"{resource['resourceType']}.{place}"
    assert Defect(expected, rule) in defects(resource)


def test_a_value_of_the_wrong_type_is_one_defect_not_two():
    assert defects(edited(PATIENT, "gender", 1)) == (Defect("Patient.gender", "type"),)


def test_each_defect_of_a_resource_is_reported_once():
    resource = edited(PATIENT, "gender", "Male") | {"birthDate": "1971-13-03", "ssn": "x"}
    assert set(defects(resource)) == {
        Defect("Patient.gender", "binding"),
        Defect("Patient.birthDate", "format"),
        Defect("Patient.ssn", "unknown-element"),
    }
