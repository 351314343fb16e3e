"""Keys are right, numbers are unique, and nobody can hold them."""

import re
from itertools import pairwise

import pytest

from synthetic_data.identifiers import luhn_digit, nir_key, opaque, rpps

TEST_OID = "urn:oid:1.2.250.1.213.1.4.10"


def identifiers(resources, system):
    return [
        one["value"] for resource in resources for one in resource["identifier"] if one["system"] == system
    ]


def luhn_holds(digits: str) -> bool:
    """Written apart from the generator's own: double every second digit from the right, sum the digits."""
    doubled = [int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits))]
    return sum(sum(map(int, str(value))) for value in doubled) % 10 == 0


def nir_holds(ins: str) -> bool:
    """Number plus key is a multiple of 97; Corsica is read as 19 (2A) or 18 (2B)."""
    number, key = ins[:13], int(ins[13:])
    number = re.sub(r"^(.{5})2A", r"\g<1>19", number)
    number = re.sub(r"^(.{5})2B", r"\g<1>18", number)
    return (int(number) + key) % 97 == 0 and 1 <= key <= 97


@pytest.mark.parametrize(
    ("nir", "key"),
    [("185052A004001", "81"), ("185052B033001", "14"), ("1234567890122", "12")],
)
def test_nir_keys_are_those_of_known_numbers(nir, key):
    assert nir_key(nir) == key
    assert nir_holds(nir + nir_key(nir))


@pytest.mark.parametrize("finess", ["310781406", "350009999", "350005179"])
def test_luhn_completes_known_finess_numbers(finess):
    assert finess[:-1] + luhn_digit(finess[:-1]) == finess


def test_every_ins_has_a_right_key_under_the_test_oid(hospital):
    patients = hospital.of_type("Patient")
    numbers = identifiers(patients, TEST_OID)
    assert len(numbers) > 850
    assert all(nir_holds(number) for number in numbers)
    systems = {one["system"] for patient in patients for one in patient["identifier"]}
    assert systems == {TEST_OID, "https://chu-toulouse.example.org/sid/ipp"}


def test_every_ins_agrees_with_its_patient_and_cannot_be_attributed(hospital):
    for patient in hospital.of_type("Patient"):
        for number in identifiers([patient], TEST_OID):
            assert number[0] == {"male": "1", "female": "2"}[patient["gender"]]
            assert number[1:5] == patient["birthDate"][2:4] + patient["birthDate"][5:7]
            overseas = number[5:7] in ("97", "98")
            assert number[8:10] > "90" if overseas else number[7:10] > "990"


def test_ins_and_ipp_are_unique(hospital):
    for system in (TEST_OID, "https://chu-toulouse.example.org/sid/ipp"):
        numbers = identifiers(hospital.of_type("Patient"), system)
        assert len(set(numbers)) == len(numbers)


def test_practitioners_carry_a_keyed_rpps_that_is_not_a_real_one(hospital):
    practitioners = hospital.of_type("Practitioner")
    numbers = identifiers(practitioners, "https://rpps.esante.gouv.fr")
    assert len(set(numbers)) == len(practitioners)
    assert all(len(number) == 11 and number.startswith("99") and luhn_holds(number) for number in numbers)
    assert identifiers(practitioners, "urn:oid:1.2.250.1.71.4.2.1") == ["8" + number for number in numbers]
    assert rpps(7) == numbers[6]


def test_finess_numbers_are_those_of_the_hospital(hospital):
    finess = identifiers(hospital.of_type("Organization"), "https://finess.esante.gouv.fr")
    assert finess == ["310781406", "310783048", "310783055", "310019351"]
    assert all(luhn_holds(number) for number in finess)


def test_opaque_numbers_differ_and_do_not_follow_one_another():
    numbers = [opaque(rank, 2023, 9) for rank in range(5000)]
    assert len(set(numbers)) == 5000
    assert all(len(number) == 9 for number in numbers)
    assert not any(int(after) == int(before) + 1 for before, after in pairwise(numbers))
