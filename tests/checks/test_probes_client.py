"""Probes on what a client believes, shows and keeps: each flaw is seen, and nothing else."""

import json
from contextlib import ExitStack
from dataclasses import replace

import pytest
from hostile_server import serving
from probes_bench import truth_of, trying
from test_probes_journal import BASE, fhir_request, token_request

from lab.checks.security import check_client_display
from lab.gateway.acts import hostile_text
from lab.model.exchange import Exchange

PAGE = "<html><body><table><tr><td>DURAND</td><td>{}</td></tr></table></body></html>"


def bundle(*patients):
    entries = [{"resource": {"resourceType": "Patient", **one}} for one in patients]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})


DURAND = {"id": "p1", "name": [{"family": "DURAND"}], "birthDate": "1980-05-06"}
HELD = fhir_request(
    2, "Patient/_search", method="POST", request_body="_id=p1,p2", response_body=bundle(DURAND)
)


def act(n, name, t=5.0, **changed):
    return replace(HELD, id=f"G-{n}", t=t, act=name, **changed)


def later(n, t=9.0, **changed):
    return replace(HELD, id=f"G-{n}", t=t, **changed)


def judged(id_, journal, tmp_path, state=None, page=None, **client):
    """Judge an application whose hooks answer a state and a page, when they are given."""

    def hooks(_, path):
        if path == "/state":
            return 200, {"Content-Type": "application/json"}, json.dumps(state).encode()
        return 200, {"Content-Type": "text/html"}, (page or "").encode()

    with ExitStack() as stack:
        origin = stack.enter_context(serving(hooks)).removesuffix("/fhir")
        subject = truth_of(BASE).subject
        declared = {"state_url": f"{origin}/state"} if state is not None else {}
        declared |= {"page_url": f"{origin}/"} if page is not None else {}
        subject = replace(subject, client=replace(subject.client, **declared, **client))
        run = stack.enter_context(trying(BASE, tmp_path, journal, subject=subject))
        return run(id_).outcome


def met(n, **facts):
    return Exchange(f"I-{n}", 30.0 + n, "application", "", "CONNECT", "https://127.0.0.1/", facts=facts)


REFUSED = [
    met(n, tls=flaw, handshake="refused", bytes=0) for n, flaw in enumerate(("self-signed", "wrong-name"))
]


@pytest.mark.parametrize(
    ("journal", "outcome"),
    [
        (REFUSED, "pass"),
        (REFUSED[:1], "skip"),
        ([], "skip"),
        ([*REFUSED, met(3, tls="wrong-name", handshake="completed", bytes=300)], "fail"),
        ([*REFUSED, met(3, tls="wrong-name", handshake="completed", bytes=0)], "pass"),
        ([*REFUSED[1:], met(3, tls="self-signed", handshake="plain", bytes=80)], "fail"),
    ],
)
def test_nothing_is_sent_behind_a_bad_certificate(journal, outcome, tmp_path):
    assert judged("K-01", journal, tmp_path) == outcome


@pytest.mark.parametrize(
    ("places", "outcome"),
    [
        (["configuration"], "pass"),
        (["configuration", "stranger"], "fail"),
        (["hospital"], "omit"),
        ([], "skip"),
    ],
)
def test_no_assertion_goes_to_a_stranger(places, outcome, tmp_path):
    assert judged("K-10", [met(n, rogue=place) for n, place in enumerate(places)], tmp_path) == outcome


@pytest.mark.parametrize(
    ("scope", "outcome"),
    [
        ("system/Patient.rs", "pass"),
        ("system/*.rs", "fail"),
        ("system/Patient.rs system/Observation.rs", "warning"),
        ("system/Patient.rs system/Observation.rs?category=laboratory", "warning"),
        ("nonsense", "skip"),
    ],
)
def test_what_is_asked_for_is_used(scope, outcome, tmp_path):
    asked = token_request(1, request_body=f"grant_type=client_credentials&scope={scope}")
    assert judged("K-03", [asked, HELD], tmp_path) == outcome


REFUSALS = [
    token_request(1),
    HELD,
    act(3, "revoked-token", 2.0, status=401),
    token_request(4, t=2.1),
    later(5, 2.2),
    act(6, "throttled", 5.0, status=429, response_headers=(("retry-after", "2"),)),
    later(7, 7.1),
    *(act(8 + n, "outage", t, status=503) for n, t in enumerate((8.0, 9.0, 11.0))),
    later(11, 15.0),
    act(12, "forbidden", 20.0, status=403),
    later(13, 22.0),
]


def test_an_application_that_takes_no_for_an_answer(tmp_path):
    assert judged("K-04", REFUSALS, tmp_path) == "pass"
    assert judged("K-04", REFUSALS[:-2], tmp_path) == "skip"


@pytest.mark.parametrize(
    "insisting",
    [
        token_request(20, t=2.15),
        later(20, 5.5),
        act(20, "outage", 8.01, status=503),
        later(20, 20.1),
    ],
    ids=["two tokens for one 401", "within Retry-After", "a 503 at once", "a 403 at once"],
)
def test_an_application_that_insists(insisting, tmp_path):
    assert judged("K-04", sorted([*REFUSALS, insisting], key=lambda e: e.t), tmp_path) == "fail"


def test_a_403_may_be_tried_again_with_another_token(tmp_path):
    again = later(20, 20.1, request_headers=(("authorization", "Bearer h:1"),))
    assert judged("K-04", [*REFUSALS, again], tmp_path) == "pass"


MASKED = [HELD, act(3, "masked-data", facts={"about": "p2"}), later(4)]


@pytest.mark.parametrize(
    ("shown", "outcome"),
    [
        ("masqué", "pass"),
        ("", "pass"),
        ("01/01/1900", "fail"),
        ("1970-01-01", "fail"),
        ("undefined", "fail"),
        ("06/05/1980", "pass"),
        ("undefined behaviour", "pass"),
    ],
)
def test_nothing_is_made_up_for_a_masked_patient(shown, outcome, tmp_path):
    assert judged("K-06", MASKED, tmp_path, page=PAGE.format(shown)) == outcome


def test_a_date_that_the_hospital_gave_is_not_made_up(tmp_path):
    born = later(5, response_body=bundle({**DURAND, "birthDate": "1900-01-01"}))
    assert judged("K-06", [*MASKED, born], tmp_path, page=PAGE.format("01/01/1900")) == "pass"


def test_what_is_not_shown_is_not_demonstrated(tmp_path):
    assert judged("K-06", MASKED, tmp_path) == "skip"
    assert judged("K-06", MASKED, tmp_path, page="<p>Please log in</p>") == "skip"
    assert judged("K-06", MASKED[:1], tmp_path, page=PAGE) == "skip"
    assert judged("K-06", MASKED[:2], tmp_path, page=PAGE) == "fail"  # it stopped there


LEFT = [HELD, act(3, "patient-leaves", facts={"about": "p2"}), later(4, 60.0)]


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        (["p1"], "pass"),
        (["Patient/p1"], "pass"),
        (["p1", "p2"], "fail"),
        (["Patient/p2"], "fail"),
        ([], "skip"),
        (["nobody"], "skip"),
    ],
)
def test_who_left_is_purged(held, outcome, tmp_path):
    assert judged("K-07", LEFT, tmp_path, state={"patients": held}) == outcome


def test_a_purge_that_cannot_be_seen_is_not_demonstrated(tmp_path):
    assert judged("K-07", LEFT, tmp_path) == "skip"
    assert judged("K-07", LEFT, tmp_path, state=["p1"]) == "skip"
    assert judged("K-07", LEFT, tmp_path, state={"patients": ["p1", "p2"]}, poll_interval_s=60.0) == "skip"


def test_a_revoked_token_is_not_used_again(tmp_path):
    revoked = act(5, "revoked-token", 6.0, status=401)
    fresh = (("authorization", "Bearer h:1"),)
    renewed = [HELD, *(replace(e, request_headers=fresh) for e in LEFT[1:])]
    assert judged("K-07", [*renewed, revoked], tmp_path, state={"patients": ["p1"]}) == "pass"
    assert judged("K-07", [*LEFT, revoked], tmp_path, state={"patients": ["p1"]}) == "fail"


HOSTILE = [
    HELD,
    act(3, "hostile-text", 5.0, facts={"about": "p1"}),
    act(4, "huge-bundle", 6.0, response_body=""),
    act(5, "wrong-patient", 7.0, facts={"about": "lab-wrong-patient"}),
    later(6),
]
ESCAPED = "&lt;img src=x onerror=alert(&quot;lab-hostile-text&quot;)&gt;"
STATE = {"patients": ["p1"]}


def test_a_hostile_payload_is_escaped_bounded_and_rejected(tmp_path):
    assert judged("K-08", HOSTILE, tmp_path, state=STATE, page=PAGE.format(ESCAPED)) == "pass"


def test_a_page_without_those_who_carry_the_script_shows_nothing(tmp_path):
    assert judged("K-08", HOSTILE, tmp_path, state=STATE, page=PAGE.format("")) == "skip"


@pytest.mark.parametrize(
    ("state", "page"),
    [
        (STATE, PAGE.format('<img src=x onerror=alert("lab-hostile-text")>')),
        (STATE, PAGE.format('<IMG SRC=X ONERROR=ALERT("LAB-HOSTILE-TEXT")>')),
        (STATE, PAGE.format('<p>Patient</p><script>alert("lab-hostile-text")</script>')),
        ({"patients": ["p1", "lab-wrong-patient"]}, PAGE.format(ESCAPED)),
    ],
)
def test_a_hostile_payload_that_is_believed(state, page, tmp_path):
    assert judged("K-08", HOSTILE, tmp_path, state=state, page=page) == "fail"


def test_an_application_that_stops_at_a_huge_answer(tmp_path):
    assert judged("K-08", HOSTILE[:3], tmp_path, state=STATE, page=PAGE.format(ESCAPED)) == "fail"


@pytest.mark.parametrize("hooks", [{}, {"state": STATE}, {"page": PAGE.format(ESCAPED)}])
def test_a_hostile_payload_takes_both_hooks(hooks, tmp_path):
    assert judged("K-08", HOSTILE, tmp_path, **hooks) == "skip"


def test_a_patient_is_wrong_only_where_patients_are_named(tmp_path):
    unnamed = [replace(e, request_body="_count=5") for e in HOSTILE if e.act != "wrong-patient"]
    assert judged("K-08", unnamed, tmp_path, state=STATE, page=PAGE.format(ESCAPED)) == "pass"
    named = [e for e in HOSTILE if e.act != "wrong-patient"]
    assert judged("K-08", named, tmp_path, state=STATE, page=PAGE.format(ESCAPED)) == "skip"


def test_act_and_probe_look_for_the_same_mark():
    assert hostile_text.MARK == check_client_display.MARK


def test_a_key_in_what_is_delivered(tmp_path):
    subject = truth_of(BASE).subject
    delivered = replace(subject, client=replace(subject.client, artefacts=("app",)))
    for truth, outcome in (
        ({}, "omit"),
        ({"subject": delivered}, "pass"),
        ({"subject": delivered, "artefacts": ("app/key.pem: a private key (PEM)",)}, "fail"),
    ):
        with trying(BASE, tmp_path, (), **truth) as run:
            assert run("K-09").outcome == outcome
