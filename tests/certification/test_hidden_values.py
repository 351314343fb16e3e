"""The values whose sight under load is a leak: those that only masked elements hold."""

import pytest

from lab.certification.hidden_values import hidden_values
from lab.fhir.element_path import parse_path

ONE = {
    "resourceType": "Patient",
    "id": "pat-000001",
    "text": {"div": "<div>DUVALLON Bérengère, 1936-07-28</div>"},
    "extension": [{"url": "urn:checked", "valueDate": "2022-07-20"}],
    "identifier": [
        {"system": "urn:ins", "value": "136072800000011"},
        {"system": "urn:ipp", "value": "8748035516"},
    ],
    "name": [{"use": "official", "family": "Duvallon", "given": ["Bérengère", "Zoé"]}],
    "birthDate": "1936-07-28",
    "address": [{"line": ["12 rue Castanet"], "city": "Toulouse"}],
}
OTHER = {
    "resourceType": "Patient",
    "id": "pat-000002",
    "name": [{"family": "Castanet"}],
    "birthDate": "2022-07-20",
}


@pytest.mark.parametrize(
    ("masked", "patients", "values"),
    [
        (["Patient.name"], [ONE], ("Bérengère", "Duvallon")),
        (["Patient.name", "Patient.birthDate"], [ONE], ("1936-07-28", "Bérengère", "Duvallon")),
        (["Patient.name.family"], [ONE], ("Duvallon",)),
        (["Patient.identifier.where(system in ('urn:ins'))"], [ONE], ("136072800000011",)),
        (["Patient.birthDate"], [ONE, OTHER], ("1936-07-28",)),  # the other's is a day that one shows
        (["Patient.birthDate"], [OTHER], ("2022-07-20",)),
        (["Patient.name"], [ONE, OTHER], ("Bérengère", "Duvallon")),  # Castanet is a street too
        (["Encounter.reasonCode"], [ONE], ()),
        ([], [ONE], ()),
    ],
)
def test_only_what_is_seen_nowhere_else_is_hidden(masked, patients, values):
    assert hidden_values(patients, [parse_path(path) for path in masked]) == values
