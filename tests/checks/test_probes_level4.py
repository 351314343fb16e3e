"""The judgement of the probes of level 4: what crosses the border, rewritten links, remarks, nonsense."""

import base64
import json
from dataclasses import replace

import pytest
from hostile_server import serving
from probes_bench import probes, truth_of, trying
from test_probes_hostile import BUNDLE, FHIR, ODD, SERVERS, STATEMENT

from lab.checking.canary import Canary
from lab.checking.cohort import Cohort
from lab.checks.bulk import export, lines
from lab.checks.security.border import border, crossed, owner, resource_outside
from lab.checks.security.leaving import Undo
from lab.checks.security.tampering import tampered
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.fhir.reply import Reply
from lab.journal.journal import Journal
from lab.journal.redact import Redactor

GROUPS = {
    "canary-cohort": ("a", "canary-in-1", "canary-in-2"),
    "canary-other": ("canary-in-1", "canary-out-1"),
    "canary-opposed": ("b",),
    "canary-contact": ("canary-in-1",),
}
SHAPES = {
    "focus": "Observation/canary-observation-in-1-11",
    "performer": "Observation/canary-observation-in-1-14",
    "pointing": "Observation/canary-observation-out-1-15",
    "list-mixed": "List/canary-list-mixed",
    "list-outside": "List/canary-list-outside",
}
MARKERS = {
    "Xadoqul": "Patient/canary-out-1 name",
    "Muret": "Patient/b name",
    "0261910001": "Patient/canary-out-1 telecom",
    "Zorvimek": "Observation/canary-observation-out-1-15 code",
    "Pelquana": "Patient/canary-in-1 name",
    "Tarbixo": "Binary/canary-binary-out-1 data",
}
CANARY = Canary(GROUPS, SHAPES, MARKERS)
COHORT = Cohort(("canary-in-1", "canary-in-2"), ("canary-out-1", "canary-out-2"))
LEVEL4 = sorted(id_ for id_ in probes() if id_.startswith("L4-") and id_ != "L4-35")
"""L4-35 waits for ten seconds and more on a server that does not change."""


def truth(base_url="http://127.0.0.1:9/fhir"):
    """Return the truth of an application in which marked patients were planted."""
    return truth_of(base_url, canary=CANARY, groups=GROUPS)


def bundle(*resources, **more):
    """Return a search result as an answer."""
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    body = {"resourceType": "Bundle", "type": "searchset", "entry": entries, **more}
    return Reply("L-1", 200, (), json.dumps(body).encode())


def about(id_, **more):
    """Return a result about a patient."""
    return {"resourceType": "Observation", "id": "o", "subject": {"reference": f"Patient/{id_}"}, **more}


@pytest.mark.parametrize(
    ("where", "patient"),
    [
        ("Patient/canary-out-1 name", "canary-out-1"),
        ("Observation/canary-observation-out-1-15 code", "canary-out-1"),
        ("Binary/canary-binary-opposed-2 data", "canary-opposed-2"),
        ("Encounter/canary-encounter-in-3 reasonCode", "canary-in-3"),
        ("Organization/canary-site name", ""),
    ],
)
def test_a_planted_resource_has_an_owner(where, patient):
    assert owner(where) == patient


def test_what_is_hidden_are_the_markers_of_the_outside_that_cannot_be_given_twice():
    assert border(COHORT, truth()).hidden == {"Xadoqul", "Zorvimek", "Tarbixo"}


@pytest.mark.parametrize(
    ("reply", "seen"),
    [
        (bundle(about("canary-in-1")), ""),
        (bundle({"resourceType": "Patient", "id": "canary-out-1"}), "Patient/canary-out-1"),
        (bundle(about("canary-out-1")), "Observation/o"),
        (bundle(about("canary-in-1", contained=[about("canary-out-1")])), "Observation/o"),
        # A reference alone is judged where references are, see L4-30.
        (bundle(about("canary-in-1", focus=[{"reference": "Patient/canary-out-1"}])), ""),
        (bundle(about("canary-in-1", note=[{"text": "seen with Xadoqul"}])), "the value Xa…"),
        (Reply("L-1", 404, (("Warning", "Zorvimek"),), b"{}"), "the value Zo…"),
    ],
)
def test_an_answer_crosses_the_border_by_resource_or_by_value(reply, seen):
    assert crossed(reply, border(COHORT, truth())) == seen


def test_a_history_entry_without_a_resource_crosses_by_its_address():
    entry = {"request": {"method": "DELETE", "url": "Patient/canary-out-2"}}
    reply = Reply("L-1", 200, (), json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode())
    assert crossed(reply, border(COHORT, truth())) == "Patient/canary-out-2"


def test_a_bundle_is_no_resource_of_its_own():
    reply = bundle(
        {
            "resourceType": "Patient",
            "id": "canary-in-1",
            "link": [{"other": {"reference": "Patient/canary-out-1"}}],
        }
    )
    assert resource_outside(reply, border(COHORT, truth())) == ""


def test_a_link_is_rewritten_in_clear_in_its_encoded_text_and_by_single_characters():
    state = json.dumps({"group": "g", "after": "canary-in-1"}).encode() + b"\xff\x00signature"
    page = base64.urlsafe_b64encode(state).decode().rstrip("=")
    changes = list(tampered(f"http://h/fhir/Patient?_page={page}&_offset=2", COHORT, truth()))
    inside = [one.url for one in changes if one.what == "another _page inside"]
    decoded = [
        base64.urlsafe_b64decode(url.partition("_page=")[2].partition("&")[0] + "==") for url in inside
    ]
    assert any(b'"canary-out-1"' in text for text in decoded)
    assert any(b'"group": null' in text and text.endswith(b"\xff\x00signature") for text in decoded)
    assert any("_offset=10000" in one.url and not one.opaque for one in changes)
    assert sum(one.what == "one character of _page" for one in changes) == 3
    assert all(one.url.startswith("http://h/fhir/Patient?") for one in changes)


def test_the_lines_of_an_export_are_read_without_trust():
    reply = Reply("L-1", 200, (), b'{"resourceType":"Patient","id":"a"}\nnonsense\n[1]\n\n{"id":"b"}')
    assert [one["id"] for one in lines(reply)] == ["a", "b"]


@pytest.fixture
def wire(tmp_path):
    """Carry requests to a server of the test."""
    journal = Journal(tmp_path / "journal.jsonl", "L")
    made = LiveWire(journal, Redactor(bytes(32)), "", "")
    yield made
    made.close()
    journal.close()


def test_an_export_is_followed_within_the_server_and_a_bound(wire):
    asked = []

    def answers(_, path):
        asked.append(path)
        if path.endswith("$export"):
            return 202, {"Content-Location": "/fhir/job/1"}, b""
        return 202, {}, b""

    with serving(answers) as base_url:
        order = export(FhirClient(base_url, wire), "$export", polls=3)
    assert order.accepted
    assert not order.finished
    assert asked == ["/fhir/$export", *["/fhir/job/1"] * 3]


def test_an_export_elsewhere_is_not_followed(wire):
    def answers(_, __):
        return 202, {"Content-Location": "http://127.0.0.3:9/job"}, b""

    with serving(answers) as base_url:
        order = export(FhirClient(base_url, wire), "$export")
    assert not order.accepted


def test_a_change_that_takes_time_is_waited_for_without_a_clock():
    """The server gives an unfinished request up at once, so that time passing is not certain: ask again."""
    answers = iter([200] * 8 + [404])
    undo = Undo(FhirClient("http://127.0.0.1:9/fhir", _Refusing()), "Group/g", {})
    reply = undo.settled(lambda: Reply("L-1", next(answers)), lambda seen: seen.status == 404)
    assert reply.status == 404


def test_a_change_that_never_comes_is_not_waited_for_without_end():
    asked = []
    undo = Undo(FhirClient("http://127.0.0.1:9/fhir", _Refusing()), "Group/g", {})

    def ask():
        asked.append(1)
        return Reply("L-1", 200)

    assert undo.settled(ask, lambda seen: seen.status == 404).status == 200
    assert len(asked) < 30


class _Refusing:
    """A wire on which an unfinished request is refused at once."""

    def send(self, request):
        assert request.raw is not None
        assert b"\r\n\r\n" not in request.raw
        return Reply("L-2", 408)


@pytest.mark.parametrize("nonsense", SERVERS)
def test_nonsense_is_no_pass_where_patients_were_planted(nonsense, tmp_path):
    with serving(SERVERS[nonsense]) as base_url, trying(base_url, tmp_path, canary=CANARY) as run:
        ends = {id_: run(id_).outcome for id_ in LEVEL4}
    assert not [id_ for id_, outcome in ends.items() if outcome in {"pass", "warning"}], ends


def test_wrong_types_are_no_error_where_patients_were_planted(tmp_path):
    def answers(method, path):
        asked = path.partition("?")[0].removeprefix("/fhir").strip("/")
        if asked == "metadata":
            return 200, FHIR, json.dumps(STATEMENT).encode()
        if "export" in asked:
            return 202, {"Content-Location": "/fhir/status"}, b""
        if asked == "status":
            return 200, FHIR, b'{"requiresAccessToken": true, "output": [5, {"url": 7}, {"url": "file"}]}'
        if asked == "$graphql":
            return 200, FHIR, b'{"data": {"Patient": [{"id": 5, "name": 7}, {"id": "b", "name": [1]}]}}'
        if "/" in asked and not asked.endswith("_search"):
            return 200, FHIR, json.dumps(ODD[4]["resource"]).encode()
        status = 201 if method == "POST" else 200
        return status, FHIR | {"Location": "Observation/ /x"}, json.dumps(BUNDLE).encode()

    with serving(answers) as base_url, trying(base_url, tmp_path, canary=CANARY) as run:
        ends = {id_: run(id_).outcome for id_ in LEVEL4}
    assert set(ends.values()) <= {"fail", "skip", "omit", "pass", "warning"}


def _pages(own, links=("",)):
    """Answer a first page with a next link, and what the link gives: the patients of ``own``."""

    def answers(_, path):
        base = f"http://{links[0]}/fhir"
        ids = own if "_page" in path else ("a",)
        entries = [{"resource": {"resourceType": "Patient", "id": id_}} for id_ in ids]
        link = [{"relation": "next", "url": f"{base}/Patient?_page=abcdefghijklmnopqrstuv"}]
        body = {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": link}
        return 200, FHIR, json.dumps(body).encode()

    return answers


@pytest.mark.parametrize(("given", "outcome"), [(("z",), "warning"), (("a",), "fail")])
def test_a_replayed_link_that_gives_the_callers_own_is_a_remark_only(given, outcome, tmp_path):
    links = [""]
    with serving(_pages(given, links)) as base_url:
        links[0] = base_url.removeprefix("http://").removesuffix("/fhir")
        with trying(base_url, tmp_path) as run:
            assert run("L4-25").outcome == "skip"
        server = truth_of(base_url).subject.server
        other = replace(server.identities[1], name="other", cohort_group="o")
        subject = replace(
            truth_of(base_url).subject, server=replace(server, identities=(*server.identities, other))
        )
        groups = {"g": ("a",), "o": ("z",)}
        with trying(base_url, tmp_path, subject=subject, groups=groups) as run:
            assert run("L4-25").outcome == outcome


@pytest.mark.parametrize(("host", "outcome"), [("", "pass"), ("127.0.0.3:9", "fail")])
def test_links_lead_back_to_the_server(host, outcome, tmp_path):
    links = [""]
    with serving(_pages(("a",), links)) as base_url:
        links[0] = host or base_url.removeprefix("http://").removesuffix("/fhir")
        with trying(base_url, tmp_path) as run:
            assert run("L4-29").outcome == outcome
