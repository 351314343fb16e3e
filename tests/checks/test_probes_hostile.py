"""Whatever a server answers, a probe ends by judging it: nonsense is no error of ours, and no level held."""

import json

import orjson
import pytest
from hostile_server import serving
from probes_bench import probes, trying

FHIR = {"Content-Type": "application/fhir+json"}
CODES = ("read", "vread", "search-type", "create", "update", "delete", "history-instance")
JOURNAL_ONLY = {"K-02", "K-05", "L3-22"}


def _always(status, headers, body):
    return lambda _method, _path: (status, headers, body)


def deep(depth):
    """Return objects and lists within one another."""
    return b'{"extension":[' * depth + b"{}" + b"]}" * depth


NESTED = (
    b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a","address":['
    + deep(450)
    + b'],"extension":['
    + deep(450)
    + b"]}}]}"
)
SERVERS = {
    "cut JSON": _always(200, FHIR, b'{"resourceType": "Pat'),
    "HTML page": _always(200, {"Content-Type": "text/html"}, b"<html><body>Welcome</body></html>"),
    "a list": _always(200, FHIR, b'[1, {"resourceType": "Bundle"}, null]'),
    "a number": _always(200, FHIR, b"42"),
    "no bytes": _always(200, {}, b""),
    "not UTF-8": _always(200, FHIR, b'{"resourceType":"\xff\xfe"}'),
    "redirect loop": lambda _, path: (302, {"Location": path}, b""),
    "cut body": _always(200, FHIR | {"Content-Length": "5000"}, b'{"resourceType":"Bundle"'),
    "bare 500": _always(500, {"Content-Type": "text/plain"}, b"Internal Server Error"),
    "bad gzip": _always(200, FHIR | {"Content-Encoding": "gzip"}, b"not gzip"),
    "always 401": _always(401, FHIR, b'{"resourceType":"OperationOutcome"}'),
    "always 404": _always(404, FHIR, b'{"resourceType":"OperationOutcome"}'),
}


@pytest.mark.parametrize("nonsense", SERVERS)
def test_nonsense_is_neither_an_error_nor_a_pass(nonsense, tmp_path):
    with serving(SERVERS[nonsense]) as base_url, trying(base_url, tmp_path) as run:
        ends = {id_: run(id_).outcome for id_ in probes()}
    # A token endpoint that gives nothing, whatever is asked, gives nothing beyond what is registered.
    refused = {"L3-04-C", "L3-04"} if nonsense == "always 401" else set()
    passed = {id_ for id_, outcome in ends.items() if outcome in {"pass", "warning"}}
    assert passed <= refused, ends


TYPES = [
    {"type": type_, "interaction": [{"code": code} for code in CODES]}
    for type_ in ("Patient", "Observation", "Encounter", "Condition")
]
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "rest": [{"mode": "server", "resource": TYPES, "interaction": [{"code": "batch"}]}],
}
ODD = [
    1,
    None,
    {"resource": {"resourceType": ["Patient"], "id": {}}, "search": {"mode": ["match"]}},
    {"resource": "Patient/1", "search": [], "response": {"status": ["200"]}},
    {
        "resource": {
            "resourceType": "Patient",
            "id": "a",
            "meta": [],
            "text": {"div": 5},
            "identifier": {"system": ["x"], "value": 1},
            "address": {"city": ["Muret", 7, {}], "line": "x", "extension": 5},
            "telecom": [
                7,
                None,
                {"system": ["phone"], "value": {"a": 1}},
                {"system": "phone", "value": "0612"},
            ],
            "extension": [{"url": ["x"]}, 5],
            "contact": [5, {"address": [[["x"]]]}],
        },
        "response": {"status": {"a": 1}},
    },
    {"resource": {"resourceType": "Patient", "id": "b", "address": [[["x"]]], "telecom": "0612"}},
    *(
        {
            "resource": {
                "resourceType": type_,
                "id": f"{type_}-1",
                "subject": subject,
                "code": {"coding": coding},
                "class": {"code": ["x"]},
            }
        }
        for type_ in ("Observation", "Encounter", "Condition")
        for subject, coding in (
            ({"reference": ["Patient/a"]}, {}),
            ({"reference": "Patient/b"}, [[1]]),
            ([{"reference": "Patient/a"}], [{"code": "x"}]),
        )
    ),
]
BUNDLE = {
    "resourceType": "Bundle",
    "type": {"code": "searchset"},
    "total": [3],
    "issue": [5, {"severity": []}],
    "link": [{"relation": ["next"], "url": 5}, "next"],
    "entry": ODD,
}


def _wrong_types(method, path):
    asked = path.partition("?")[0].removeprefix("/fhir").strip("/")
    if asked == "metadata":
        return 200, FHIR, json.dumps(STATEMENT).encode()
    if asked == "token":
        return 200, FHIR, b'{"access_token": ["x"], "scope": "everything", "expires_in": {}}'
    if "/" in asked and not asked.endswith("_search"):
        return 200, FHIR, json.dumps(ODD[4]["resource"]).encode()
    return (
        201 if method == "POST" and not asked.endswith("_search") else 200,
        FHIR,
        json.dumps(BUNDLE).encode(),
    )


def _nested(_, path):
    if path.endswith("/metadata"):
        return 200, FHIR, json.dumps(STATEMENT).encode()
    return 200, FHIR, NESTED


@pytest.mark.parametrize("answers", [_wrong_types, _nested])
def test_wrong_types_and_deep_nesting_are_never_an_error(answers, tmp_path):
    with serving(answers) as base_url, trying(base_url, tmp_path) as run:
        ends = {id_: run(id_) for id_ in probes()}
    held = {id_ for id_, end in ends.items() if end.outcome in {"pass", "warning"}}
    assert not held & {"L1-01", "L1-02", "L2-01", "L2-20", "L3-01", "L3-03", "L4-01", "L4-04"}
    for end in ends.values():
        assert all(orjson.dumps([detail.fr, detail.en]) for detail in end.details)


def test_every_probe_is_bounded(tmp_path):
    asked = []

    def endless(_, path):
        asked.append(path)
        n = len(asked)
        if path.endswith("/metadata"):
            return 200, FHIR, json.dumps(STATEMENT).encode()
        type_ = path.removeprefix("/fhir/").partition("?")[0].partition("/")[0]
        entries = [
            {
                "resource": {
                    "resourceType": type_,
                    "id": f"{x}{n}",
                    "subject": {"reference": "Patient/b"},
                    "code": {"coding": [{"code": "x"}]},
                    "address": [{"city": "Muret"}],
                    "telecom": [{"system": "phone", "value": "0612345678"}],
                }
            }
            for x in "abc"
        ]
        link = [{"relation": "next", "url": f"{base_url}/{type_}?page={n}"}]
        body = {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": link}
        return 200, FHIR, json.dumps(body).encode()

    with serving(endless) as base_url, trying(base_url, tmp_path) as run:
        for id_ in probes():
            asked.clear()
            run(id_)
            assert len(asked) <= 65, id_
