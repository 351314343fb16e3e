"""Level 5 on answers: a masked datum leaves nowhere, and what no mask names stays as it is."""

import copy
import json

import pytest
from gateway_hospital import INS

from lab.fhir.element_path import parse_path
from lab.gateway.mask import SUBSETTED, compile_mask

STREET = "Rue-du-Secret"
HL7 = "http://hl7.org/fhir/StructureDefinition"
ABSENT = [{"url": f"{HL7}/data-absent-reason", "valueCode": "masked"}]
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "meta": {"versionId": "1", "security": [{"code": "R"}], "tag": [{"code": "cohort"}]},
    "text": {"status": "generated", "div": f"<div>{STREET}</div>"},
    "extension": [
        {"url": f"{HL7}/patient-birthPlace", "valueAddress": {"city": STREET}},
        {"url": "http://example.org/kept", "valueString": "kept"},
    ],
    "identifier": [{"system": INS, "value": "1"}, {"system": "urn:ipp", "value": "2"}],
    "name": [{"family": "Visible"}],
    "gender": "female",
    "_birthDate": {"extension": [{"url": "urn:time", "valueString": "x"}]},
    "birthDate": "1980-01-01",
    "address": [{"city": STREET}],
    "_address": [None],
    "contact": [{"address": {"city": STREET}, "name": {"family": "Contact"}}],
}


def masked(resource, *paths):
    return compile_mask([parse_path(path) for path in paths])(copy.deepcopy(resource))


def test_the_datum_is_nowhere_and_the_rest_is_there():
    shown = masked(PATIENT, "Patient.address")
    assert STREET not in json.dumps(shown)
    assert shown["contact"] == [{"name": {"family": "Contact"}}]
    assert [extension["url"] for extension in shown["extension"]] == ["http://example.org/kept"]
    for name in ("id", "identifier", "name", "gender", "birthDate", "_birthDate"):
        assert shown[name] == PATIENT[name]
    assert shown["meta"] == {"versionId": "1", "tag": [SUBSETTED]}


def test_the_sibling_of_a_primitive_goes_with_it():
    assert not {"birthDate", "_birthDate"} & masked(PATIENT, "Patient.birthDate").keys()


@pytest.mark.parametrize("name", ["deceasedBoolean", "deceasedDateTime", "_deceasedDateTime"])
def test_a_choice_of_type_is_one_element(name):
    assert name not in masked({"resourceType": "Patient", name: True}, "Patient.deceased")


def test_a_deep_path_is_followed_through_lists():
    resource = {
        "resourceType": "Patient",
        "contact": [{"telecom": [{"value": "1", "use": "home"}]}, {"gender": "male"}],
    }
    assert masked(resource, "Patient.contact.telecom.value")["contact"] == [
        {"telecom": [{"use": "home"}]},
        {"gender": "male"},
    ]


def test_a_mask_on_systems_leaves_the_others():
    path = f"Patient.identifier.where(system in ('{INS}'))"
    assert masked(PATIENT, path)["identifier"] == [{"system": "urn:ipp", "value": "2"}]
    alone = {**PATIENT, "identifier": PATIENT["identifier"][:1]}
    assert "identifier" not in masked(alone, path)


@pytest.mark.parametrize(
    ("type_", "element", "name"),
    [
        ("Encounter", "status", "_status"),
        ("Encounter", "class", "class"),
        ("ImagingStudy", "subject", "subject"),
    ],
)
def test_a_mandatory_element_says_that_it_is_masked(type_, element, name):
    shown = masked({"resourceType": type_, element: "x"}, f"{type_}.{element}")
    assert shown[name] == {"extension": ABSENT}


def test_bundles_and_contained_resources_are_masked_too():
    inner = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"fullUrl": "x"}]}
    observation = {"resourceType": "Observation", "contained": [PATIENT], "subject": {"reference": "#p"}}
    whole = {"resourceType": "Bundle", "entry": [{"resource": inner}, {"resource": observation}]}
    shown = masked(whole, "Patient.address")
    assert STREET not in json.dumps(shown)
    assert shown["entry"][1]["resource"]["contained"][0]["name"] == [{"family": "Visible"}]


LABEL = {"display": "DUPONT Jeanne", "identifier": {"system": INS, "value": "1"}}


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ({"subject": {"reference": "Patient/p", **LABEL}}, {"reference": "Patient/p"}),
        (
            {"subject": {"reference": "http://h/fhir/Patient/p", **LABEL}},
            {"reference": "http://h/fhir/Patient/p"},
        ),
        ({"subject": {"reference": "#p", **LABEL}}, {"reference": "#p"}),
        ({"subject": {"type": "Patient", **LABEL}}, {"type": "Patient"}),
        ({"subject": LABEL}, {"extension": ABSENT}),
        ({"focus": [{"display": "DUPONT Jeanne"}]}, {"extension": ABSENT}),
        ({"performer": [{"reference": "Practitioner/d", "display": "Dr House"}]}, None),
        ({"performer": [{"identifier": {"system": "urn:rpps", "value": "1"}}]}, None),
        ({"subject": {"reference": "Group/g", "display": "A group"}}, None),
        ({"subject": {"type": "Device", "display": "A device"}}, None),
    ],
)
def test_labels_of_patients_go_and_those_of_others_stay(place, kept):
    contained = [{"resourceType": "Patient", "id": "p"}]
    shown = masked({"resourceType": "Observation", "contained": contained, **place}, "Patient.name")
    ((name, value),) = place.items()
    found = shown[name][0] if isinstance(value, list) else shown[name]
    before = value[0] if isinstance(value, list) else value
    assert found == (before if kept is None else kept)


def test_without_a_mask_nothing_is_touched():
    assert masked(PATIENT) == PATIENT


def test_an_operation_outcome_is_left_as_it_is():
    said = {"resourceType": "OperationOutcome", "text": {"div": "x"}, "issue": []}
    assert masked(said, "Patient.address") == said


def test_what_a_summary_leaves_out_may_be_a_patient():
    """Without its contained resources nobody can tell where a local reference leads: it keeps no label."""
    cut = {
        "resourceType": "Observation",
        "performer": [{"reference": "#inside", "display": STREET, "identifier": {"value": STREET}}],
    }
    assert masked(cut, "Patient.name")["performer"] == [{"reference": "#inside"}]
    assert masked(cut, "Observation.note")["performer"] == cut["performer"]
    doctor = {"resourceType": "Practitioner", "id": "inside"}
    whole = {**cut, "contained": [doctor]}
    assert masked(whole, "Patient.name")["performer"] == cut["performer"]


def test_a_contained_resource_refers_to_another_one_beside_it():
    named = {"reference": "#inside", "display": STREET}
    about = {"resourceType": "Observation", "id": "o", "performer": [named]}
    for type_, kept in (("Practitioner", named), ("Patient", {"reference": "#inside"})):
        whole = {
            "resourceType": "DiagnosticReport",
            "contained": [{"resourceType": type_, "id": "inside"}, about],
        }
        assert masked(whole, "Patient.name")["contained"][1]["performer"] == [kept]
