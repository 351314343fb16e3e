"""Bulk validation: a line for each error, whatever was validated before."""

import pytest
from resource_edits import VALID, edited

from lab.validation.bulk import wrongs


@pytest.mark.parametrize("name", VALID)
def test_valid_resources_have_nothing_wrong(name):
    assert wrongs(VALID[name]) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name[0].family", " "),
        ("name[0].family", ""),
        ("gender", "other"),
        ("active", "true"),
        ("birthDate", "12/03/1950"),
        ("birthDate", 1950),
        ("address[0].use", "house"),
        ("identifier[0].system", "urn:oid:1.2.250.1.213.1.4.9"),
        ("surname", "Martin"),
    ],
)
def test_a_defect_is_seen_after_a_valid_neighbour(path, value):
    assert wrongs(VALID["patient-ins"]) == []
    assert wrongs(edited("patient-ins", path, value))


def test_a_type_that_is_not_covered_does_not_pass():
    assert wrongs({"resourceType": "Substance", "id": "s"})


def test_nothing_a_resource_says_is_repeated():
    hostile = edited("patient-ins", "gender", "SECRET-VALUE")
    assert all("SECRET" not in line for line in wrongs(hostile))
