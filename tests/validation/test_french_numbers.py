"""French identifiers: a wrong form is an error, a wrong key a warning, wherever the identifier stands."""

import pytest
from resource_edits import VALID, edited

from lab.validation.check import check, is_valid
from lab.validation.french import luhn, nir_key
from lab.validation.report import Finding

INS = "urn:oid:1.2.250.1.213.1.4."
FINESS, SIRENE = "https://finess.esante.gouv.fr", "https://sirene.fr"
RPPS, RANK = "https://rpps.esante.gouv.fr", "https://rppsrang.esante.gouv.fr"
IDNPS, IDNST = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.2"


def _findings(system, value):
    identifier = {"system": system, "value": value}
    practitioner = {"resourceType": "Practitioner", "identifier": [identifier]}
    return [(f.rule, f.severity, f.path) for f in check(practitioner).findings]


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("185052A004001", "81"),
        ("185052B033001", "14"),
        ("2850599999001", "31"),  # a place of birth that does not exist: synthetic
        ("1234567890122", "12"),  # the FR Core example, whose key is wrong
    ],
)
def test_the_key_of_a_nir(number, key):
    assert nir_key(number) == key


@pytest.mark.parametrize("digits", ["310781406", "350009999", "79927398713"])
def test_the_luhn_rule(digits):
    assert luhn(digits)
    assert not luhn(digits[:-1] + str((int(digits[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("system", "value"),
    [
        *((f"{INS}{arc}", "285059999900131") for arc in (8, 9, 10, 11, 13, 14)),
        (f"{INS}10", "185052A00400181"),
        (f"{INS}10", "185052B03300114"),
        (FINESS, "310781406"),
        (FINESS, "2A0000014"),
        (FINESS, "2B0000020"),
        (SIRENE, "264403106"),
        (SIRENE, "26440310600018"),
        (SIRENE, "35600000000048"),  # La Poste
        (SIRENE, "35600000000010"),  # La Poste: the sum of the digits is a multiple of five
        (RPPS, "99000000010"),
        (RANK, "99000000010001"),
        (IDNPS, "899000000010"),
        (IDNPS, "0311234567"),
        (IDNST, "1310781406"),
        (IDNST, "2264403106"),
        (IDNST, "326440310600018"),
        (IDNST, "499000000010001"),
        ("https://chu-toulouse.example.org/sid/ipp", "whatever"),
    ],
)
def test_a_right_number_has_no_finding(system, value):
    assert _findings(system, value) == []


@pytest.mark.parametrize(
    ("system", "value", "rule"),
    [
        (f"{INS}10", "285059999900132", "nir-key"),
        (f"{INS}8", "185052A00400114", "nir-key"),  # the key that 2B would have
        (FINESS, "310781407", "finess-key"),
        (FINESS, "2B0000014", "finess-key"),
        (SIRENE, "264403107", "siren-key"),
        (SIRENE, "26440310600013", "siren-key"),
        (RPPS, "99000000011", "rpps-key"),
        (RANK, "99000000011001", "rpps-rank-key"),
        (IDNPS, "899000000011", "idnps-key"),
        (IDNST, "1310781407", "idnst-key"),
        (IDNST, "2264403107", "idnst-key"),
    ],
)
def test_a_wrong_key_is_a_warning(system, value, rule):
    assert _findings(system, value) == [(rule, "warning", "Practitioner.identifier[0].value")]


@pytest.mark.parametrize(
    ("system", "value", "rule"),
    [
        (f"{INS}10", "28505999990013", "nir-format"),
        (f"{INS}10", "2850599999001 31", "nir-format"),
        (f"{INS}10", "985059999900131", "nir-format"),
        (f"{INS}10", "185052C00400181", "nir-format"),
        (f"{INS}10", "٢85059999900131", "nir-format"),  # a digit, but not one of ours
        (FINESS, "31078140", "finess-format"),
        (FINESS, "2C0000014", "finess-format"),
        (SIRENE, "2644031060", "siren-format"),
        (RPPS, "9900000001", "rpps-format"),
        (RANK, "99000000010", "rpps-rank-format"),
        (IDNPS, "8990000001", "idnps-format"),
        (IDNST, "5310781406", "idnst-format"),
    ],
)
def test_a_wrong_form_is_an_error(system, value, rule):
    assert _findings(system, value) == [(rule, "error", "Practitioner.identifier[0].value")]


def test_an_identifier_is_seen_wherever_it_stands():
    wrong = {"system": RPPS, "value": "1"}
    nested = edited("bundle-searchset", "entry[0].resource.subject", {"identifier": wrong})
    expected = Finding("Bundle.entry[0].resource.subject.identifier.value", "rpps-format")
    assert expected in check(nested).findings


def test_a_wrong_key_leaves_a_resource_valid_and_a_wrong_form_does_not():
    assert is_valid(edited("patient-ins", "identifier[0].value", "285059999900132"))
    assert not is_valid(edited("patient-ins", "identifier[0].value", "28505999990013"))
    assert is_valid(VALID["patient-ins"])
