"""Bulk validation: resources that differ by texts and digits alone are validated once, all others again."""

import pytest
from resource_edits import VALID, edited

from lab.validation import bulk
from lab.validation.bulk import wrongs


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(bulk, "_remembered", {})


EQUIVALENT = {
    "name[0].family": "Durand",
    "birthDate": "1987-11-30",
    "id": "pat-0000001",
    "address[0].city": "Albi",
    "address[0].postalCode": "81000",
}


@pytest.mark.parametrize("name", VALID)
def test_valid_resources_have_nothing_wrong(name):
    assert wrongs(VALID[name]) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name[0].family", "O'Hara-Ñuñez"),
        ("birthDate", "1961-04-12"),
        ("id", "pat-7654321"),
        ("address[0].city", "Saint-Orens-de-Gameville"),
        ("address[0].postalCode", "31999"),
    ],
)
def test_another_text_is_not_validated_again(monkeypatch, path, value):
    assert wrongs(edited("patient-ins", path, EQUIVALENT[path])) == []
    monkeypatch.setattr(bulk, "_found", lambda _resource: pytest.fail("validated again"))
    assert wrongs(edited("patient-ins", path, value)) == []


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


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(bulk, "_MOST_REMEMBERED", 3)
    for number in range(10):
        wrongs({"resourceType": "Patient", "maritalStatus": {"coding": [{"code": f"x{number}"}]}})
        assert len(bulk.__dict__["_remembered"]) <= 3


def test_nothing_a_resource_says_is_repeated():
    hostile = edited("patient-ins", "gender", "SECRET-VALUE")
    assert all("SECRET" not in line for line in wrongs(hostile))
