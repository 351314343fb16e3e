"""Batches and transactions."""

from typing import Any

import pytest
from server_hospital import BOTH, INS, Answer, Hospital, observation, patient

MOTHER = "urn:uuid:3fe22bcb-3f3a-4a3e-9d2c-0a1b2c3d4e5f"


def entry(method: str, url: str, resource: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    full_url = {"fullUrl": more.pop("full_url")} if "full_url" in more else {}
    body = {} if resource is None else {"resource": resource}
    return {**full_url, **body, "request": {"method": method, "url": url, **more}}


def run(hospital: Hospital, kind: str, *entries: Any, **headers: str) -> Answer:
    return hospital.ask(
        "POST", "/", {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, **headers
    )


def statuses(answer: Answer) -> list[str]:
    return [e["response"]["status"][:3] for e in answer.entries]


@BOTH
@pytest.mark.both_stores
def test_references_between_entries_become_real(writable: Hospital) -> None:
    narrative = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{MOTHER}">m</a></div>',
    }
    child = observation("x", "", text=narrative)
    child["subject"] = {"reference": MOTHER}
    answer = run(
        writable,
        "transaction",
        entry("POST", "Observation", child),
        entry("POST", "Patient", patient("x", "Mère"), full_url=MOTHER),
    )
    assert (answer.json["type"], statuses(answer)) == ("transaction-response", ["201", "201"])
    location = answer.entries[1]["response"]["location"]
    id_ = location.split("/Patient/")[1].split("/")[0]
    stored = writable.get(f"/Observation?patient={id_}").entries[0]["resource"]
    assert stored["subject"]["reference"] == f"Patient/{id_}"
    assert f'href="Patient/{id_}"' in stored["text"]["div"]
    assert writable.get(location).status == 200


@BOTH
@pytest.mark.both_stores
def test_one_bad_entry_leaves_nothing_behind(writable: Hospital) -> None:
    answer = run(
        writable,
        "transaction",
        entry("POST", "Patient", patient("x", "Reste")),
        entry("DELETE", "Patient/in1"),
        entry("POST", "Patient", {**patient("y", "Reste"), "gender": "wrong"}),
    )
    assert (answer.status, answer.json["resourceType"]) == (422, "OperationOutcome")
    assert answer.json["issue"][0]["expression"] == ["Bundle.entry[2]"]
    assert answer.json["issue"][1]["expression"] == ["Patient.gender"]
    assert writable.ids("/Patient?family=Reste") == []
    assert writable.get("/Patient/in1").json["meta"]["versionId"] == "1"


@BOTH
def test_entries_run_in_the_order_of_the_specification(writable: Hospital) -> None:
    answer = run(
        writable,
        "transaction",
        entry("GET", "Patient?family=Ordre"),
        entry("PUT", "Patient/in1", patient("in1", "Ordre")),
        entry("POST", "Patient", patient("x", "Ordre"), ifNoneExist="identifier=ins-in2"),
        entry("DELETE", "Patient/in2"),
        entry("HEAD", "Patient/in1"),
    )
    assert statuses(answer) == ["200", "200", "201", "204", "200"]
    assert len(answer.entries[0]["resource"]["entry"]) == 2


@BOTH
def test_conditional_entries_find_what_is_there(writable: Hospital) -> None:
    about = observation("x", "")
    about["subject"] = {"reference": MOTHER}
    answer = run(
        writable,
        "transaction",
        entry("POST", "Patient", patient("x"), ifNoneExist=f"identifier={INS}|ins-in1", full_url=MOTHER),
        entry("POST", "Observation", about),
        entry("PUT", f"Patient?identifier={INS}|ins-in2", patient("in2", "Modifié")),
        entry("PUT", "Patient?identifier=urn:new|7", {k: v for k, v in patient("x").items() if k != "id"}),
        prefer="return=representation",
    )
    assert statuses(answer) == ["200", "201", "200", "201"]
    assert answer.entries[1]["resource"]["subject"]["reference"] == "Patient/in1"
    assert answer.entries[2]["resource"]["id"] == "in2"


@BOTH
@pytest.mark.both_stores
def test_two_entries_do_not_create_what_one_condition_asks_once(writable: Hospital) -> None:
    new = patient("x", "Double", identifier=[{"system": "urn:d", "value": "1"}])
    twice = [entry("POST", "Patient", new, ifNoneExist="identifier=urn:d|1") for _ in range(2)]
    assert run(writable, "transaction", *twice).status == 412
    assert writable.ids("/Patient?family=Double") == []


@BOTH
def test_transactions_that_contradict_themselves_are_refused(writable: Hospital) -> None:
    change = entry("PUT", "Patient/in1", patient("in1", "Change"))
    refused = [
        ([change, change], 400),
        ([change, entry("DELETE", "Patient/in1")], 400),
        ([entry("POST", "Patient", patient("x"), full_url=MOTHER)] * 2, 400),
        ([entry("PATCH", "Patient/in1", patient("in1"))], 400),
        ([entry("OPTIONS", "Patient/in1")], 405),
        ([entry("POST", "", {"resourceType": "Bundle", "type": "batch"})], 400),
        ([entry("GET", "Patient/nobody")], 404),
        ([entry("PUT", "Patient/in1", patient("in1"), ifMatch='W/"9"')], 412),
        (["text"], 400),
        ([{"request": {"method": "GET"}}], 400),
        ([{"request": {"method": "GET", "url": "Patient/in1"}, "resource": []}], 400),
    ]
    for entries, status in refused:
        answer = run(writable, "transaction", *entries)
        assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome"), entries
    assert writable.get("/Patient/in1").json["meta"]["versionId"] == "1"


@BOTH
def test_a_conditional_reference_needs_exactly_one_match(writable: Hospital) -> None:
    for reference, status in {
        f"Patient?identifier={INS}|ins-in1": 200,
        "Patient?identifier=nobody": 412,
        "Patient?gender=female": 412,
        "Unicorn?name=x": 412,
        "Patient?unheard=1": 400,
    }.items():
        about = observation("x", "")
        about["subject"] = {"reference": reference}
        assert run(writable, "transaction", entry("POST", "Observation", about)).status == status


@BOTH
@pytest.mark.both_stores
def test_a_batch_runs_each_entry_on_its_own(writable: Hospital) -> None:
    answer = run(
        writable,
        "batch",
        entry("GET", "Patient/in1"),
        entry("GET", "Patient/nobody"),
        entry("POST", "Patient", {**patient("x"), "gender": "wrong"}),
        entry("PUT", "Patient/in2", patient("in2", "Lot"), ifMatch='W/"1"'),
        entry("GET", "Patient/in1", ifNoneMatch='W/"1"'),
        entry("DELETE", "Observation/in1-0"),
    )
    assert (answer.json["type"], statuses(answer)) == (
        "batch-response",
        ["200", "404", "422", "200", "304", "204"],
    )
    assert answer.entries[1]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert answer.entries[0]["resource"]["id"] == "in1"
    assert "resource" not in answer.entries[3]
    assert writable.ids("/Patient?family=Lot") == ["in2"]


@BOTH
def test_an_empty_bundle_gets_an_empty_answer(writable: Hospital) -> None:
    for kind in ("batch", "transaction"):
        assert run(writable, kind).json == {"resourceType": "Bundle", "type": f"{kind}-response"}
    assert writable.ask("POST", "/", {"resourceType": "Bundle", "type": "collection"}).status == 400
    assert writable.ask("POST", "/", {"resourceType": "Bundle", "type": "batch", "entry": {}}).status == 400
    assert writable.ask("POST", "/", b'{"resourceType":"Bundle","type":"batch","type":"batch"}').status == 400
    assert run(writable, "batch", content_type="text/plain").status == 415


@BOTH
def test_decimals_keep_their_digits_through_a_transaction(writable: Hospital) -> None:
    body = (
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Observation/d"},'
        b'"resource":{"resourceType":"Observation","id":"d","status":"final","code":{"text":"x"},'
        b'"valueQuantity":{"value":2.50}}}]}'
    )
    assert writable.ask("POST", "/", body).status == 200
    assert b"2.50" in writable.get("/Observation/d").body
