"""What checks compare: a resource in two formats, a declaration at two times."""

import pytest

from lab.checks.declared_lines import lines
from lab.checks.xml_form import values_of_json, values_of_xml

JSON = '{"resourceType": "Patient", "active": true, "birthDate": "1970-01-01", "_birthDate": {"id": "b"}}'
XML = b"""<Patient xmlns="http://hl7.org/fhir">
  <birthDate id="b" value="1970-01-01"/><active value="true"/></Patient>"""


def test_the_order_of_elements_says_nothing():
    assert values_of_json(JSON) == values_of_xml(XML)


def test_a_narrative_is_left_out_in_both():
    div = b'<div xmlns="http://www.w3.org/1999/xhtml"><p title="x">y</p></div>'
    text = b'<text><status value="generated"/>' + div + b"</text>"
    both = XML.replace(b"<birthDate", text + b"<birthDate")
    told = JSON.replace('"active"', '"text": {"status": "generated", "div": "<div>y</div>"}, "active"')
    assert values_of_json(told) == values_of_xml(both)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'value="true"', b'value="false"'),
        (b"1970-01-01", b"1970-01"),
        (b' id="b"', b""),
        (b"<active", b'<gender value="male"/><active'),
        (b"<Patient", b'<Person xmlns:x="y"'),
    ],
)
def test_another_value_is_seen(was, becomes):
    other = XML.replace(was, becomes).replace(
        b"</Patient>", b"</Person>" if b"Person" in becomes else b"</Patient>"
    )
    assert values_of_json(JSON) != values_of_xml(other)


def test_decimals_are_compared_as_written():
    told = '{"resourceType": "Basic", "valueDecimal": 1.50}'
    assert values_of_json(told) == values_of_xml(b'<Basic><valueDecimal value="1.50"/></Basic>')
    assert values_of_json(told) != values_of_xml(b'<Basic><valueDecimal value="1.5"/></Basic>')


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Patient><id value="&b;"/></Patient>'


@pytest.mark.parametrize("body", [b"", b"{}", b"<a>", BOMB, b"<a>" * 5000 + b"</a>" * 5000, b"\xff\xfe<"])
def test_what_is_not_read_as_xml_is_nothing(body):
    assert values_of_xml(body) is None


@pytest.mark.parametrize("text", ["", "[]", '{"resourceType": []}', "[" * 100_000, "7"])
def test_what_is_no_resource_in_json_is_nothing(text):
    assert values_of_json(text) is None


def test_promises_are_lines_and_dates_are_none():
    resource = {
        "type": "Patient",
        "interaction": [{"code": "read"}, 7],
        "searchParam": [{"name": "birthdate", "type": "date", "documentation": "by day"}],
        "versioning": "versioned",
    }
    statement = {
        "date": "2026-01-01",
        "format": ["json", 5],
        "rest": [{"mode": "server", "resource": [resource]}],
    }
    assert lines(statement) == {
        "format json",
        "Patient",
        "Patient: interaction read",
        "Patient: searchParam birthdate (date)",
        "Patient: versioning versioned",
    }
    assert lines({"rest": {"resource": 5}, "format": "json"}) == frozenset()


def test_an_instant_is_the_same_in_any_zone_and_with_any_zeros():
    one = values_of_json('{"resourceType": "Patient", "meta": {"lastUpdated": "2026-11-30T11:40:06.216Z"}}')
    said = b'<Patient xmlns="http://hl7.org/fhir"><meta><lastUpdated value="%s"/></meta></Patient>'
    assert values_of_xml(said % b"2026-11-30T12:40:06.216000+01:00") == one
    assert values_of_xml(said % b"2026-11-30T11:40:06.217Z") != one
    assert values_of_xml(said % b"2026-11-30T99:40:06Z") is not None
