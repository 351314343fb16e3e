"""The judge of the answer key is judged itself: each kind of search, on resources written here."""

import pytest
from naive_server import NaiveServer

PATIENTS = [
    {"resourceType": "Patient", "id": "a", "gender": "female", "name": [{"family": "Martin"}],
     "identifier": [{"system": "s", "value": "1"}]},
    {"resourceType": "Patient", "id": "b", "gender": "male", "name": [{"family": "Martine"}],
     "deceasedDateTime": "2023-01-01T00:00:00+01:00", "meta": {"security": [{"system": "c", "code": "V"}]},
     "identifier": [{"system": "t", "value": "1"}]},
]  # fmt: skip


def visit(key, start, end=None, class_="EMER", patient="a"):
    period = {"start": start} | ({"end": end} if end else {})
    return {"resourceType": "Encounter", "id": key, "class": {"code": class_}, "period": period,
            "subject": {"reference": f"Patient/{patient}"}}  # fmt: skip


VISITS = [
    visit("before", "2023-01-31T20:00:00+01:00", "2023-01-31T23:59:00+01:00"),
    visit("across", "2023-01-31T20:00:00+01:00", "2023-02-01T00:00:00+01:00"),
    visit("inside", "2023-02-10T20:00:00+01:00", "2023-02-10T21:00:00+01:00", patient="b"),
    visit("running", "2023-02-27T23:59:00+01:00"),
    visit("after", "2023-03-01T00:00:00+01:00", class_="AMB"),
]
VALUES = [
    {"resourceType": "Observation", "id": key, "subject": {"reference": f"Patient/{patient}"},
     "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
     "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit}}
    for key, value, unit, patient in [
        ("o7", 7, "%", "a"), ("o71", 7.1, "%", "b"), ("mol", 48, "mmol/mol", "a")
    ]
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("Patient?gender=female", ["a"]),
        ("Patient?deceased=true", ["b"]),
        ("Patient?family:exact=Martin", ["a"]),
        ("Patient?identifier=s|", ["a"]),
        ("Patient?identifier=1", ["a", "b"]),
        ("Patient?_security=c|V", ["b"]),
        ("Encounter?date=ge2023-02-01&date=lt2023-03-01", ["across", "inside", "running"]),
        ("Encounter?class=AMB", ["after"]),
        ("Observation?code=http://loinc.org|4548-4&value-quantity=gt7|http://unitsofmeasure.org|%", ["o71"]),
        ("Observation?code=4548-4&patient.gender=female", ["o7", "mol"]),
        ("Patient?_has:Encounter:patient:class=AMB", ["a"]),
        ("Patient?_has:Observation:patient:code=other", []),
    ],
)
def test_searches(query, ids):
    assert NaiveServer([*PATIENTS, *VISITS, *VALUES]).search(query) == ids


def test_what_it_does_not_know_is_refused():
    with pytest.raises(NotImplementedError, match=r"Patient\?birthdate"):
        NaiveServer(PATIENTS).search("Patient?birthdate=2000")
