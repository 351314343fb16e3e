"""What a client of the sound vendor sees does not depend on what it must not see, whatever happens."""

import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from vendor_in_process import INSIDE, KEY, OUTSIDE, ask, built, observation, read

from lab.checking.keys import new_key
from lab.checking.smart import ASSERTION_TYPE, SmartEndpoint
from tests.mutants.vendors.sound.message import Request
from tests.mutants.vendors.sound.scopes import parse
from tests.mutants.vendors.sound.tokens import Caller


@pytest.fixture
def app():
    return built()


def test_a_transaction_that_breaks_leaves_nothing(app, monkeypatch):
    sound, made = app.resources.stored, []

    def stored(*given):
        made.append(given)
        if len(made) == 2:
            raise RuntimeError
        return sound(*given)

    monkeypatch.setattr(app.resources, "stored", stored)
    entry = {"resource": observation(), "request": {"method": "POST", "url": "Observation"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry, entry]}
    held = len(app.store.held)
    assert ask(app, "restricted", "POST", "", bundle).status == 500
    assert len(made) == 2
    assert len(app.store.held) == held


def test_an_export_ends_when_somebody_leaves_the_cohort(app):
    started = ask(app, "restricted", "GET", "$export?_type=Patient", headers=(("prefer", "respond-async"),))
    status = dict(started.headers)["Content-Location"].partition("/fhir/")[2]
    file = read(ask(app, "restricted", "GET", status))["output"][0]["url"].partition("/fhir/")[2]
    assert b"canary-in-6" in ask(app, "restricted", "GET", file).body
    group = app.store.current("Group", "canary-cohort")
    app.store.write("Group", "canary-cohort", {**group, "member": group["member"][:-1]})
    unknown = ask(app, "restricted", "GET", "export-file/unknown/Patient")
    assert ask(app, "restricted", "GET", file) == unknown
    assert unknown.status == 404


def test_a_masked_change_shows_nowhere(app):
    before = ask(app, "restricted", "GET", "Patient/canary-in-1")
    held = app.store.current("Patient", "canary-in-1")
    changed = ask(app, "full", "PUT", "Patient/canary-in-1", {**held, "birthDate": "1950-01-02"})
    assert changed.status == 200
    assert ask(app, "restricted", "GET", "Patient/canary-in-1") == before
    tag = (("if-none-match", dict(before.headers)["ETag"]),)
    assert ask(app, "restricted", "GET", "Patient/canary-in-1", headers=tag).status == 304
    written = ask(app, "restricted", "PUT", "Patient/canary-in-1", read(before))
    assert dict(written.headers)["Location"].endswith("/Patient/canary-in-1")
    assert app.store.current("Patient", "canary-in-1")["birthDate"] == "1950-01-02"


def test_a_patch_of_a_masked_type_answers_the_same_to_a_right_and_a_wrong_guess(app):
    city = app.store.current("Patient", "canary-in-1")["address"][0]["city"]
    answers = {
        ask(app, "restricted", "PATCH", "Patient/canary-in-1", [{"op": "test", "path": "/x", "value": guess}])
        for guess in (city, "Nowhere")
    }
    assert [answer.status for answer in answers] == [403]


def test_labels_of_masked_resources_are_no_questions(app):
    constant = ask(app, "restricted", "GET", "Patient?birthdate=1950")
    for query in ("_tag=cohort-marker", "_security=x", "_profile=x", "_sort=_lastUpdated"):
        assert ask(app, "restricted", "GET", f"Patient?{query}") == constant
    assert ask(app, "other", "GET", "Patient?_tag=cohort-marker").status == 200


def test_what_was_loaded_is_of_one_time(app):
    times = {versions[0].at for versions in app.store.held.values()}
    assert len(times) == 1


@pytest.mark.parametrize(
    "query", ["_include=Patient:nothing", "_revinclude=Nothing:subject", "_summary=x", "_lastUpdated=soon"]
)
def test_what_cannot_be_read_is_refused_whatever_is_held(app, query):
    app.store.held.clear()
    assert ask(app, "full", "GET", f"Observation?{query}").status == 400


def test_the_id_of_a_contained_patient_is_no_identity(app):
    contained = {"resourceType": "Patient", "id": "canary-out-1", "gender": "other"}
    body = observation(contained=[contained], performer=[{"reference": "#canary-out-1"}])
    id_ = read(ask(app, "full", "POST", "Observation", body))["id"]
    assert ask(app, "restricted", "GET", f"Observation/{id_}").status == 200
    contained["generalPractitioner"] = [OUTSIDE]
    id_ = read(ask(app, "full", "POST", "Observation", body))["id"]
    assert ask(app, "restricted", "GET", f"Observation/{id_}").status == 404


def test_research_gets_no_free_text(app):
    told = {"status": "generated", "div": "<div>Jeanne Martin</div>"}
    body = {"resourceType": "Condition", "code": {"text": "x"}, "subject": INSIDE, "text": told}
    id_ = read(ask(app, "full", "POST", "Condition", body))["id"]
    seen = read(ask(app, "research", "GET", f"Condition/{id_}"))
    assert seen["code"] == {"text": "x"}
    assert "text" not in seen


def test_a_granular_scope_narrows_every_way(app):
    narrow = "system/Patient.rs system/Observation.rs?category=laboratory"
    every = "Patient?_revinclude=Observation:patient&_count=200"
    for path in ("Observation?_count=200", every, "Patient/canary-in-1/$everything", "Observation/_history"):
        assert b"vital-signs" in ask(app, "other", "GET", path).body
        assert b"vital-signs" not in ask(app, "other", "GET", path, scopes=narrow).body
    vital = ask(app, "other", "GET", "Observation/canary-observation-in-1-1", scopes=narrow)
    assert vital == ask(app, "other", "GET", "Observation/unknown", scopes=narrow)


def test_a_token_counts_in_one_place_only(app):
    ask(app, "full", "GET", "Patient")
    twice = (("authorization", "Bearer full"),)
    assert ask(app, "full", "GET", "Patient", headers=twice).status == 400
    assert app.answer(Request("GET", "/fhir/Patient", "access_token=full", ())).status == 401


def test_wrong_methods_are_told_the_right_ones(app):
    answer = app.answer(Request("POST", "/fhir/metadata", "", ()))
    assert (answer.status, dict(answer.headers)["Allow"]) == (405, "GET, HEAD")


def test_a_defect_tells_nothing_of_the_inside(app, monkeypatch):
    monkeypatch.setattr(app, "serve", lambda *_: 1 / 0)
    answer = ask(app, "full", "GET", "Patient")
    assert answer.status == 500
    assert b"Zero" not in answer.body


def test_guessing_is_slowed_down_for_the_guesser_alone(app):
    def token(name, form=None):
        endpoint = SmartEndpoint(
            f"{app.origin}/token", f"lab-{name}", "system/Patient.rs", KEY.private, KEY.kid, None
        )
        good = endpoint.assertion() if form is None else form
        fields = {
            "grant_type": "client_credentials",
            "scope": "system/Patient.rs",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": good,
        }
        sent = (("content-type", "application/x-www-form-urlencoded"),)
        return app.answer(Request("POST", "/token", "", sent, urlencode(fields).encode()))

    bad = SmartEndpoint(f"{app.origin}/token", "lab-contact", "", new_key(KEY.kid).private, KEY.kid, None)
    statuses = [token("contact", bad.assertion()).status for _ in range(41)]
    assert statuses == [400] * 40 + [429]
    assert token("contact").status == 429
    assert token("other").status == 200


def test_a_token_is_told_about_and_ended_by_its_owner_only(app):
    full, other = app.known["lab-full"], app.known["lab-other"]
    app.tokens.issued["t"] = known = Caller(full, parse("system/*.rs"), time.monotonic() + 60)
    assert app.tokens.may_ask(full, known)
    assert not app.tokens.may_ask(other, known)
    app.tokens.issued["t"] = replace(known, until=time.monotonic() - 1)
    asked = Request("GET", "/fhir/Patient", "", (("authorization", "Bearer t"),))
    assert app.answer(asked).status == 401
