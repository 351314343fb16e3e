"""What a search must find, must not find, and what the specification leaves to the server (None)."""

import pytest

from lab.checks.criteria import date_matches, quantity_matches, string_matches, token_matches

NAMED = {"name": [{"family": "Lefèvre"}, {"family": "de La Tour"}]}
CODED = {"code": {"coding": [{"system": "urn:a", "code": "X1"}, {"code": "bare"}]}}
MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}], "code": "X1"}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("lef", True),
        ("LEFÈVRE", True),
        ("lefevre", True),
        ("léfévre", True),
        ("efevre", False),
        ("tour", None),  # servers may split a field into words
        ("de la", True),
        ("durand", False),
    ],
)
def test_strings_are_compared_by_their_beginning(value, found):
    assert string_matches(NAMED, "name.family", value) is found


@pytest.mark.parametrize(
    ("system", "code", "found"),
    [
        (None, "X1", True),
        ("urn:a", "X1", True),
        ("urn:a", None, True),
        ("urn:b", "X1", False),
        ("urn:b", None, False),
        ("", "X1", False),
        ("", "bare", True),
        (None, "x1", None),  # whether case counts is up to the code system
        (None, "X", False),
    ],
)
def test_tokens_are_compared_by_system_and_code(system, code, found):
    assert token_matches(CODED, "code", system, code) is found


def test_a_masked_element_is_no_value():
    assert token_matches({"code": MASKED}, "code", None, "X1") is False


@pytest.mark.parametrize(
    ("held", "asked", "found"),
    [
        ("2023-03-26", "2023-03-26", True),
        ("2023-03-26", "2023-03", True),
        ("2023-03", "2023-03-26", False),
        ("2023-03-26", "ne2023", False),
        ("2023-03-26", "gt2023-03-26", False),
        ("2023-03-26", "ge2023-03-26", True),
        ("2023-03-26", "sa2023-03-25", True),
        ("2023-03-26", "eb2023-03-26", False),
        ("2023-03-26T10:00:00+02:00", "2023-03-26T08:00:00Z", True),
        ("2023-03-26T10:00:00+02:00", "gt2023-03-26T09:00:00Z", False),
        ("2023-03-26T00:30:00+01:00", "2023-03-26", None),  # the day of which time zone?
        ("2023-03-26T12:00:00+01:00", "2023-04", False),
        ({"start": "2023-01-01", "end": "2023-06-30"}, "ge2023-03", True),
        ({"start": "2023-01-01", "end": "2023-03-15"}, "ge2023-03", None),  # read both ways
        ({"start": "2023-01-01"}, "gt2030", True),
        ({"start": "2023-01-01"}, "2023", False),
        ("2023-03-26", "ap2023-03-27", None),
        ("2023-03-26T10:00:00+99:99", "2023", None),
    ],
)
def test_dates_are_compared_as_ranges(held, asked, found):
    assert date_matches({"on": held}, ("on",), asked) is found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("7.8", True),
        ("8", True),
        ("7.80", True),
        ("7.9", False),
        ("ne8", False),
        ("gt7.8", False),
        ("ge7.8", True),
        ("lt7.81", True),
        ("ap7.9", None),
        ("7.8|urn:u|g", True),
        ("7.8||g", True),
        ("7.8|urn:v|g", False),
        ("7.8|urn:u|mg", None),  # a server may convert
        ("7.8|urn:u|cd", False),
    ],
)
def test_quantities_are_compared_by_number_and_unit(asked, found):
    held = {"value": {"value": 7.8, "unit": "g", "system": "urn:u", "code": "g"}}
    assert quantity_matches(held, "value", asked) is found


def test_the_edge_of_a_precision_is_nobodys():
    assert quantity_matches({"value": {"value": 7.75}}, "value", "7.8") is None
