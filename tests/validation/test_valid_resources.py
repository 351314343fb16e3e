"""No defect is seen in what is valid: realistic French resources and the corners of the JSON format."""

import pytest
from resource_edits import VALID, edited

from lab.validation import covered_types, defects


@pytest.mark.parametrize("name", VALID)
def test_a_valid_resource_has_no_defect(name):
    assert defects(VALID[name]) == ()


@pytest.mark.parametrize("type_", sorted(covered_types()))
def test_every_covered_type_is_validated(type_):
    found = defects({"resourceType": type_, "notAnElement": 1})
    assert (f"{type_}.notAnElement", "unknown-element") in [(d.path, d.rule) for d in found]


def test_seventy_nine_types_are_covered():
    assert len(covered_types()) == 79


@pytest.mark.parametrize("value", ["2026", "2026-03", "2026-03-31", "2024-02-29"])
def test_a_partial_date_is_a_date(value):
    assert defects(edited("patient-ins", "birthDate", value)) == ()


@pytest.mark.parametrize(
    "value",
    [
        "2026",
        "2026-03",
        "2026-03-02",
        "2026-03-02T08:30:00Z",
        "2026-03-02T08:30:00.123456+14:00",
        "2016-12-31T23:59:60Z",
        "2026-03-02T08:30:60+01:00",
    ],
)
def test_a_date_time_may_be_partial_and_have_a_second_60(value):
    assert defects(edited("observation-creatinine", "effectiveDateTime", value)) == ()


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/1",
        "Patient/1/_history/2",
        "https://fhir.example.org/r4/Patient/1",
        "https://example.org/anything/at/all",
        "urn:uuid:6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "urn:oid:1.2.3",
        "#contained",
        "#",
        "Patient?identifier=urn:oid:1.2|3",
    ],
)
def test_every_form_of_reference_to_an_allowed_type_passes(reference):
    assert defects(edited("condition-pneumonia", "subject", {"reference": reference})) == ()


def test_an_extension_may_stand_in_for_a_required_value():
    absent = {"extension": [{"url": "http://example.org/why", "valueCode": "masked"}]}
    assert defects({"resourceType": "Observation", "_status": absent, "code": {"text": "x"}}) == ()


def test_an_id_alone_may_stand_beside_a_value():
    assert defects(edited("patient-ins", "_gender", {"id": "g"})) == ()


def test_base64_may_be_broken_into_lines():
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": "Y2VjaQ==\n"}
    assert defects(binary) == ()
    assert defects({**binary, "data": "Y2Vj\r\n  aSBl c3Q=\n"}) == ()


def test_a_code_list_without_a_table_is_left_open():
    assert defects(edited("capability-statement", "format", ["application/fhir+json", "xml"])) == ()
