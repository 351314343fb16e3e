"""What is compared of the answers of two instances, and what two processes cannot have in common."""

import json

import pytest

from lab.checking.twins import Twins, difference
from lab.fhir.client import FhirClient
from lab.fhir.reply import Reply

ONE, TWO = "http://127.0.0.1:40001/fhir", "http://127.0.0.1:40002/fhir"


def reply(body, *headers, status=200):
    """Return an answer with a JSON body, or bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply("L-1", status, headers, data)


def compared(one, two):
    """Compare the answers of both instances."""
    return difference((one, ONE), (two, TWO))


def found(base, **changed):
    """Return a page of a search as an instance answers it."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "id": f"random-{base[-8:-5]}-of-each",
        "meta": {"lastUpdated": f"2026-11-30T06:00:0{base[-6]}.000Z"},
        "total": 2,
        "link": [{"relation": "next", "url": f"{base}?_page={base[-6] * 24}"}],
        "entry": [{"fullUrl": f"{base}/Patient/a", "resource": {"resourceType": "Patient", "id": "a"}}],
        **changed,
    }


def test_address_time_page_token_and_the_id_of_an_answer_are_put_aside():
    assert not compared(reply(found(ONE)), reply(found(TWO)))


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"total": 3}, "total"),
        ({"entry": []}, "entry (1 against 0 items)"),
        ({"link": []}, "link (1 against 0 items)"),
        ({"more": None}, "more"),
    ],
)
def test_everything_else_of_a_page_is_compared(changed, place):
    assert compared(reply(found(ONE)), reply(found(TWO, **changed))) == f"another {place}"


def test_the_id_of_what_is_stored_is_compared():
    one, two = ({"resourceType": "Bundle", "type": "collection", "id": id_} for id_ in ("a", "b"))
    assert compared(reply(one), reply(two)) == "another id"


def test_the_order_of_a_list_and_the_type_of_a_value_are_compared():
    assert compared(reply({"a": [1, 2]}), reply({"a": [2, 1]})) == "another a[0]"
    assert compared(reply({"a": 1}), reply({"a": True})) == "another a"


def test_status_comes_first():
    assert compared(reply({}, status=404), reply({}, status=403)) == "HTTP 404 against 403"


@pytest.mark.parametrize(
    "name", ["Date", "X-Request-Id", "Keep-Alive", "Server-Timing", "RateLimit-Remaining"]
)
def test_headers_of_time_and_connection_are_put_aside(name):
    assert not compared(reply({}, (name, "1")), reply({}, (name, "2")))


def test_any_other_header_is_compared():
    assert compared(reply({}, ("X-Total-Count", "1")), reply({}, ("X-Total-Count", "2"))) == (
        "another x-total-count header"
    )
    assert compared(reply({}, ("X-Total-Count", "1")), reply({})) == "another x-total-count header"


def test_the_etag_of_the_same_bytes_is_compared():
    body = {"resourceType": "Patient", "id": "a"}
    assert compared(reply(body, ("ETag", 'W/"ab"')), reply(body, ("ETag", 'W/"cd"'))) == "another etag header"


def test_an_etag_that_is_a_version_is_compared_whatever_the_bytes_are():
    one, two = ({"meta": {"lastUpdated": at}} for at in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))
    assert compared(reply(one, ("ETag", 'W/"1"')), reply(two, ("ETag", 'W/"2"'))) == "another etag header"
    assert not compared(reply(one, ("ETag", 'W/"ab"')), reply(two, ("ETag", 'W/"cd"')))


def test_a_length_is_compared_where_it_alone_tells_of_the_body():
    one, two = ((("Content-Length", length),) for length in ("120", "121"))
    assert compared(reply(b"", *one), reply(b"", *two)) == "another content-length header"
    assert not compared(reply({"a": 1}, *one), reply({"a": 1}, *two))


def test_bytes_that_are_no_json_are_compared():
    assert compared(reply(b"<a/>"), reply(b"<b/>")) == "another body"
    assert not compared(reply(f"<a href='{ONE}/x'/>".encode()), reply(f"<a href='{TWO}/x'/>".encode()))


class Answering:
    """A wire that answers each base with its own page."""

    def __init__(self):
        self.sent = []

    def send(self, request):
        """Answer a request and keep it."""
        self.sent.append(request)
        base = ONE if request.url.startswith(ONE) else TWO
        return reply(found(base))


def test_both_get_the_same_request_and_each_its_own_next_page():
    wire = Answering()
    twins = Twins(FhirClient(ONE, wire), FhirClient(TWO, wire))
    answers = twins.ask("POST", "Patient/_search", headers={"X-A": "b"}, body=b"a=b")
    assert {(r.method, r.headers, r.body) for r in wire.sent} == {
        ("POST", (("Accept", "application/fhir+json"), ("X-A", "b")), b"a=b")
    }
    followed = twins.follow(answers)
    assert followed is not None
    assert [r.url for r in wire.sent[2:]] == [a.link("next") for a in answers.evidence]
