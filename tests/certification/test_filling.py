"""What an application is filled with: patients and their care, and no reference that leads nowhere."""

from lab.certification.filling import KINDS, without_others
from synthetic_data import HospitalPlan, generate


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_every_reference_leads_to_what_is_filled_before():
    seen = set()
    for whole in generate(HospitalPlan(patients=40), KINDS):
        resource = without_others(whole)
        assert resource["id"] == whole["id"]
        for reference in references(resource):
            assert reference in seen, (resource["id"], reference)
        seen.add(f"{resource['resourceType']}/{resource['id']}")
    assert {reference.partition("/")[0] for reference in seen} == {kind.partition(".")[0] for kind in KINDS}


def test_only_foreign_references_go():
    kept = without_others(
        {
            "resourceType": "Observation",
            "id": "o",
            "subject": {"reference": "Patient/p"},
            "specimen": {"reference": "Specimen/s"},
            "basedOn": [{"reference": "ServiceRequest/r"}],
            "performer": [{"reference": "Organization/o"}, {"reference": "Device/d"}],
            "valueQuantity": {"value": 0},
        }
    )
    assert kept == {
        "resourceType": "Observation",
        "id": "o",
        "subject": {"reference": "Patient/p"},
        "performer": [{"reference": "Organization/o"}],
        "valueQuantity": {"value": 0},
    }
