"""What checks read out of answers: addresses, JSON text, the place of a created resource, quotations."""

import pytest

from lab.checks.address import is_absolute, same_origin
from lab.checks.json_form import blemishes
from lab.checks.throwaway import location
from lab.checks.wording import quoted
from lab.fhir.reply import Reply

BASE = "https://fhir.example/r4"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://fhir.example/other?page=2", True),
        ("https://fhir.example:443/r4", True),
        ("HTTPS://FHIR.example/r4", True),
        ("http://fhir.example/r4", False),
        ("https://fhir.example:8443/r4", False),
        ("https://fhir.example.evil.example/r4", False),
        ("https://fhir.example@evil.example/r4", False),
        ("//fhir.example/r4", False),
        ("Patient?page=2", False),
        ("https://fhir.example:port/r4", False),
        ("https://[::1/r4", False),
        ("", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, same):
    assert same_origin(BASE, url) is same


def test_a_relative_url_is_not_absolute():
    assert is_absolute("http://127.0.0.1:8080/fhir")
    assert not is_absolute("/fhir/Patient?page=2")
    assert not is_absolute("urn:uuid:5b4c")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": []}', ["a is an empty array"]),
        ('{"a": {}}', ["a is an empty object"]),
        ("{}", ["the resource is an empty object"]),
        ('{"a": null}', ["the resource has a null"]),
        ('{"a": 1, "b": 2, "a": 1}', ["the resource has a 2 times"]),
        ('{"entry": [{"resource": {"id": 1, "id": 2}}]}', ["entry[0].resource has id 2 times"]),
        ('{"name": [{"a": 1}, null]}', ["name holds null among objects"]),
        ('{"given": ["a", null], "_given": [null, {"id": "x"}]}', []),
        ('{"a": [0, false, ""]}', []),
    ],
)
def test_the_text_is_judged_not_what_a_parser_makes_of_it(text, found):
    assert blemishes(text) == found


@pytest.mark.parametrize("text", ["", "{", "<html>", "[" * 100_000, '{"a": 1} {}'])
def test_what_is_not_json_has_no_blemishes_to_name(text):
    assert blemishes(text) is None


@pytest.mark.parametrize(
    ("status", "header", "found"),
    [
        (201, f"{BASE}/Patient/1/_history/2", ("1", "2")),
        (201, "Patient/1", ("1", None)),
        (201, f"{BASE}/Observation/1/_history/2", ("b", None)),
        (201, f"{BASE}/Patient/1/../../admin", ("b", None)),
        (422, f"{BASE}/Patient/1", (None, None)),
    ],
)
def test_the_place_of_a_created_patient_is_read_from_location_then_body(status, header, found):
    reply = Reply("L-1", status, (("location", header),), b'{"resourceType":"Patient","id":"b"}')
    assert location(reply) == found


def test_a_quotation_is_short_and_printable():
    assert quoted("a\nb\x00é\ud800") == "a b \\xe9\\ud800"
    assert len(quoted("x" * 10_000)) < 100
    assert quoted(None) == "None"
