"""Writes through the proxy: in the view before, in the view after, and nothing told of what is hidden."""

from dataclasses import replace

import pytest
from lying_server import Said, json
from proxied_hospital import TAG, VIEWS, VIP, Answer, group, label, member, observation, ref

from lab.backends.external.pools import LASTS_S
from lab.fhir.view import EVERYTHING, View

GROUP = VIEWS["group"]


def patient(id_: str, **more):
    return {"resourceType": "Patient", "id": id_, "gender": "other", **more}


WRITES = {
    "create inside": ("POST", "Observation", observation("x", "p0"), 201),
    "create outside": ("POST", "Observation", observation("x", "p9"), 403),
    "create about nobody": (
        "POST",
        "Observation",
        {**observation("x", "p0"), "subject": ref("Group", "oncology")},
        403,
    ),
    "create a tie": ("POST", "Observation", observation("x", "p0", performer=[ref("Patient", "p9")]), 403),
    "create about an unknown": ("POST", "Observation", observation("x", "unknown"), 403),
    "create a patient": ("POST", "Patient", patient("x"), 403),
    "create whole": ("POST", "Organization", {"resourceType": "Organization", "name": "New"}, 201),
    "create another type": ("POST", "Observation", patient("x"), 400),
    "create invalid": ("POST", "Observation", {**observation("x", "p0"), "status": None}, 422),
    "make a cohort": ("POST", "Group", group("x", member("p9")), 403),
    "replace inside": ("PUT", "Patient/p0", patient("p0"), 200),
    "replace hidden": ("PUT", "Patient/p9", patient("p9"), 404),
    "replace unknown": ("PUT", "Patient/unknown", patient("unknown"), 404),
    "replace a tie": ("PUT", "Observation/tie-outside", observation("tie-outside", "p0"), 404),
    "take in": ("PUT", "Observation/o-p9-0", observation("o-p9-0", "p0"), 404),
    "hand over": ("PUT", "Observation/o-p0-0", observation("o-p0-0", "p9"), 403),
    "another id": ("PUT", "Patient/p0", patient("p1"), 400),
    "widen the cohort": ("PUT", "Group/oncology", group("oncology", member("p9")), 403),
    "narrow the cohort": ("PUT", "Group/oncology", group("oncology", member("p0")), 403),
    "whole under a new id": (
        "PUT",
        "Organization/new",
        {"resourceType": "Organization", "id": "new", "name": "N"},
        201,
    ),
    "delete inside": ("DELETE", "Observation/o-p0-1", None, 204),
    "delete hidden": ("DELETE", "Observation/o-p9-0", None, 204),
    "delete unknown": ("DELETE", "Observation/unknown", None, 204),
    "delete the cohort": ("DELETE", "Group/oncology", None, 403),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_confined_write_gets_the_answer_of_the_embedded_server(written, name):
    method, url, body, status = WRITES[name]
    inside, proxied = written
    answers = [client.seen_through(GROUP).ask(method, url, body) for client in written]
    assert [a.status for a in answers] == [status, status], answers[1].response
    if status in {204, 403, 404}:
        assert answers[1].response.body == answers[0].response.body
    if status in {200, 201}:
        (one, other) = (without_identity(answer) for answer in answers)
        assert one == other
        assert ("location" in answers[0].headers) is ("location" in answers[1].headers)
    for id_ in ("Observation/o-p9-0", "Observation/o-p0-0", "Group/oncology", "Patient/p9", "Patient/p0"):
        assert proxied.get(id_).status == inside.get(id_).status


def without_identity(answer: Answer):
    return {name: value for name, value in answer.json.items() if name not in {"id", "meta"}}


def test_hidden_resources_are_not_changed_by_what_was_refused(writable):
    _, proxied = writable
    before = [proxied.get(url).response for url in ("Observation/o-p9-0", "Patient/p9", "Group/oncology")]
    for method, url, body, status in WRITES.values():
        if status in {403, 404}:
            proxied.seen_through(GROUP).ask(method, url, body)
    proxied.seen_through(GROUP).ask("DELETE", "Observation/o-p9-0")
    after = [proxied.get(url).response for url in ("Observation/o-p9-0", "Patient/p9", "Group/oncology")]
    assert before == after


def test_a_version_that_is_not_the_current_one_is_not_written_over(writable):
    for client in writable:
        confined = client.seen_through(GROUP)
        tag = confined.get("Patient/p0").headers["etag"]
        assert confined.ask("PUT", "Patient/p0", patient("p0"), if_match=tag).status == 200
        assert confined.ask("PUT", "Patient/p0", patient("p0"), if_match=tag).status == 412
        assert confined.ask("PUT", "Patient/p9", patient("p9"), if_match=tag).status == 404
        assert confined.ask("DELETE", "Patient/p0", if_match=tag).status == 412
        assert confined.ask("PUT", "Patient/p0", patient("p0"), if_match="nonsense").status == 400


def test_a_confined_client_cannot_ask_by_a_reference_what_exists(writable):
    """Servers that keep references whole tell of a hidden resource by taking a reference to it."""
    _, proxied = writable
    confined = proxied.seen_through(GROUP)
    hidden, unknown = (
        confined.ask("POST", "Observation", observation("x", "p0", focus=[ref("Patient", id_)]))
        for id_ in ("p9", "unknown")
    )
    assert hidden.response == unknown.response
    assert hidden.status == 403
    seen = observation("x", "p0", focus=[ref("Patient", "p1")], encounter=ref("Encounter", "e-p0"))
    assert confined.ask("POST", "Observation", seen).status == 201
    kept = confined.get("Condition/c-p0").json
    assert "Practitioner/doctor" in str(kept)
    unseen = proxied.seen_through(View({"Condition": GROUP.cohorts["Condition"]}))
    assert (
        unseen.ask("PUT", "Condition/c-p0", {**kept, "recorder": ref("Practitioner", "doctor")}).status == 200
    )
    assert unseen.ask("PUT", "Condition/c-p1", {**kept, "id": "c-p1"}).status == 200  # p0 is a member
    named = {**kept, "id": "c-p1", "recorder": ref("Practitioner", "other")}
    assert unseen.ask("PUT", "Condition/c-p1", named).status == 403
    asking = observation("x", "p0", focus=[{"reference": "Patient?identifier=ipp-p9"}])
    assert confined.ask("POST", "Observation", asking).status == 403


def test_conditions_and_patches_of_a_confined_type_are_refused(writable):
    _, proxied = writable
    confined = proxied.seen_through(GROUP)
    created = confined.ask("POST", "Observation", observation("x", "p0"), if_none_exist="code=718-7")
    test = [{"op": "test", "path": "/gender", "value": "male"}]
    patched = confined.ask("PATCH", "Patient/p0", test, content_type="application/json-patch+json")
    assert [created.status, patched.status] == [403, 403]
    change = [{"op": "replace", "path": "/name", "value": "Renamed"}]
    whole = confined.ask("PATCH", "Organization/chu", change, content_type="application/json-patch+json")
    assert (whole.status, whole.json["name"]) == (200, "Renamed")


def test_a_write_to_a_label_pool_keeps_the_label(writable):
    for client in writable:
        confined = client.seen_through(VIEWS["label"])
        assert confined.ask("PUT", "Patient/p0", patient("p0")).status == 403
        assert confined.ask("PUT", "Patient/p0", patient("p0", **label("TAG_1"))).status == 200


def test_a_label_that_the_policy_names_is_neither_given_nor_taken(writable):
    views = [replace(VIEWS[name], labels=frozenset({TAG, VIP})) for name in ("group", "label")]
    for client in writable:
        by_group, by_label = (client.seen_through(view) for view in views)
        assert by_group.ask("PUT", "Patient/p0", patient("p0")).status == 403
        assert by_group.ask("PUT", "Patient/p3", patient("p3", **label("VIP"))).status == 403
        assert by_label.ask("PUT", "Patient/p0", patient("p0", **label("TAG_1", "VIP"))).status == 403
        assert by_label.ask("PUT", "Patient/p0", patient("p0", **label("TAG_1", "OTHER"))).status == 200


def test_a_write_goes_over_the_version_that_was_checked_and_no_other(client, liar):
    """What others write in between is told by the server behind, which is asked under a condition."""
    liar.answers["PUT /Patient/p0"] = Said(status=412)
    liar.answers["DELETE /Patient/p0"] = Said(status=412)
    assert client.ask("PUT", "Patient/p0", patient("p0")).status == 412
    assert liar.headers[-1]["if-match"] == 'W/"1"'
    assert client.ask("DELETE", "Patient/p0").status in {204, 412}
    assert (liar.asked[-1][0], liar.headers[-1]["if-match"]) == ("DELETE /Patient/p0", 'W/"1"')
    liar.answers["GET /Patient/p0"] = json({"resourceType": "Patient", "id": "p0"})
    assert client.ask("PUT", "Patient/p0", patient("p0")).status == 502  # without a version it is not safe
    assert liar.asked[-1][0] == "GET /Patient/p0"


def test_a_write_that_was_stored_as_something_else_fails(client, liar):
    for lie in (patient("p9"), observation("p0", "p0"), {"resourceType": "Patient"}):
        liar.answers["PUT /Patient/p0"] = json(lie)
        assert client.ask("PUT", "Patient/p0", patient("p0")).status == 502
    liar.answers["POST /Observation"] = json(observation("x", "p9"), status=201)
    assert client.ask("POST", "Observation", observation("x", "p0")).status == 502
    liar.answers["POST /Observation"] = Said(
        status=201, headers=(("location", "http://elsewhere/fhir/Observation/1"),)
    )
    assert client.ask("POST", "Observation", observation("x", "p0")).status == 502


@pytest.mark.parametrize(
    ("status", "given"), [(400, 422), (422, 422), (409, 409), (500, 502), (401, 502), (404, 502)]
)
def test_why_a_write_was_not_taken_is_not_passed_on(client, liar, status, given):
    liar.answers["PUT /Patient/p0"] = json(
        {"resourceType": "OperationOutcome", "text": "hidden-4711"}, status=status
    )
    answer = client.ask("PUT", "Patient/p0", patient("p0"))
    assert answer.status == given
    assert b"4711" not in answer.response.body


def test_minimal_answers_are_minimal(writable):
    _, proxied = writable
    answer = proxied.seen_through(GROUP).ask("PUT", "Patient/p0", patient("p0"), prefer="return=minimal")
    assert (answer.status, answer.response.body) == (200, b"")
    assert answer.headers["location"].startswith("http://gateway.test/fhir/Patient/p0/_history/")


def test_histories_and_versions_follow_what_each_version_holds(writable):
    for client in writable:
        hospital, confined = client.seen_through(EVERYTHING), client.seen_through(GROUP)
        for id_, subjects in (("moved-in", ("p9", "p0")), ("moved-out", ("p0", "p9"))):
            for subject in subjects:
                assert hospital.ask("PUT", f"Observation/{id_}", observation(id_, subject)).status in {
                    200,
                    201,
                }
        told = confined.get("Observation/moved-in/_history").json
        assert [entry["resource"]["subject"] for entry in told["entry"]] == [ref("Patient", "p0")]
        assert told["total"] == 1
        assert confined.get("Observation/moved-in/_history/1").status == 404
        assert confined.get("Observation/moved-in/_history/2").status == 200
        for url in ("moved-out", "moved-out/_history", "moved-out/_history/1"):
            assert confined.get(f"Observation/{url}").status == 404


def test_a_member_who_leaves_is_gone_at_the_next_look(writable):
    assert LASTS_S <= 5
    for client in writable:
        hospital, confined = client.seen_through(EVERYTHING), client.seen_through(GROUP)
        assert confined.get("Patient/p0").status == 200
        hospital.ask("PUT", "Group/oncology", group("oncology", member("p1"), member("p9")))
        assert confined.get("Patient/p0").status == 404
        assert confined.get("Patient").ids() == ["p1", "p9"]
        hospital.ask("PUT", "Patient/p11", patient("p11", **label("TAG_1")))
        assert "p11" in client.seen_through(VIEWS["label"]).get("Patient").ids()


def test_pages_go_on_where_they_were_after_a_write(writable):
    for client in writable:
        first = client.seen_through(GROUP).get("Patient?_count=2")
        client.ask("PUT", "Patient/p0", patient("p0"))
        rest = client.seen_through(GROUP).get(first.link("next"))
        assert sorted(first.ids() + rest.ids()) == ["p0", "p1", "p2", "p3"]


def test_a_page_link_is_of_one_client_and_cannot_be_edited(writable):
    _, proxied = writable
    following = proxied.seen_through(GROUP).get("Patient?_count=2").link("next")
    assert proxied.seen_through(VIEWS["label"]).get(following).status == 410
    assert proxied.seen_through(GROUP).get(following[:-2]).status == 410
    assert proxied.seen_through(GROUP).get(following.replace("/Patient?", "/Observation?")).status == 410
    assert proxied.seen_through(GROUP).get(f"{following}&_count=9").status == 400
