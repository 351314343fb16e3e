"""What a specification only recommends is a remark, what it requires fails: checks that hold both sides."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hostile_server import serving, trying
from test_client_manners import ending
from test_probes_journal import token_request

from lab.checks.conformance import check_client_authentication, check_client_keys
from lab.checks.criteria import date_matches

FHIR = {"Content-Type": "application/fhir+json"}
HELD = {
    "Patient": [{"id": "p1"}, {"id": "p2"}],
    "Observation": [
        {"id": "o1", "effectiveDateTime": "2023-05-06T23:30:00+02:00"},
        {"id": "o2", "effectiveDateTime": "2023-05-06T21:30:00Z"},
        {"id": "o3", "effectiveDateTime": "2023-05-08T08:00:00+02:00"},
        {"id": "o4", "effectiveDateTime": "2023-03-26T23:30:00+02:00"},
        {"id": "o5", "effectiveDateTime": "2023-05-08T08:00:00+02:00"},
    ],
}
SUBJECT = {"subject": {"reference": "Patient/p1"}}
DATE = {"name": "date", "type": "date"}
PATIENT = {"name": "patient", "type": "reference"}


def statement(*operations, types=("Patient", "Observation")):
    kinds = [
        {
            "type": type_,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [DATE, PATIENT] if type_ == "Observation" else [],
            "operation": [{"name": name} for name in operations] if type_ == "Patient" else [],
        }
        for type_ in types
    ]
    return {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": kinds}]}


def found(path, dated=lambda resource, asked: date_matches(resource, ("effectiveDateTime",), asked)):
    """Return the searchset of a search by _id, patient and date; ``dated`` tells how dates are compared."""
    parts, query = urlsplit(path), parse_qs(urlsplit(path).query)
    type_ = parts.path.rpartition("/")[2]
    ids = query.get("_id", [""])[0].split(",")
    kept = [
        {"resourceType": type_, **(SUBJECT if type_ == "Observation" else {}), **one}
        for one in HELD[type_]
        if (ids == [""] or one["id"] in ids) and all(dated(one, asked) for asked in query.get("date", []))
    ]
    links = [{"relation": "self", "url": f"http://x{path}"}]
    entries = [{"resource": one, "search": {"mode": "match"}} for one in kept]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def said(content, status=200, headers=FHIR):
    return status, headers, content if isinstance(content, bytes) else json.dumps(content).encode()


def outcome(id_, answer, folder):
    with serving(answer) as base_url, trying(base_url, folder) as run:
        return run(id_).outcome


@pytest.mark.parametrize(("status", "word"), [(406, "pass"), (200, "warning"), (500, "fail")])
def test_406_is_recommended_and_a_breakdown_forbidden(status, word, tmp_path):
    def answer(_, path):
        if path.endswith("/metadata"):
            return said(statement(types=("Patient",)))
        if "?" in path:
            return said(found(path))
        return said({"resourceType": "Patient", "id": "p1"}, status)

    assert outcome("SRV-FMT-04", answer, tmp_path) == word


def by_clock(resource, asked):
    def bare(text):
        return re.sub(r"(?<=:\d\d)(Z|[+-]\d\d:\d\d)$", "", text)

    plain = {"effectiveDateTime": bare(resource["effectiveDateTime"])}
    return date_matches(plain, ("effectiveDateTime",), bare(asked))


def right(resource, asked):
    return date_matches(resource, ("effectiveDateTime",), asked)


def without_prefix(resource, asked):
    return right(resource, re.sub(r"^[a-z]{2}", "", asked))


@pytest.mark.parametrize(
    ("dated", "word"), [(right, "pass"), (by_clock, "warning"), (without_prefix, "fail")]
)
def test_time_zones_are_a_remark_and_prefixes_are_not(dated, word, tmp_path):
    def answer(_, path):
        if path.endswith("/metadata"):
            return said(statement(types=("Observation",)))
        return said(found(path, dated))

    assert outcome("SRV-SRC-05", answer, tmp_path) == word


@pytest.mark.parametrize(
    ("given", "word"),
    [(("Patient", "Observation"), "pass"), (("Patient",), "warning"), (("Observation",), "fail")],
)
def test_everything_gives_the_patient_at_least(given, word, tmp_path):
    def answer(_, path):
        if path.endswith("/metadata"):
            return said(statement("everything"))
        if "$everything" in path:
            whole = found("/Patient?_id=p1")["entry"] + found("/Observation")["entry"]
            kept = [entry for entry in whole if entry["resource"]["resourceType"] in given]
            return said({"resourceType": "Bundle", "type": "searchset", "entry": kept})
        if "/Patient/p1/Observation" in path:
            return said({"resourceType": "OperationOutcome"}, 404)
        return said(found(path))

    assert outcome("SRV-SRC-19", answer, tmp_path) == word


def token_server(announced, taken, **more):
    """Answer as a token server that takes assertions of some algorithms only."""
    token = {"access_token": "t", "token_type": "bearer", "expires_in": 300, "scope": "system/*.rs", **more}

    def answer(_, path):
        if not path.endswith("/token"):
            return said({"token_endpoint_auth_signing_alg_values_supported": announced})
        algorithm = "RS384" if path.endswith("/rsa/token") else "ES384"
        return said(token) if algorithm in taken else said({"error": "invalid_client"}, 401)

    return answer


BOTH = ["RS384", "ES384"]


@pytest.mark.parametrize(
    ("announced", "taken", "word"),
    [
        (BOTH, BOTH, "pass"),
        (["RS384"], ["RS384"], "pass"),
        (["ES384"], ["ES384"], "pass"),
        ([], ["RS384"], "pass"),
        (None, ["ES384"], "pass"),
        ([7, "RS512", "ES384"], ["ES384"], "pass"),
        (BOTH, ["RS384"], "warning"),
        (BOTH, ["ES384"], "warning"),
        (BOTH, [], "fail"),
        (["RS512"], [], "fail"),
    ],
)
def test_one_algorithm_of_the_guide_is_enough_and_what_is_announced_is_accepted(
    announced, taken, word, tmp_path
):
    assert outcome("SRV-SMT-02", token_server(announced, taken), tmp_path) == word


@pytest.mark.parametrize(
    ("more", "word"),
    [({"expires_in": None}, "fail"), ({"access_token": ""}, "fail"), ({"expires_in": 3600}, "warning")],
)
def test_each_token_is_judged_whatever_signed_for_it(more, word, tmp_path):
    assert outcome("SRV-SMT-02", token_server(["RS384"], ["RS384"], **more), tmp_path) == word


@pytest.mark.parametrize(("old", "word"), [(False, "pass"), (True, "fail")])
def test_type_may_be_refused_and_since_may_not_be_ignored(old, word, tmp_path):
    """An export without _type gives everything; what is older than _since stands in it, or not."""

    def answer(method, path):
        if path.endswith("/metadata"):
            return said(statement("export"))
        if "$export" in path:
            if "_type" in path:
                return said({"resourceType": "OperationOutcome"}, 400)
            job = "late" if "_since" in path else "all"
            return said(b"", 202, {"Content-Location": f"http://{host[0]}/fhir/job/{job}"})
        if method == "DELETE":
            return said(b"", 202)
        name = path.rpartition("/")[2]
        if "/job/" in path:
            files = [{"type": "Patient", "url": f"http://{host[0]}/fhir/file/1"}] * (name == "all" or old)
            return said({"transactionTime": "2023-05-06T00:00:00Z", "output": files, "error": []})
        line = {"resourceType": "Patient", "id": "p1", "meta": {"lastUpdated": "2023-01-01T00:00:00Z"}}
        return said(line, 200, {"Content-Type": "application/fhir+ndjson"})

    host = [""]
    with serving(answer) as base_url, trying(base_url, tmp_path) as run:
        host[0] = urlsplit(base_url).netloc
        assert run("SRV-BLK-05").outcome == word


@pytest.mark.parametrize(
    ("alg", "word"), [("RS384", "pass"), ("ES256", "warning"), ("HS256", "fail"), ("none", "fail")]
)
def test_another_private_key_is_a_remark_and_a_shared_secret_is_not(alg, word):
    facts = {"assertion": {"header": {"alg": alg, "typ": "JWT", "kid": "k"}, "claims": {}}}
    assert ending(check_client_authentication.assertion_header, [token_request(1, facts=facts)]) == word


@pytest.mark.parametrize(
    ("key", "word"), [({"kty": "EC", "kid": "k"}, "warning"), ({"kty": "EC"}, "fail"), ({"kid": "k"}, "fail")]
)
def test_a_published_key_has_a_name_and_a_kind_cache_control_is_recommended(key, word):
    hooks = {"/jwks": (200, {"keys": [key]})}
    asked = [token_request(1)]
    assert ending(check_client_keys.keys_published, asked, hooks, hooked=("jwks_url",)) == word
