"""A server behind that lies, fails or talks garbage: its answer is refused whole, with one constant body."""

import logging

import orjson
import pytest
from lying_server import JSON, Said, bundle, json, known
from proxied_hospital import VIEWS, Client, confined, group, member, observation

from lab.backends.external.address import address
from lab.backends.external.backend import ExternalBackend
from lab.fhir.cohort import Cohort, of_pool

MARK = "hidden-4711"
ELSEWHERE = "http://127.0.0.2:9/fhir"


OUTSIDE = known("p9", name=[{"family": MARK}])


def check_failed(answer, caplog, status: int = 502) -> None:
    """Verify a constant answer that tells nothing, and a line in the log that tells why."""
    assert answer.status == status, answer.response
    assert answer.json == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "timeout" if status == 504 else "exception",
                "diagnostics": "The server of the hospital did not answer as it must.",
            }
        ],
    }
    assert answer.response.headers == (("content-type", "application/fhir+json; charset=utf-8"),)
    told = [r.getMessage() for r in caplog.records if r.name == "lab.backends.external.backend"]
    assert told
    assert MARK not in "".join(told)


def test_what_is_true_is_passed_on(client):
    assert client.get("Patient").ids() == ["p0", "p1"]
    assert client.get("Patient/p0").status == 200


LIES = {
    "ignores _id": json(bundle(known("p0"), OUTSIDE)),
    "only somebody outside": json(bundle(OUTSIDE)),
    "another type": json(bundle(observation("o", "p0"))),
    "includes": json({**bundle(), "entry": [{"resource": known("p0"), "search": {"mode": "include"}}]}),
    "no id": json(bundle({"resourceType": "Patient"})),
    "an id that is none": json(bundle(known("../p0"))),
    "an OperationOutcome": json({"resourceType": "OperationOutcome", "issue": [], "text": MARK}),
    "an error among matches": json(
        {
            **bundle(),
            "entry": [
                {
                    "resource": {
                        "resourceType": "OperationOutcome",
                        "issue": [{"severity": "error", "code": "x", "diagnostics": MARK}],
                    },
                    "search": {"mode": "outcome"},
                }
            ],
        }
    ),
    "a Bundle of another kind": json({**bundle(OUTSIDE), "type": "history"}),
    "an entry without resource": json({**bundle(), "entry": [{"fullUrl": MARK}]}),
    "a link elsewhere": json(bundle(known("p0"), link=[{"relation": "next", "url": f"{ELSEWHERE}/x"}])),
    "a link that looks like here": json(
        bundle(link=[{"relation": "next", "url": "http://127.0.0.1:1@elsewhere/fhir/Patient"}])
    ),
    "a link without address": json(bundle(link=[{"relation": "next", "url": "/fhir/Patient?page=2"}])),
    "no JSON": Said(MARK.encode()),
    "half of a JSON": Said(b'{"resourceType":"Bundle"'),
    "two keys": Said(b'{"resourceType":"Bundle","type":"searchset","type":"searchset"}'),
    "a list": Said(b"[]"),
    "nothing": Said(b""),
    "HTML": Said(b"<html>", headers=(("content-type", "text/html"),)),
    "no media type": Said(orjson.dumps(bundle()), headers=()),
    "another charset": Said(
        orjson.dumps(bundle()), headers=(("content-type", "application/json; charset=utf-16"),)
    ),
    "too much": json(bundle(known("p0", text={"div": "x" * 200_000}))),
    "too deep": Said(b'{"resourceType":"Bundle","x":' + b"[" * 100 + b"]" * 100 + b"}"),
    "a redirect": Said(status=302, headers=(("location", f"{ELSEWHERE}/Patient"),)),
    "an error": json({"resourceType": "OperationOutcome", "text": MARK}, status=500),
    "no right for us": json({"resourceType": "OperationOutcome", "text": MARK}, status=401),
    "forbidden": Said(MARK.encode(), status=403),
    "a cut body": Said(orjson.dumps(bundle(known("p0"))), declared=100_000),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_search_that_is_answered_with_a_lie_fails(client, liar, caplog, lie):
    liar.answers["POST /Patient/_search"] = LIES[lie]
    check_failed(client.get("Patient"), caplog)
    check_failed(client.get("Patient?family=x&_summary=count"), caplog)


READS = {
    "somebody else": json(OUTSIDE),
    "another type": json(observation("p0", "p0")),
    "no resource": json({"resourceType": "OperationOutcome", "issue": []}),
    "a version that is none": json(known("p0", meta={"versionId": MARK + "/"})),
    **{
        name: LIES[name]
        for name in ("no JSON", "two keys", "HTML", "too much", "a redirect", "an error", "nothing")
    },
}


@pytest.mark.parametrize("lie", READS)
def test_a_read_that_is_answered_with_a_lie_fails(client, liar, caplog, lie):
    liar.answers["GET /Patient/p0"] = READS[lie]
    check_failed(client.get("Patient/p0"), caplog)


GROUPS = {
    "another Group": json(group("cardiology", member("p9"))),
    "another type": json({"resourceType": "List", "id": "oncology"}),
    **{name: LIES[name] for name in ("no JSON", "two keys", "HTML", "a redirect", "an error", "nothing")},
}


@pytest.mark.parametrize("lie", GROUPS)
@pytest.mark.parametrize("cohort", [of_pool("Group/oncology"), Cohort(without=frozenset({"Group/oncology"}))])
def test_a_pool_that_cannot_be_read_opens_nothing(client, liar, caplog, lie, cohort):
    liar.answers["GET /Group/oncology"] = GROUPS[lie]
    for url in ("Patient", "Patient/p0", "Patient?_id=p0", "Patient/p0/_history/1"):
        check_failed(client.seen_through(confined(cohort)).get(url), caplog)


def test_a_label_that_is_ignored_opens_nothing(client, liar, caplog):
    liar.answers["POST /Patient/_search"] = json(bundle(known("p0"), OUTSIDE))
    check_failed(client.seen_through(confined(of_pool("tag/s|TAG_1"))).get("Patient/p9"), caplog)


def test_a_denied_label_that_is_ignored_fails(client, liar, caplog):
    labelled = known("p1", meta={"versionId": "1", "security": [{"system": "s", "code": "VIP"}]})
    asked = lambda form: json(bundle(labelled) if "_security" in form else bundle(known("p0"), labelled))  # noqa: E731
    liar.answers["POST /Patient/_search"] = asked
    check_failed(
        client.seen_through(confined(Cohort(without=frozenset({"tag/s|VIP"})))).get("Patient"), caplog
    )


@pytest.mark.parametrize("slow", [Said(silent=True), Said(b'{"resourceType":', cut=5)])
def test_a_slow_server_is_given_up(client, liar, caplog, slow):
    liar.answers["GET /Patient/p0"] = liar.answers["POST /Patient/_search"] = slow
    check_failed(client.get("Patient/p0"), caplog, 504)
    check_failed(client.get("Patient"), caplog, 504)


def test_a_server_that_is_not_there_is_a_failure(runner, caplog):
    backend = ExternalBackend(address("http://127.0.0.1:9/fhir"), page_key=b"k" * 16, limit_s=2)
    check_failed(Client(backend, VIEWS["group"], runner).get("Patient/p0"), caplog)
    runner.run(backend.close())


def test_pages_that_go_round_in_a_circle_are_left(client, liar, caplog):
    following = [{"relation": "next", "url": f"{liar.base}/page"}]
    liar.answers["POST /Patient/_search"] = liar.answers["GET /page"] = json(
        bundle(known("p0"), link=following)
    )
    check_failed(client.get("Patient"), caplog)


def test_an_outside_resource_on_a_further_page_fails_as_well(client, liar, caplog):
    liar.answers["POST /Patient/_search"] = json(
        bundle(known("p0"), link=[{"relation": "next", "url": f"{liar.base}?page=2"}])
    )
    liar.answers["GET "] = json(bundle(OUTSIDE))
    check_failed(client.get("Patient"), caplog)


def test_a_tie_that_was_rightly_found_is_left_out_without_a_trace(client, liar):
    """No parameter says that *all* patients of a resource are members: what is left out is no lie."""
    tie = observation("tie", "p0", performer=[{"reference": "Patient/p9"}])
    mine = [observation(f"o{n}", "p0") for n in range(4)]
    liar.answers["POST /Observation/_search"] = lambda form: json(
        bundle() if "performer" in form else bundle(mine[0], tie, *mine[1:])
    )
    with_tie = [a.response for a in client.pages("Observation?_count=2&_total=accurate")]
    liar.answers["POST /Observation/_search"] = lambda form: json(
        bundle() if "performer" in form else bundle(*mine)
    )
    assert with_tie == [a.response for a in client.pages("Observation?_count=2&_total=accurate")]


def test_headers_and_addresses_of_the_server_are_not_passed_on(client, liar):
    patient = known("p0", managingOrganization={"reference": f"{liar.base}/Organization/chu"})
    headers = (("content-type", JSON), ("x-powered-by", MARK), ("set-cookie", MARK), ("etag", f'W/"{MARK}"'))
    liar.answers["GET /Patient/p0"] = json(patient, headers=headers)
    answer = client.get("Patient/p0")
    assert answer.json["managingOrganization"] == {"reference": "http://gateway.test/fhir/Organization/chu"}
    assert answer.headers == {"content-type": "application/fhir+json; charset=utf-8", "etag": 'W/"1"'}


def test_ids_of_members_stand_beside_what_the_client_asks_and_never_in_it(client, liar):
    assert client.get("Patient?_id:missing=false").status == 400
    client.get("Patient?gender=male,female&gender=male")
    assert liar.asked[-1] == (
        "POST /Patient/_search",
        [("gender", "male,female"), ("gender", "male"), ("_id", "p0,p1"), ("_count", "51")],
    )
    assert client.get("Patient?_id=p9,p8").json.get("entry") is None
    assert client.get("Patient?_id=p9,p1").status == 502  # it was asked for p1 alone, and told p0 as well
    assert liar.asked[-1][1][0] == ("_id", "p1")


def test_the_log_says_why(client, liar, caplog):
    caplog.set_level(logging.ERROR)
    liar.answers["POST /Patient/_search"] = LIES["ignores _id"]
    client.get("Patient")
    (said,) = [r.getMessage() for r in caplog.records]
    assert said == (
        "search-type Patient: a narrowed search gave a resource that it excludes: it ignores a parameter"
    )
