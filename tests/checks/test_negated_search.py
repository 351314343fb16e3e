"""SRV-SRC-08 on :not: a resource that proves to be without the element has no matching item."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hostile_server import serving, trying

FHIR = {"Content-Type": "application/fhir+json"}
CUT = {"tag": [{"code": "SUBSETTED"}]}


def concept(code):
    return {"coding": [{"system": "urn:s", "code": code}]}


VALUED = [
    {"id": "o1", "code": concept("x"), "valueCodeableConcept": concept("a")},
    {"id": "o2", "code": concept("y"), "valueCodeableConcept": concept("b")},
]
BARE = {"id": "o3", "code": concept("x")}
UNPROVEN = [
    {"id": "o4", "code": concept("x"), "meta": CUT},
    {"id": "o5", "code": concept("y"), "valueCodeableConcept": {"text": "positif"}},
]
KINDS = [{"name": "code", "type": "token"}, {"name": "value-concept", "type": "token"}]
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "rest": [
        {
            "mode": "server",
            "resource": [
                {"type": "Observation", "interaction": [{"code": "search-type"}], "searchParam": KINDS}
            ],
        }
    ],
}


def of_standard(resource):
    """Tell whether :not=urn:s|a finds a resource."""
    return resource.get("valueCodeableConcept") != concept("a")


def only_valued(resource):
    return of_standard(resource) and "coding" in resource.get("valueCodeableConcept", {})


def everything(_):
    return True


def coded(resource, asked):
    return any(one == f"urn:s|{resource['code']['coding'][0]['code']}" for one in asked.split(","))


def ending(held, negated, folder):
    """Return the outcome; ``negated`` None is a server that refuses :not."""

    def answer(_, path):
        query = parse_qs(urlsplit(path).query)
        if path.endswith("/metadata"):
            return 200, FHIR, json.dumps(STATEMENT).encode()
        if negated is None and "value-concept:not" in query:
            return 400, FHIR, b'{"resourceType":"OperationOutcome"}'
        kept = [
            {"resourceType": "Observation", **one}
            for one in held
            if one["id"] in query.get("_id", [one["id"]])[0].split(",")
            and all(coded(one, asked) for asked in query.get("code", []))
            and ("value-concept:not" not in query or negated(one))
        ]
        bundle = {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [{"relation": "self", "url": f"http://x{path}"}],
            "entry": [{"resource": one} for one in kept],
        }
        return 200, FHIR, json.dumps(bundle).encode()

    with serving(answer) as base_url, trying(base_url, folder) as run:
        return run("SRV-SRC-08").outcome


@pytest.mark.parametrize(
    ("held", "negated", "word"),
    [
        ([*VALUED, BARE, *UNPROVEN], of_standard, "pass"),
        ([*VALUED, BARE, *UNPROVEN], only_valued, "fail"),
        ([*VALUED, BARE, *UNPROVEN], everything, "fail"),
        ([*VALUED, BARE, *UNPROVEN], None, "warning"),
        ([*VALUED, *UNPROVEN], of_standard, "pass"),
        ([*VALUED, *UNPROVEN], only_valued, "pass"),
        ([*VALUED, *UNPROVEN], everything, "fail"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_has_no_value_has_no_matching_item(held, negated, word, tmp_path):
    assert ending(held, negated, tmp_path) == word
