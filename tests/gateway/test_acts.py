"""Acts and their script: where they are played, what they leave of an answer, and what goes on afterwards."""

import json

import pytest

from lab.authserver.tokens import Tokens
from lab.fhir.request import parse
from lab.fhir.response import FhirResponse
from lab.gateway.act import GAP, PATIENCE, PRELUDE, Act, Script, Stage, all_acts
from lab.gateway.acts import huge_bundle, wrong_patient
from lab.gateway.answered import patient_ids

BASE = "http://127.0.0.1:1/fhir"
ACTS = all_acts()


def get(path, query=""):
    return parse("GET", path, query, {}, b"", base_url=BASE)


SEARCH, READ = get("/Patient", "_id=p1"), get("/Patient/p1")


def answer(*resources, total=None):
    body = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources]}
    return FhirResponse(200, json.dumps(body | ({"total": total} if total is not None else {})).encode())


def patient(id_, **more):
    return {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"family": id_.upper()}],
        "birthDate": "1980-05-06",
        "address": [{"city": "Muret"}],
        **more,
    }


def visit(id_, of):
    return {"resourceType": "Encounter", "id": id_, "subject": {"reference": f"Patient/{of}"}}


def stage(request=SEARCH, known=("p1", "p2", "p3")):
    return Stage("app", Tokens(), "http://127.0.0.2:9", request, dict.fromkeys(known), {})


def resources(response):
    whole = json.loads(response.body)
    return [entry["resource"] for entry in whole["entry"]] if "entry" in whole else [whole]


def ask(script, times=1, request=SEARCH):
    """Return the names of the acts that are due on requests in a row, each really played."""
    names = []
    for _ in range(times):
        act = script.next(request)
        names.append(act.name if act else "")
        if act:
            script.played(act)
    return names


def instead(name, **more):
    return Act(name, instead=lambda _: FhirResponse(503), **more)


def test_acts_are_played_in_order_with_ordinary_requests_between():
    script = Script("app", [instead("a", times=2), instead("b")])
    assert ask(script, PRELUDE + GAP + 3) == [""] * PRELUDE + ["a", "a"] + [""] * GAP + ["b"]
    assert not script.complete
    ask(script, 2 * GAP)
    assert script.complete


def test_an_act_that_does_not_suit_a_request_lets_another_go_first():
    script = Script("app", [instead("a"), instead("b", applies=lambda _: True)])
    assert ask(script, PRELUDE + 1, READ)[-1] == "b"
    assert ask(script, GAP + 1)[-1] == "a"


def test_an_act_that_declines_lets_the_others_go_first():
    script = Script("app", [instead("a"), instead("b")])
    ask(script, PRELUDE)
    script.declined(script.next(SEARCH))
    assert script.next(SEARCH).name == "b"


def test_a_closing_act_waits_for_the_others():
    script = Script("app", [instead("a", closing=True), instead("b")])
    assert ask(script, PRELUDE + GAP + 2) == [""] * PRELUDE + ["b"] + [""] * GAP + ["a"]


def test_an_act_without_a_place_is_given_up():
    script = Script("app", [instead("a", applies=lambda _: False), instead("b", closing=True)])
    names = ask(script, PATIENCE + 1)
    assert names[-1] == "b"
    assert names.count("b") == 1
    ask(script, PATIENCE)
    assert script.complete


def played(name, response, on):
    changed = ACTS[name].after(on, response)
    return resources(changed) if changed else None


def test_masked_data_last():
    on = stage()
    given = answer(patient("p1"), patient("p2"), total=2)
    one, other = played("masked-data", given, on)
    assert on.cast == {"masked-data": "p1"}
    assert other == patient("p2")
    assert not {"address", "birthDate"} & one.keys()
    assert one["_birthDate"]["extension"][0]["valueCode"] == "masked"
    assert one["meta"]["tag"][0]["code"] == "SUBSETTED"
    read = ACTS["masked-data"].lasting(on, FhirResponse(200, json.dumps(patient("p1")).encode()))
    assert "birthDate" not in resources(read)[0]


def test_a_patient_leaves_with_all_about_it():
    on = stage()
    given = answer(patient("p1"), patient("p3"), visit("e1", "p3"), visit("e2", "p31"), total=4)
    assert [one["id"] for one in played("patient-leaves", given, on)] == ["p1", "e2"]
    assert json.loads(ACTS["patient-leaves"].lasting(on, given).body)["total"] == 2
    gone = ACTS["patient-leaves"].lasting(on, FhirResponse(200, json.dumps(patient("p3")).encode()))
    assert gone.status == 404
    assert b"p3" not in gone.body


def test_each_act_is_about_patients_of_its_own_that_were_given_before():
    on = stage(known=("p1", "p2", "p3", "p4"))
    given = answer(*(patient(f"p{n}") for n in range(1, 6)))
    for name in ("masked-data", "hostile-text", "patient-leaves"):
        played(name, given, on)
    assert on.cast == {"masked-data": "p1", "hostile-text": "p2", "patient-leaves": "p3"}
    masked = resources(ACTS["masked-data"].lasting(on, given))
    assert [one["id"] for one in masked if "birthDate" not in one] == ["p1", "p4"]
    assert played("hostile-text", answer(patient("p1"), patient("p5")), stage()) is None
    assert played("masked-data", answer(visit("e1", "p1")), stage()) is None


def test_a_hostile_text_stands_in_name_and_narrative():
    (one,) = played("hostile-text", answer(patient("p2")), stage())
    assert "<img src=x onerror=" in one["name"][0]["family"]
    assert "<script>" in one["text"]["div"]


def test_the_wrong_patient_comes_only_where_patients_are_named():
    act = ACTS["wrong-patient"]
    assert act.applies(SEARCH)
    assert act.applies(get("/Encounter", "patient=p1"))
    assert not act.applies(get("/Patient", "_count=5"))
    assert not act.applies(get("/Encounter", "_id=e1"))
    assert not act.applies(READ)
    on = stage()
    assert [one["id"] for one in played("wrong-patient", answer(patient("p1")), on)] == [
        "p1",
        wrong_patient.INTRUDER,
    ]
    elsewhere = stage(get("/Patient", "_count=5"))
    assert act.lasting(elsewhere, answer(patient("p1"))) == answer(patient("p1"))
    assert act.after(on, answer()) is None


def test_the_visit_of_another_patient_is_about_the_wrong_one():
    added = played("wrong-patient", answer(visit("e1", "p1")), stage(get("/Encounter", "patient=p1")))[-1]
    assert added["subject"] == {"reference": f"Patient/{wrong_patient.INTRUDER}"}
    assert added["id"] != "e1"


def test_the_huge_bundle_is_one_bundle_and_stays_below_50_megabytes():
    whole = b"".join(ACTS["huge-bundle"].instead(stage()).chunks)
    assert huge_bundle.MEGABYTES * 1_000_000 < len(whole) < 50_000_000
    assert len(json.loads(whole)["entry"]) == huge_bundle.MEGABYTES


def test_a_withdrawn_right_takes_the_tokens_with_it():
    on = stage()
    token = on.tokens.issue("app", "system/Patient.rs")
    assert ACTS["forbidden"].instead(on).status == 403
    assert on.tokens.grant(token) is None


@pytest.mark.parametrize("response", [FhirResponse(404, b"{}"), FhirResponse(200, chunks=[b"{}"]), answer()])
def test_an_answer_without_patients_is_left_alone(response):
    assert patient_ids(response) == ()
    on = stage()
    on.cast["patient-leaves"] = "p1"
    assert ACTS["patient-leaves"].lasting(on, response) is response


def test_the_manifest_of_an_export_is_no_resource():
    manifest = FhirResponse(200, b'{"output":[{"type":"Patient","url":"x"}]}')
    assert patient_ids(manifest) == ()
    assert ACTS["hostile-text"].lasting(stage(), manifest) == manifest
