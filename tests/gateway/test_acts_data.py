"""Acts that change data or break answers: whom they are about, and what is left as it was."""

import json

import pytest
from test_acts import ACTS, SEARCH, answer, get, patient, resources, stage, visit

from lab.fhir.request import parse
from lab.fhir.response import FhirResponse
from lab.gateway.act import GAP, PRELUDE, Act, Script

KNOWN = tuple(f"p{n}" for n in range(1, 7))
SHARED, APART = "p5", "p2"
"""Of the third that is neither masked nor taken away: whom acts may share, whom one has for itself."""


def played(name, given, on):
    changed = ACTS[name].after(on, given)
    return resources(changed) if changed else None


@pytest.mark.parametrize("name", ["unknown-content", "restricted-labels", "older-version"])
def test_acts_that_leave_a_record_readable_share_a_patient(name):
    on = stage(known=KNOWN)
    given = answer(*(patient(id_, meta={"versionId": "3"}) for id_ in KNOWN))
    changed = played(name, given, on)
    assert on.cast[name] == SHARED
    others = [one for one in changed if one["id"] != SHARED]
    assert others == [one for one in resources(given) if one["id"] != SHARED]
    assert [one for one in changed if one["id"] == SHARED] != [resources(given)[4]]


def test_the_modifier_has_a_patient_for_itself():
    on = stage(known=KNOWN)
    changed = played("modifier-extension", answer(*map(patient, KNOWN)), on)
    assert (
        [one["id"] for one in changed if "modifierExtension" in one]
        == [APART]
        == [on.cast["modifier-extension"]]
    )
    assert played("modifier-extension", answer(patient(SHARED)), stage(known=KNOWN)) is None


def test_exact_values_keep_their_digits_on_the_wire():
    on = stage(known=KNOWN)
    given = ACTS["exact-values"].after(on, answer(visit("e1", SHARED)))
    assert b'"value":1.010' in given.body
    assert b"1987-03" in ACTS["exact-values"].lasting(on, answer(patient(SHARED))).body


def test_the_older_version_comes_second_and_says_so():
    on = stage(known=KNOWN)
    one, other = played("older-version", answer(patient(SHARED, meta={"versionId": "3"})), on)
    assert (one["meta"]["versionId"], other["meta"]["versionId"]) == ("3", "0")
    assert one["meta"]["lastUpdated"] > other["meta"]["lastUpdated"]


def test_what_is_withdrawn_is_no_patient():
    on = stage(known=KNOWN)
    assert played("withdrawn", answer(patient(KNOWN[2])), on) is None
    (visited,) = played("withdrawn", answer({**visit("e1", KNOWN[2]), "status": "finished"}), on)
    assert visited["status"] == "entered-in-error"


def test_a_double_is_replaced_by_a_known_patient_whose_name_people_can_read():
    on = stage(known=KNOWN)
    assert played("merged-patient", answer(patient(KNOWN[2])), on) is None
    assert played("merged-patient", answer({**visit("e1", KNOWN[2]), "status": "finished"}), on) is None
    present = {**visit("e1", KNOWN[2]), "status": "in-progress"}
    assert played("merged-patient", answer(present), on) == [present]
    changed = ACTS["merged-patient"].lasting(on, answer(*map(patient, KNOWN)))
    links = {
        one["id"]: [(link["type"], link["other"]["reference"]) for link in one["link"]]
        for one in resources(changed)
        if "link" in one
    }
    assert links == {
        KNOWN[2]: [("replaced-by", f"Patient/{SHARED}")],
        SHARED: [("replaces", f"Patient/{KNOWN[2]}")],
    }
    double = next(one for one in resources(changed) if one["id"] == KNOWN[2])
    assert (double["active"], double["name"][0]["family"]) == (False, "LAB-REMPLACÉ")


def test_what_is_gone_stays_gone():
    on = stage(get("/Location/l1"))
    assert ACTS["gone"].after(on, FhirResponse(404)) is None
    assert ACTS["gone"].after(on, FhirResponse(304)) is None  # another one may follow
    assert ACTS["gone"].after(on, FhirResponse(304)).status == 410
    assert ACTS["gone"].lasting(on, FhirResponse(200, b"{}")).status == 410


def test_half_a_body_names_a_ghost_whole_and_then_breaks():
    on = stage(get("/Encounter"), known=KNOWN)
    chunks = ACTS["half-body"].after(on, answer(*(visit(f"e{n}", id_) for n, id_ in enumerate(KNOWN)))).chunks
    body = next(chunks)
    with pytest.raises(ConnectionError):
        next(chunks)
    assert on.cast["half-body"].encode() in body
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    assert b"Patient/lab-half-body" in body
    assert ACTS["half-body"].after(on, answer()) is None
    assert ACTS["half-body"].after(stage(SEARCH), answer(patient("p1"))) is None


def test_a_slow_body_is_whole_the_first_time_and_breaks_the_second():
    act, on = ACTS["slow-body"], stage(get("/Encounter"), known=KNOWN)
    given = answer(*(visit(f"e{n}", id_) for n, id_ in enumerate(KNOWN)))
    whole = act.after(on, given)
    assert (whole.body, whole.chunks) == (given.body, None)
    broken = act.after(on, given)
    assert b"Patient/lab-half-body" in next(broken.chunks)
    with pytest.raises(ConnectionError):
        next(broken.chunks)
    assert whole.over_s == broken.over_s > 0


def test_an_act_that_is_half_played_is_not_credited_to_the_next():
    two = Act("two", times=2, after=lambda _, given: given)
    three = Act("three", times=3, after=lambda _, given: given)
    script = Script("app", [two, three])
    for _ in range(PRELUDE):
        assert script.next(SEARCH) is None
    assert script.next(SEARCH) is two
    script.played(two)
    script.declined(two)
    assert script.next(SEARCH) is two


@pytest.mark.parametrize(
    ("method", "path", "body", "suited"),
    [
        ("GET", "/Patient", b"", False),
        ("POST", "/Patient/_search", b"_id=p1", True),
        ("POST", "/Observation", b"{}", True),
        ("POST", "/Patient/$validate", b"{}", False),
        ("DELETE", "/Observation/o1", b"", False),
    ],
)
def test_only_what_carries_a_body_can_be_too_large(method, path, body, suited):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = parse(method, path, "", headers, body, base_url="http://h/fhir")
    assert ACTS["too-large"].applies(request) is suited
    assert ACTS["too-large"].instead(stage(request)).status == 413


def test_a_quiet_act_is_followed_at_once():
    def act(name, **more):
        return Act(name, instead=lambda _: FhirResponse(503), **more)

    script = Script("app", [act("a", quiet=True), act("b"), act("c")])
    names = []
    for _ in range(PRELUDE + 3 + GAP):
        due = script.next(SEARCH)
        names.append(due.name if due else "")
        if due:
            script.played(due)
    assert names == [""] * PRELUDE + ["a", "b"] + [""] * GAP + ["c"]


def test_a_redirect_keeps_the_question():
    on = stage(get("/Patient", "_id=p1&name:exact=a"))
    location = dict(ACTS["redirected"].instead(on).headers)["location"]
    assert location.endswith("/fhir/Patient?_id=p1&name%3Aexact=a&_format=application%2Ffhir%2Bjson")
    assert not ACTS["redirected"].applies(get("/Patient", "_page=x"))


def test_a_truncated_file_ends_without_a_word():
    lines = b'{"id":"a"}\n{"id":"b"}\n'
    given = ACTS["truncated-file"].after(stage(), FhirResponse(200, chunks=iter([lines])))
    assert b"".join(given.chunks) == lines[: len(lines) // 2]
    assert ACTS["truncated-file"].after(stage(), FhirResponse(404)) is None
