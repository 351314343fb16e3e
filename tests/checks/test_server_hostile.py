"""Whatever a server answers, a check ends by judging it: nonsense is never an error of ours, nor a pass."""

import json

import orjson
import pytest
from hostile_server import server_checks, serving, trying

FHIR = {"Content-Type": "application/fhir+json"}
CODES = ("read", "vread", "search-type", "create", "update", "patch", "delete", "history-instance")
OPTIONS = ("updateCreate", "readHistory", "conditionalCreate", "conditionalUpdate")
PATIENT_TYPE = {
    "type": "Patient",
    "interaction": [{"code": code} for code in CODES],
    "versioning": "versioned-update",
    **dict.fromkeys(OPTIONS, True),
    "conditionalDelete": "single",
    "searchParam": [
        {"name": "identifier", "type": "token"},
        {"name": "birthdate", "type": "date"},
        {"name": ["x"], "type": {}},
    ],
}
ENCOUNTER_TYPE = {
    "type": "Encounter",
    "interaction": [{"code": "search-type"}, 7, {"code": {}}],
    "searchParam": [{"name": "patient", "type": "reference"}],
}
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": {"is": "4.0.1"},
    "format": ["json", "xml", 5],
    "rest": [
        {
            "mode": "server",
            "resource": [PATIENT_TYPE, ENCOUNTER_TYPE, {"type": 5}, {"type": ["Patient"]}, "Group", None],
            "interaction": [{"code": "transaction"}, {"code": "batch"}],
        },
        {"mode": ["server"], "resource": {}},
        "rest",
    ],
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": {"code": "searchset"},
    "total": [3],
    "link": [{"relation": ["next"], "url": 5}, {"relation": "self", "url": "http://[::1/x?_id=1"}, "next"],
    "entry": [
        1,
        None,
        {"resource": {"resourceType": ["Patient"], "id": {}}, "search": {"mode": ["match"]}},
        {"resource": "Patient/1", "search": [], "response": {"status": ["200"]}},
        {"resource": {"resourceType": "Patient", "id": "a", "meta": [], "identifier": {"system": 1}}},
        {"resource": {"resourceType": "Patient", "id": "b", "identifier": [7, {"value": ["x"]}]}},
        {"resource": {"resourceType": "Patient", "id": "../c"}, "response": "200"},
        {"resource": {"resourceType": "Patient", "id": "d", "subject": [], "patient": {"reference": 1}}},
        {"resource": {"resourceType": "Encounter", "id": "e", "subject": {"reference": ["Patient/a"]}}},
        {"resource": {"resourceType": "Encounter", "id": "f", "subject": {"reference": "Patient/a b"}}},
        {"resource": {"resourceType": "Encounter", "id": "g", "subject": {"reference": "Patient/a"}}},
    ],
}
PATIENT = {"resourceType": "Patient", "id": "a", "meta": {"versionId": {}, "lastUpdated": "2024-13-45"}}
LINES = {"ETag": 'W/"\x7f', "Last-Modified": "the day before yesterday", "Location": "http://[/Patient/é"}


def _wrong_types(method, path):
    asked = path.partition("?")[0].removeprefix("/fhir").strip("/")
    if asked == "metadata":
        return 200, FHIR, json.dumps(STATEMENT).encode()
    if "well-known" in asked:
        return 200, {}, b'{"token_endpoint": ["x"], "capabilities": {"a": 1}, "jwks_uri": 4}'
    if method == "POST" and not asked.endswith("_search") and asked:
        return 201, FHIR | LINES, json.dumps(PATIENT).encode()
    if "/" in asked and not asked.endswith("_search"):
        return 200, FHIR | LINES, json.dumps(PATIENT).encode()
    return 200, FHIR, json.dumps(BUNDLE).encode()


def _always(status, headers, body):
    return lambda _method, _path: (status, headers, body)


NESTED = b'{"resourceType":"Bundle","entry":' + b"[" * 5000 + b"]" * 5000 + b"}"
SERVERS = {
    "cut JSON": _always(200, FHIR, b'{"resourceType": "Pat'),
    "HTML page": _always(200, {"Content-Type": "text/html"}, b"<html><body>Welcome</body></html>"),
    "a list": _always(200, FHIR, b'[1, {"resourceType": "Bundle"}, null]'),
    "a number": _always(200, FHIR, b"42"),
    "no bytes": _always(200, {}, b""),
    "not UTF-8": _always(200, FHIR, b'{"resourceType":"\xff\xfe"}'),
    "deep nesting": _always(200, FHIR, NESTED),
    "redirect loop": lambda _, path: (302, {"Location": path}, b""),
    "cut body": _always(200, FHIR | {"Content-Length": "5000"}, b'{"resourceType":"Bundle"'),
    "bare 500": _always(500, {"Content-Type": "text/plain"}, b"Internal Server Error"),
    "bad gzip": _always(200, FHIR | {"Content-Encoding": "gzip"}, b"not gzip"),
}


@pytest.mark.parametrize("nonsense", SERVERS)
def test_nonsense_is_neither_an_error_nor_a_pass(nonsense, tmp_path):
    with serving(SERVERS[nonsense]) as base_url, trying(base_url, tmp_path) as run:
        ends = {id_: run(id_).outcome for id_ in server_checks()}
    assert set(ends.values()) <= {"fail", "skip", "omit"}, ends


def test_wrong_types_everywhere_are_never_an_error(tmp_path):
    with serving(_wrong_types) as base_url, trying(base_url, tmp_path) as run:
        ends = {id_: run(id_) for id_ in server_checks()}
    failed = {id_ for id_, end in ends.items() if end.outcome == "fail"}
    assert {"SRV-CAP-01", "SRV-CAP-02", "SRV-SRC-01", "SRV-SMT-01", "SRV-CRT-01"} <= failed
    for end in ends.values():
        assert all(orjson.dumps([detail.fr, detail.en]) for detail in end.details)


@pytest.mark.parametrize("id_", ["SRV-PAG-01", "SRV-PAG-03", "SRV-CRT-01"])
def test_a_token_is_never_sent_to_another_origin(id_, tmp_path):
    asked = []
    with serving(lambda method, path: asked.append(path) or _always(404, {}, b"")(method, path)) as stranger:
        lure = {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [{"relation": "next", "url": f"{stranger}/Patient?page=2"}],
            "entry": [{"resource": {"resourceType": "Patient", "id": x}} for x in "abc"],
        }

        def luring(method, path):
            if path.endswith("/metadata"):
                return 200, FHIR, json.dumps(STATEMENT).encode()
            if method == "POST":
                return 201, {"Location": f"{stranger}/Patient/a/_history/1"}, b""
            whole = "_count=50" in path
            body = {**lure, "link": []} if whole else {**lure, "entry": lure["entry"][:2]}
            return 200, FHIR, json.dumps(lure if "_count=5&" in f"{path}&" else body).encode()

        with serving(luring) as base_url, trying(base_url, tmp_path) as run:
            run(id_)
    assert asked == []


def test_every_check_is_bounded(tmp_path):
    asked = []

    def endless(_, path):
        asked.append(path)
        n = len(asked)
        if path.endswith("/metadata"):
            return 200, FHIR, json.dumps(STATEMENT).encode()
        entries = [{"resource": {"resourceType": "Patient", "id": f"{x}{n}"}} for x in "abc"]
        link = (
            [{"relation": "next", "url": f"{base_url}/Patient?page={n}"}] if "_count=50" not in path else []
        )
        body = {"resourceType": "Bundle", "type": "searchset", "entry": entries[:2], "link": link}
        whole = {**body, "entry": entries}
        return (
            200,
            FHIR,
            json.dumps(whole if "_count=2" not in path and "page" not in path else body).encode(),
        )

    with serving(endless) as base_url, trying(base_url, tmp_path) as run:
        for id_ in server_checks():
            asked.clear()
            run(id_)
            assert len(asked) <= 60, id_
