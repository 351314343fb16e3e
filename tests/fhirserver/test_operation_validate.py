"""$validate: what is wrong, where and by which rule, and no value."""

from typing import Any

import pytest
from server_hospital import UNKNOWN, Answer, Hospital, observation

MARK = "Secret-Value"
FR_ENCOUNTER = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-encounter"
WRONG = {
    "resourceType": "Patient",
    "id": "x",
    "gender": MARK,
    "birthDate": "1971-13-03",
    "name": [{"family": MARK, "period": {"start": "2021", "end": "2020"}}],
    MARK: MARK,
}
RIGHT = {"resourceType": "Patient", "id": "x", "gender": "male"}


def told(answer: Answer) -> list[tuple[str, str]]:
    """Return the place and the severity of the issues that have a place."""
    assert (answer.status, answer.json["resourceType"]) == (200, "OperationOutcome"), answer.body
    issues = answer.json["issue"]
    return [(i["expression"][0], i["severity"]) for i in issues if "expression" in i]


def parameters(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(parts)}


def test_defects_are_told_by_place_and_no_value_is_repeated(everything: Hospital) -> None:
    answer = everything.ask("POST", "/Patient/$validate", WRONG)
    places = {place for place, severity in told(answer) if severity == "error"}
    assert {"Patient.gender", "Patient.birthDate", "Patient.name[0].period"} <= places
    assert MARK not in answer.body.decode()


def test_a_resource_without_a_defect_is_told_so(everything: Hospital) -> None:
    answer = everything.ask("POST", "/Patient/$validate", RIGHT)
    assert told(answer) == []
    assert answer.json["issue"][0] == {
        "severity": "information",
        "code": "informational",
        "diagnostics": "No defect was found.",
    }


def test_the_resource_may_come_in_parameters_with_a_profile(everything: Hospital) -> None:
    stay = {"resourceType": "Encounter", "status": "finished", "class": {"system": "urn:x", "code": "x"}}
    body = parameters(
        {"name": "resource", "resource": stay},
        {"name": "mode", "valueCode": "create"},
        {"name": "profile", "valueUri": FR_ENCOUNTER},
    )
    answer = everything.ask("POST", "/Encounter/$validate", body)
    assert told(answer) == [("Encounter.identifier", "error"), ("Encounter.period", "error")]
    assert FR_ENCOUNTER in answer.diagnostics
    assert told(everything.ask("POST", f"/Encounter/$validate?profile={FR_ENCOUNTER}", stay)) == told(answer)
    assert told(everything.ask("POST", "/Encounter/$validate", stay)) == []


def test_a_stored_resource_is_validated(everything: Hospital) -> None:
    answer = everything.get("/Patient/in1/$validate")
    assert ("Patient.identifier[0].value", "error") in told(answer)
    assert "ins-in1" not in answer.body.decode()
    assert told(everything.get("/Observation/in1-0/$validate")) == []


def test_a_body_goes_before_what_is_stored(everything: Hospital) -> None:
    body = observation("in1-0", "in1")
    assert told(everything.ask("POST", "/Observation/in1-0/$validate?mode=update", body)) == []
    other = everything.ask("POST", "/Observation/in1-0/$validate?mode=update", {**body, "id": "y"})
    assert "The id is not that of the URL." in other.diagnostics
    elsewhere = everything.ask("POST", "/Patient/$validate", body)
    assert "The resourceType is not the type of the URL." in elsewhere.diagnostics


@pytest.mark.parametrize("path", ["Patient/{}/$validate", "Patient/{}/$validate?mode=delete"])
def test_what_is_hidden_is_what_never_existed(cohort: Hospital, path: str) -> None:
    hidden, unknown = (cohort.get(f"/{path.format(id_)}") for id_ in ("out1", UNKNOWN))
    assert (hidden.status, hidden.body) == (404, unknown.body)
    assert cohort.get(f"/{path.format('in1')}").status == 200
    tried = cohort.ask("POST", f"/{path.format('out1')}", RIGHT)
    assert (tried.status, tried.body) == (404, unknown.body)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/Patient/$validate", None, 400),
        ("GET", "/Patient/$validate", None, 400),
        ("POST", "/Patient/$validate?mode=other", RIGHT, 400),
        ("POST", "/Patient/$validate?mode=profile", RIGHT, 400),
        ("POST", "/Patient/$validate?mode=delete", RIGHT, 400),
        ("POST", "/Patient/in1/$validate?mode=create", RIGHT, 400),
        ("POST", "/Patient/$validate?profile=urn:unknown", RIGHT, 400),
        ("POST", "/Patient/$validate?other=x", RIGHT, 400),
        ("POST", "/Patient/$validate", b"{", 400),
        ("POST", "/Patient/$validate", b'{"resourceType":"Patient","id":"a","id":"b"}', 400),
        ("POST", "/Patient/$validate", {"resourceType": "Parameters"}, 400),
        ("POST", "/Patient/$validate", parameters({"valueString": "x"}), 400),
        ("POST", "/Patient/$validate", parameters({"name": "resource", "resource": 1}), 400),
        ("POST", "/Unicorn/$validate", {"resourceType": "Unicorn"}, 404),
        ("POST", "/$validate", RIGHT, 404),
    ],
)
def test_what_cannot_be_done_is_refused(
    everything: Hospital, method: str, path: str, body: Any, status: int
) -> None:
    answer = everything.ask(method, path, body)
    assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome"), answer.body


def test_a_body_is_bounded(everything: Hospital) -> None:
    long = {"resourceType": "Patient", "name": [{"family": "x" * 1_000_000}]}
    assert everything.ask("POST", "/Patient/$validate", long).status == 413
    answer = everything.ask("POST", "/Patient/$validate", RIGHT, content_type="text/plain")
    assert answer.status == 415


def test_a_batch_brings_the_outcome(everything: Hospital) -> None:
    entry = {"request": {"method": "POST", "url": "Patient/$validate"}, "resource": RIGHT}
    (answer,) = everything.ask(
        "POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    ).entries
    assert answer["response"]["status"].startswith("200")
    assert answer["resource"]["resourceType"] == "OperationOutcome"
    transaction = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert everything.ask("POST", "", transaction).status == 400
