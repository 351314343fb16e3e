"""Random requests to the running gateway: never a failure, always the same form of error, never cached.

As schemathesis does it: what to ask is drawn from what the server declares.
Spec: https://hl7.org/fhir/R4/http.html; reference: five-levels, X-06, X-12.
"""

import json

import pytest
from fuzz_hospital import hospital, statement
from fuzz_requests import Requests
from fuzzing import fuzz
from hypothesis import given
from hypothesis import strategies as st

SLOWEST_S = 20.0
INSIDE = (b"Traceback", b"sqlite", b".py", b"/usr/", b"/tmp/", b"lab.fhir")


@pytest.fixture(scope="module")
def callers(tmp_path_factory):
    with hospital(tmp_path_factory.mktemp("fuzz")) as running:
        yield running


@pytest.fixture(scope="module")
def requests(callers):
    return Requests(*statement(callers["whole"]))


@pytest.mark.parametrize("name", ["whole", "confined", "masked"])
def test_whatever_is_asked_is_answered_in_form(callers, requests, name):
    seen = set()

    @fuzz
    @given(st.data())
    def each(data):
        method, target, headers, body = requests.request(data.draw)
        answer = callers[name].send(method, target, headers, body)
        seen.add(answer.status)
        told = (answer.status, answer.headers, answer.body[:300])
        assert answer.status < 500, told
        assert answer.seconds < SLOWEST_S, told
        assert answer.headers["cache-control"] == "no-store, private", told
        assert answer.headers["vary"] == "Authorization", told
        assert "server" not in answer.headers, told
        assert not any(word in answer.body for word in INSIDE), told
        if answer.status >= 400 and method != "HEAD":
            outcome = json.loads(answer.body)
            assert outcome["resourceType"] == "OperationOutcome", told
            assert outcome["issue"][0]["severity"] == "error", told
            assert "application/fhir+json" in answer.headers["content-type"], told
        if method == "HEAD" or answer.status in {204, 304}:
            assert not answer.body, told

    each()
    assert {200, 400, 404} <= seen
