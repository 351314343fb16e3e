"""Probes on the conduct of a client, from journals written by hand: each flaw is seen, and nothing else."""

import json
from dataclasses import replace

import pytest
from probes_bench import trying

from lab.model.exchange import Exchange

BASE = "http://127.0.0.1:1/fhir"
ENDPOINT = "http://127.0.0.1:1/token"
FORM = "grant_type=client_credentials&client_assertion=h:0123456789ab"


def token_request(n, t=0.0, jti=None, **changed):
    claims = {"iss": "app", "jti": f"h:{n:012d}" if jti is None else jti}
    said = Exchange(
        id=f"G-{n}",
        t=t,
        actor="application",
        client="app",
        method="POST",
        url=ENDPOINT,
        request_body=FORM,
        status=200,
        response_body=json.dumps({"access_token": "h:0", "expires_in": 300}),
        facts={"assertion": {"readable": True, "header": {}, "claims": claims}},
    )
    return replace(said, **changed)


def fhir_request(n, path, t=1.0, **changed):
    said = Exchange(
        id=f"G-{n}",
        t=t,
        actor="application",
        client="app",
        method="GET",
        url=f"{BASE}/{path}",
        request_headers=(("authorization", "Bearer h:0"),),
        status=200,
        response_body='{"resourceType":"Bundle"}',
    )
    return replace(said, **changed)


GOOD = (
    token_request(1),
    fhir_request(2, "Patient?_count=5"),
    fhir_request(3, "Observation?patient=1", t=20.0),
    fhir_request(4, "Observation/_search", t=21.0, method="POST", request_body="patient=1"),
)


def judged(id_, journal, tmp_path, **changed):
    with trying(BASE, tmp_path, journal, **changed) as run:
        return run(id_).outcome


def test_good_conduct_passes(tmp_path):
    assert judged("K-02", GOOD, tmp_path) == "pass"
    assert judged("L3-22", GOOD, tmp_path) == "pass"


FLAWS = {
    "a token in the query": (*GOOD, fhir_request(5, "Patient?access_token=h:0")),
    "a token in a form": (
        *GOOD,
        fhir_request(5, "Patient/_search", method="POST", request_body="access_token=h:0&_count=5"),
    ),
    "a secret in the query of the token endpoint": (
        *GOOD,
        token_request(5, url=f"{ENDPOINT}?client_assertion=h:1"),
    ),
    "a jti used twice": (*GOOD, token_request(5, jti="h:000000000001", t=200.0, status=401)),
    "a token for each request": (*GOOD, *(token_request(n, t=float(n)) for n in range(5, 9))),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_of_token_hygiene_is_seen(flaw, tmp_path):
    assert judged("K-02", FLAWS[flaw], tmp_path) == "fail"


def test_a_refused_token_justifies_another(tmp_path):
    renewed = [
        exchange
        for n in (5, 7, 9)
        for exchange in (fhir_request(n, "Patient", t=float(n), status=401), token_request(n + 1, t=float(n)))
    ]
    assert judged("K-02", (*GOOD, *renewed), tmp_path) == "pass"


def test_a_long_run_justifies_a_token_for_each_lifetime(tmp_path):
    later = [token_request(n, t=300.0 * n) for n in range(5, 9)]
    assert judged("K-02", (*GOOD, *later), tmp_path) == "pass"


@pytest.mark.parametrize("journal", [(), GOOD[:1], GOOD[1:]])
def test_what_cannot_be_shown_is_skipped(journal, tmp_path):
    assert judged("K-02", journal, tmp_path) == "skip"
    assert journal[1:] or judged("L3-22", journal, tmp_path) == "skip"


LURED = fhir_request(5, "Patient?_count=1", act="off-origin-next")
STRAYED = fhir_request(
    6, "x", url="http://127.0.0.2:9/Patient?page=2", act="off-origin-next", facts={"decoy": True}
)
ACTS = {"acts": frozenset({"off-origin-next"})}


def test_a_foreign_link_is_not_followed(tmp_path):
    assert judged("K-05", (*GOOD, LURED), tmp_path, **ACTS) == "pass"
    assert judged("K-05", (*GOOD, LURED, STRAYED), tmp_path, **ACTS) == "fail"


@pytest.mark.parametrize(("journal", "acts"), [((*GOOD, LURED), {}), (GOOD, ACTS)])
def test_a_link_that_was_not_played_shows_nothing(journal, acts, tmp_path):
    assert judged("K-05", journal, tmp_path, **acts) == "skip"


def test_a_scope_that_was_not_used_is_remarked(tmp_path):
    assert judged("L3-22", GOOD[:2], tmp_path) == "warning"


def test_a_type_that_is_included_is_used(tmp_path):
    body = json.dumps({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation"}}]})
    included = replace(GOOD[1], response_body=body)
    assert judged("L3-22", (GOOD[0], included), tmp_path) == "pass"


def test_a_type_that_was_only_refused_is_not_used(tmp_path):
    refused = replace(GOOD[2], status=403)
    assert judged("L3-22", (*GOOD[:2], refused), tmp_path) == "warning"


def test_the_entries_of_a_batch_are_used(tmp_path):
    entries = [{"request": {"method": "GET", "url": "Observation?patient=1"}}]
    batch = fhir_request(5, "", method="POST", url=f"{BASE}/", request_body=json.dumps({"entry": entries}))
    assert judged("L3-22", (*GOOD[:2], batch), tmp_path) == "pass"
