"""What is not FHIR at all, and what tries to make the laboratory repeat patient data."""

from typing import Any

import orjson
import pytest
from resource_edits import VALID, edited

from lab.validation import Defect, defects

PRIVATE = "Dupont-1985-05-11"


def _with_private_values(node: Any) -> Any:
    """Replace every value of a resource but its type by a private one, on which nearly every rule fails."""
    if isinstance(node, dict):
        return {k: v if k == "resourceType" else _with_private_values(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_with_private_values(item) for item in node]
    return PRIVATE


@pytest.mark.parametrize("name", VALID)
def test_no_value_of_the_resource_is_repeated(name):
    found = defects(_with_private_values(VALID[name]))
    assert found
    assert PRIVATE not in repr(found)
    assert "Dupont" not in repr(found)


def test_a_key_that_is_not_the_name_of_an_element_is_not_repeated():
    found = defects({"resourceType": "Patient", PRIVATE: 1, "Dupont": 2, "dupont 1985": 3})
    assert found == (Defect("Patient", "unknown-element"),)


@pytest.mark.parametrize("type_", ["Dossier", "patient", "", PRIVATE, None, 3, ["Patient"], {"a": "b"}])
def test_an_unknown_type_is_one_defect(type_):
    assert defects({"resourceType": type_, "id": "x"}) == (Defect("resourceType", "unknown-type"),)


def test_a_missing_type_is_one_defect():
    assert defects({"id": "x"}) == (Defect("resourceType", "required"),)


def test_a_type_of_r4_that_is_not_covered_is_told_from_an_unknown_one():
    assert defects({"resourceType": "Measure"}) == (Defect("resourceType", "uncovered-type"),)
    nested = edited("bundle-searchset", "entry[0].resource", {"resourceType": "Measure"})
    assert defects(nested) == (Defect("Bundle.entry[0].resource.resourceType", "uncovered-type"),)


def test_the_deepest_nesting_that_the_json_parser_lets_through_is_judged():
    depth = 500
    extension = b'{"url":"a","extension":[' * depth + b'{"url":"a"}' + b"]}" * depth
    resource = orjson.loads(b'{"resourceType":"Patient","extension":[' + extension + b"]}")
    path = "Patient.extension[0]" + ".extension[0]" * depth
    assert defects(resource) == (Defect(path, "ext-1"),)


def test_a_long_hostile_string_is_judged_in_linear_time():
    # Exponential for a backtracking engine on the expressions of the specification.
    for tail in ("!", "=" * 5):
        data = "AAAA" * 50_000 + tail
        resource = {"resourceType": "Binary", "contentType": "text/plain", "data": data}
        assert defects(resource) == (Defect("Binary.data", "format"),)


def test_a_number_beyond_every_integer_type_is_judged():
    assert defects(edited("observation-creatinine", "valueQuantity.value", 10**40)) == ()
    assert defects(edited("imaging-study", "numberOfSeries", 10**40)) == (
        Defect("ImagingStudy.numberOfSeries", "format"),
    )


def test_the_resource_is_not_changed():
    resource = edited("patient-ins", "gender", "Male")
    before = orjson.dumps(resource)
    defects(resource)
    assert orjson.dumps(resource) == before
