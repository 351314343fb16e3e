"""What two readers could read differently is not read at all, and what is stored comes back as it was."""

import pytest
from server_hospital import Hospital, observation, patient

NAME = b'{"resourceType":"Patient","name":[{"family":"Piege"}]'


@pytest.mark.parametrize(
    "body",
    [
        NAME + b',"gender":"male","gender":"female"}',
        NAME + b',"extension":[{"url":"urn:x","valueDecimal":NaN}]}',
        NAME + b',"extension":[{"url":"urn:x","valueDecimal":1e999}]}',
        NAME + b',"extension":[{"url":"urn:x","valueInteger":' + b"9" * 5000 + b"}]}",
        b"\xef\xbb\xbf" + NAME + b"}",
        NAME + b',"contact":' + b'[{"x":' * 100 + b"1" + b"}]" * 100 + b"}",
        b"[" * 100_000,
        NAME + b',"language":"\\ud800"}',
        NAME + b',"language":"\xff"}',
        NAME,
        b"[1]",
        b"",
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"}}',
    ],
)
def test_an_ambiguous_body_is_refused(writable: Hospital, body: bytes) -> None:
    answer = writable.ask("POST", "/Patient", body)
    assert (answer.status, answer.json["resourceType"]) == (400, "OperationOutcome")
    assert "Piege" not in answer.diagnostics
    assert writable.ids("/Patient?family=Piege") == []


def test_a_huge_body_is_refused(writable: Hospital) -> None:
    assert writable.ask("POST", "/Patient", NAME + b" " * 10_000_001 + b"}").status == 413


def test_decimals_keep_their_digits(writable: Hospital) -> None:
    body = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}'
    )
    created = writable.ask("POST", "/Observation", body)
    assert b'"value":1.50}' in created.body
    id_ = created.json["id"]
    assert b'"value":1.50}' in writable.get(f"/Observation/{id_}?_elements=value").body
    assert b'"value": 1.50\n' in writable.get(f"/Observation/{id_}?_pretty=true").body
    assert b'"value":1.50}' in writable.get("/Observation?value-quantity=1.5").body


def test_extensions_contained_and_narrative_survive(writable: Hospital) -> None:
    rich = {
        **patient("x"),
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">é<b>x</b></div>'},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Contenue"}],
        "extension": [{"url": "urn:unheard", "valueString": "oui"}],
        "birthDate": "1970-01-01",
        "_birthDate": {"extension": [{"url": "urn:unheard", "valueBoolean": True}]},
        "managingOrganization": {"reference": "#o"},
    }
    stored = writable.ask("POST", "/Patient", rich).json
    without_identity = {k: v for k, v in stored.items() if k not in {"id", "meta"}}
    assert without_identity == {k: v for k, v in rich.items() if k != "id"}


def test_identity_and_meta_are_of_the_server(writable: Hospital) -> None:
    meta = {
        "versionId": "77",
        "lastUpdated": "2001-01-01T00:00:00Z",
        "profile": ["urn:p"],
        "tag": [{"code": "t"}],
    }
    stored = writable.ask("POST", "/Observation", observation("x", "in1", meta=meta)).json
    assert stored["meta"]["versionId"] == "1"
    assert stored["meta"]["lastUpdated"] > "2026"
    assert (stored["meta"]["profile"], stored["meta"]["tag"]) == (["urn:p"], [{"code": "t"}])
    assert writable.ids("/Observation?_profile=urn:p&_tag=t") == [stored["id"]]
