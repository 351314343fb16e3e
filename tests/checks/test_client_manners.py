"""Client checks on journals written by hand: what is fair passes, what cannot be seen is never a pass."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from probes_bench import truth_of
from test_probes_journal import BASE, ENDPOINT, fhir_request, token_request

from lab.checking.expect import Expect, Told
from lab.checks.conformance import (
    check_client_batch,
    check_client_broken,
    check_client_content,
    check_client_export,
    check_client_export_files,
    check_client_labels,
    check_client_merged,
    check_client_pace,
    check_client_precision,
    check_client_redirect,
    check_client_refused,
    check_client_write,
)
from lab.fhir.reply import Reply

TRUTH = truth_of(BASE)
DURAND = {"resourceType": "Patient", "id": "p1", "name": [{"family": "DURAND"}]}


def bundle(*resources, type_="searchset"):
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": type_, "entry": entries})


class Hooks:
    """Stands in for the wire to an application: path to answer."""

    def __init__(self, answers):
        self.answers = answers

    def send(self, outgoing):
        """Answer a hook."""
        path = outgoing.url.removeprefix("http://app")
        status, content = self.answers.get(path, (404, {}))
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Reply("L-1", status, (), body)


def ending(check, journal, hooks=None, **client):
    """Return the word that the check ends with."""
    urls = {name: f"http://app/{name.removesuffix('_url')}" for name in client.pop("hooked", ())}
    truth = replace(
        TRUTH, subject=replace(TRUTH.subject, client=replace(TRUTH.subject.client, **urls, **client))
    )
    given = {
        "journal": tuple(journal),
        "truth": truth,
        "expect": (expect := Expect()),
        "grant": SimpleNamespace(wire=Hooks(hooks or {})),
        "lookout": SimpleNamespace(output=lambda _: Reply("L-2", 200, (), b'{"lines":["seen"]}')),
    }
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    try:
        check(**{name: given[name] for name in wanted})
    except Told as told:
        return {"Failed": "fail", "NotShown": "skip", "NotApplicable": "omit"}[type(told).__name__]
    return "warning" if expect.remarks else "pass"


def act(name, t=5.0, path="Patient/_search", **more):
    return fhir_request(50, path, t=t, act=name, **more)


@pytest.mark.parametrize(
    "check",
    [
        check_client_batch.entry_by_entry,
        check_client_export.kick_off_headers,
        check_client_export.cleans_up,
        check_client_export_files.token_on_files,
        check_client_export_files.whole_files,
        check_client_write.never_writes_a_part_back,
        check_client_write.updates_a_version,
        check_client_write.creates_once,
    ],
)
def test_what_an_application_does_not_do_is_not_judged(check):
    assert ending(check, [fhir_request(1, "Patient?_count=5")]) == "omit"
    assert ending(check, [token_request(1)]) == "skip"


@pytest.mark.parametrize(("later", "word"), [(9.0, "pass"), (5.5, "fail")])
def test_a_date_is_waited_for(later, word):
    busy = act("throttled-date", status=429)
    assert ending(check_client_pace.honours_a_date, [busy, fhir_request(2, "Patient", t=later)]) == word


def test_an_outage_may_not_multiply_requests_but_a_few_tries_are_no_storm():
    down = [act("outage", t=t, status=503) for t in (5.0, 5.3, 5.7)]
    assert ending(check_client_pace.no_storm, [*down, fhir_request(2, "Patient", t=5.9)]) == "pass"
    crowd = [fhir_request(n, "Patient", t=5.8) for n in range(9)]
    assert ending(check_client_pace.no_storm, [*down, *crowd]) == "fail"
    usual = [fhir_request(n, "Patient", t=1.0) for n in range(12)]
    assert ending(check_client_pace.no_storm, [*usual, *down, *crowd]) == "pass"


def test_after_403_new_scopes_and_single_reads_are_ways_round():
    refused = act("forbidden", status=403)
    before = token_request(1, request_body="scope=system/Patient.rs")
    assert ending(check_client_refused.no_way_round, [before, refused]) == "pass"
    wider = token_request(2, t=9.0, request_body="scope=system/*.rs")
    assert ending(check_client_refused.no_way_round, [before, refused, wider]) == "fail"
    read = fhir_request(3, "Patient/p9", t=9.0)
    assert ending(check_client_refused.no_way_round, [before, refused, read]) == "fail"
    known = fhir_request(4, "Patient/p9", t=2.0)
    assert ending(check_client_refused.no_way_round, [before, known, refused, read]) == "pass"
    assert TRUTH.hospital["token"] == ENDPOINT


def test_a_rejected_question_may_come_back_with_the_next_poll_only():
    refused = act("strict-errors", status=400)
    for t, word in ((5.2, "fail"), (10.0, "pass")):
        again = replace(refused, id="G-9", t=t, act=None, status=200)
        assert ending(check_client_refused.never_repeats_unchanged, [refused, again]) == word


@pytest.mark.parametrize(("t", "same", "word"), [(5.2, 1, "warning"), (5.2, 0, "pass"), (10.0, 1, "pass")])
def test_what_is_too_large_may_come_smaller_or_with_the_next_poll(t, same, word):
    strict = act("strict-errors", t=1.0, status=400)
    large = act("too-large", method="POST", request_body="_id=p1,p2", status=413)
    again = replace(large, id="G-9", t=t, act=None, request_body="_id=p1,p2" if same else "_id=p1")
    check = check_client_refused.never_repeats_unchanged
    assert ending(check, [strict, large, again]) == word
    assert ending(check, [strict, large]) == "warning"  # nothing more was asked: it stopped
    assert ending(check, [large, again]) == "skip"


def test_what_was_deleted_is_not_read_again():
    gone = act("gone", path="Location/l1", status=410)
    others = [fhir_request(n, "Patient", t=6.0 + n) for n in range(6)]
    check = check_client_broken.deleted_stays_deleted
    assert ending(check, [gone, *others]) == "pass"
    assert ending(check, [gone]) == "skip"
    assert ending(check, [gone, *others, fhir_request(9, "Location/l1", t=20.0)]) == "fail"
    held = {"/echo/Location/l1": (200, {"resourceType": "Location", "id": "l1"})}
    assert ending(check, [gone, *others], held, hooked=["echo_url"]) == "fail"
    again = [fhir_request(60, "$export-file/job/0", t=t) for t in (1.0, 9.0)]  # before the 410, after it
    assert [ending(check, [gone, *others, e], held, hooked=["echo_url"]) for e in again] == ["fail", "pass"]


def test_half_a_body_is_asked_for_again_and_not_believed():
    cut, slow = act("half-body"), act("slow-body", t=8.0)
    again, later = (fhir_request(2, "Patient/_search", t=t) for t in (7.0, 12.0))
    check = check_client_broken.recovers_from_a_cut
    assert ending(check, [cut, again, slow, later]) == "pass"
    assert ending(check, [cut, again]) == "skip"
    assert ending(check, [cut, fhir_request(2, "Encounter", t=7.0)]) == "fail"
    assert ending(check, [cut, again, slow, fhir_request(2, "Encounter", t=12.0)]) == "fail"
    assert ending(check, [cut, replace(again, request_body="_id=lab-half-body")]) == "fail"
    held = {"/state": (200, {"patients": ["Patient/lab-half-body"]})}
    assert ending(check, [cut, again, slow, later], held, hooked=["state_url"]) == "fail"


MODIFIED = [
    fhir_request(1, "Patient", t=1.0, response_body=bundle(DURAND, {**DURAND, "id": "p2"})),
    act("modifier-extension", facts={"about": "p1"}),
]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"patients": ["p2"]}, "pass"),
        ({"patients": ["p1", "p2"], "not_understood": ["Patient/p1"]}, "pass"),
        ({"patients": ["p1", "p2"], "not_understood": []}, "fail"),
        ({"patients": ["p1", "p2"]}, "skip"),
        ({"patients": []}, "skip"),
        ({"people": 3}, "skip"),
    ],
)
def test_a_modifier_is_refused_or_flagged(state, word):
    check = check_client_content.refuses_or_flags_a_modifier
    assert ending(check, MODIFIED, {"/state": (200, state)}, hooked=["state_url"]) == word
    assert ending(check, MODIFIED) == "skip"


ERROR = {"resourceType": "Encounter", "id": "e1", "status": "entered-in-error"}
ABOUT = {"subject": {"reference": "Patient/p1"}}
WITHDRAWN = [
    act("withdrawn", facts={"about": "p1"}, response_body=bundle(ERROR | ABOUT, {**DURAND, "id": "p2"}))
]


@pytest.mark.parametrize(
    ("hooks", "word"),
    [
        ({"/echo/Encounter/e1": (200, ERROR)}, "pass"),
        ({"/echo/Encounter/e1": (200, {**ERROR, "status": "finished"})}, "fail"),
        ({"/echo/Patient/p2": (200, DURAND)}, "pass"),
        ({}, "skip"),
        ({"/echo/Encounter/e1": (200, b"<html>")}, "skip"),
    ],
)
def test_what_is_in_error_is_shown_so_or_not_held(hooks, word):
    check = check_client_labels.shows_what_is_withdrawn
    assert ending(check, WITHDRAWN, hooks, hooked=["echo_url"]) == word


LINK = [{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}]
REPLACED = {"resourceType": "Patient", "id": "p1", "name": [{"family": "DOUBLE"}], "link": LINK}
MERGED = [act("merged-patient", facts={"about": "p1"}, response_body=bundle({**DURAND, "id": "p2"}))]
READ_AGAIN = [*MERGED, fhir_request(60, "Patient?_id=p1", t=30.0, response_body=bundle(REPLACED))]


@pytest.mark.parametrize(
    ("journal", "page", "word"),
    [
        (READ_AGAIN, b"<td>DURAND Anna</td>", "pass"),
        (READ_AGAIN, b"<td>DURAND</td><td>Double Anna</td>", "fail"),
        (READ_AGAIN, b"<td>nobody</td>", "skip"),
        (READ_AGAIN, None, "skip"),
        (MERGED, b"<td>DURAND</td><td>Double Anna</td>", "skip"),
    ],
)
def test_who_was_replaced_is_shown_by_the_record_that_counts(journal, page, word):
    hooks = {} if page is None else {"/page": (200, page)}
    hooked = [] if page is None else ["page_url"]
    check = check_client_merged.shows_the_record_that_counts
    assert ending(check, journal, hooks, hooked=hooked) == word


@pytest.mark.parametrize(
    ("sent", "word"),
    [(["Patient/p2"], "pass"), (["Patient/p1"], "fail"), ([], "skip"), (None, "skip")],
)
def test_what_is_restricted_is_not_passed_on(sent, word):
    labelled = {**DURAND, "meta": {"security": [{"code": "R"}]}}
    journal = [act("restricted-labels", response_body=bundle(labelled))]
    hooks = {"/sink": (200, {"forwarded": sent})}
    assert ending(check_client_labels.keeps_restricted_to_itself, journal, hooks, hooked=["sink_url"]) == word


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"length":{"value":1.010}}', "pass"),
        (b'{"length":{"value": 1.01}}', "fail"),
        (b'{"length":{"value":1.0100}}', "fail"),
        (b'{"period":{"start":"2024-03-10T06:15:00Z"}}', "fail"),
        (b'{"period":{"start":"2024-03-10T08:15:00.000+02:00"}}', "pass"),
        (b'{"resourceType":"Patient","birthDate":"1987-03-01"}', "fail"),
        (b'{"id":"e1"}', "skip"),
    ],
)
def test_precision_is_judged_where_a_value_is_held(body, word):
    journal = [act("exact-values", facts={"about": "p1"}, response_body=bundle({**ERROR, **ABOUT}))]
    hooks = {"/echo/Encounter/e1": (200, body)}
    assert ending(check_client_precision.keeps_precision, journal, hooks, hooked=["echo_url"]) == word


def test_a_redirect_keeps_its_method_and_its_origin():
    here = act("redirected", status=307, method="POST", response_headers=(("location", f"{BASE}/P?a=1"),))
    away = act("redirected-away", t=20.0, response_headers=(("location", "http://127.0.0.2:9/fhir/P"),))
    good = fhir_request(2, "P?a=1", t=6.0, method="POST")
    check = check_client_redirect.follows_within_the_origin
    assert ending(check, [here, good, away]) == "pass"
    assert ending(check, [here, replace(good, method="GET"), away]) == "fail"
    assert ending(check, [here, away]) == "fail"
    lured = fhir_request(3, "", t=21.0, facts={"decoy": True})
    assert ending(check, [here, good, away, replace(lured, url="http://127.0.0.2:9/fhir/P")]) == "fail"


def test_an_update_over_a_part_is_seen_by_its_marks():
    masked = {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
        ]
    }
    for more, word in (
        ({}, "pass"),
        ({"meta": {"tag": [{"code": "SUBSETTED"}]}}, "fail"),
        ({"_birthDate": masked}, "fail"),
        ({"name": [masked]}, "fail"),
    ):
        put = fhir_request(1, "Patient/p1", method="PUT", request_body=json.dumps({**DURAND, **more}))
        assert ending(check_client_write.never_writes_a_part_back, [put]) == word


def test_a_lost_create_is_repeated_as_the_same_one():
    lost = act("lost-reply", path="Observation", method="POST", status=504)
    check = check_client_write.creates_once
    for marks, word in ((("a", "a"), "pass"), (("a", "b"), "fail"), ((None, None), "fail")):
        first, second = (
            replace(one, request_headers=(("if-none-exist", f"identifier=s|{mark}"),) if mark else ())
            for one, mark in zip((lost, replace(lost, id="G-9", t=9.0, act=None)), marks, strict=True)
        )
        assert ending(check, [first, second]) == word
        assert ending(check, [first]) == ("skip" if marks[0] else "fail")
