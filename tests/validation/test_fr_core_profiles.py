"""FR Core 2.2.0 as it ships: its examples are accepted, each seed defect is found for its reason."""

import gzip
from importlib.resources import files

import orjson
import pytest
from resource_edits import FR_CORE_PACKAGE, REMOVED, VALID, edited, fr_core_examples

from lab.validation.check import check, is_valid
from lab.validation.overlay import fr_core
from lab.validation.report import NotChecked
from tools import build_fr_core

PATIENT = "patient-ins"
FR = "https://hl7.fr/ig/fhir/core/"
SD = f"{FR}StructureDefinition/"
INS_TEST = VALID[PATIENT]["identifier"][0]
MODE = {
    "url": "validationMode",
    "valueCoding": {"system": f"{FR}CodeSystem/fr-core-cs-mode-validation-identity", "code": "PC"},
}
NAME = VALID[PATIENT]["name"][0]
NAMES = VALID[PATIENT]["name"]

# The defect, its place, and what must be found: rule, path and element of the profile.
MUTATIONS = {
    "no birthPlace": (
        ("extension[1]", REMOVED),
        ("slice-minimum", "Patient.extension", "Patient.extension:birthPlace"),
    ),
    "birthPlace without INSEE code": (
        ("extension[1].valueAddress.extension", REMOVED),
        (
            "required",
            "Patient.extension[1].valueAddress.extension",
            "Patient.extension:birthPlace.value[x].extension",
        ),
    ),
    "gender other": (("gender", "other"), ("binding", "Patient.gender", "Patient.gender")),
    "no birthDate": (("birthDate", REMOVED), ("required", "Patient.birthDate", "Patient.birthDate")),
    "no official name": (
        ("name[0].use", "usual"),
        ("slice-minimum", "Patient.name", "Patient.name:officialName"),
    ),
    "two official names": (
        ("name", [NAME, NAME, NAMES[1]]),
        ("slice-maximum", "Patient.name", "Patient.name:officialName"),
    ),
    "no birth-list-given-name": (
        ("name[0].extension", REMOVED),
        ("required", "Patient.name[0].extension", "Patient.name:officialName.extension"),
    ),
    "two given on the official name": (
        ("name[0]", {**NAME, "given": ["CAMILLE", "MARIE"], "_given": [{"id": "g"}, {"id": "h"}]}),
        ("cardinality", "Patient.name[0].given", "Patient.name:officialName.given"),
    ),
    "INS without value": (
        ("identifier[0].value", REMOVED),
        ("required", "Patient.identifier[0].value", "Patient.identifier:INS-NIR-TEST.value"),
    ),
    "INS with the OID of the NIA": (
        ("identifier[0].system", "urn:oid:1.2.250.1.213.1.4.9"),
        ("pattern", "Patient.identifier[0].system", "Patient.identifier:INS-NIR-TEST.system"),
    ),
    "INS with use usual": (
        ("identifier[0].use", "usual"),
        ("pattern", "Patient.identifier[0].use", "Patient.identifier:INS-NIR-TEST.use"),
    ),
    "PI without system": (
        ("identifier[1].system", REMOVED),
        ("required", "Patient.identifier[1].system", "Patient.identifier:PI.system"),
    ),
    "VALI without INS": (("identifier[0]", REMOVED), ("fr-core-1", "Patient", "Patient")),
    "VALI with two official identifiers": (
        ("identifier", [INS_TEST, INS_TEST]),
        ("fr-core-2", "Patient", "Patient"),
    ),
    "INSEE 99999": (
        ("extension[1].valueAddress.extension[0].valueCoding.code", "99999"),
        ("fr-core-3", "Patient", "Patient"),
    ),
    "validationMode PC": (
        ("extension[0].extension[1]", MODE),
        (
            "binding",
            "Patient.extension[0].extension[1].valueCoding",
            "Patient.extension:identityReliability.extension:validationMode.value[x]",
        ),
    ),
    "bad validationDate": (
        ("extension[0].extension[1].valueDate", "02/03/2026"),
        ("format", "Patient.extension[0].extension[1].valueDate", ""),
    ),
    "identityReliability as valueString": (
        ("extension[0]", {"url": f"{SD}fr-core-identity-reliability", "valueString": "VALI"}),
        ("forbidden", "Patient.extension[0]", "Patient.extension:identityReliability.value[x]"),
    ),
    "no identifier": (("identifier", REMOVED), ("required", "Patient.identifier", "Patient.identifier")),
}
# Two more: an excluded code, and an extension that is checked by its own definition.
BESIDE = {
    "PI with use official": (
        ("identifier[1].use", "official"),
        ("binding", "Patient.identifier[1].use", "Patient.identifier:PI.use"),
    ),
    "an extension of another type": (
        ("name[0].extension[0]", {"url": f"{SD}fr-core-patient-birth-list-given-name", "valueBoolean": True}),
        ("type", "Patient.name[0].extension[0]", "Extension.value[x]"),
    ),
}


@pytest.mark.parametrize("name", [*MUTATIONS, *BESIDE])
def test_a_seed_defect_of_an_ins_patient_is_found_for_its_reason(name):
    (place, value), expected = {**MUTATIONS, **BESIDE}[name]
    mutant = edited(PATIENT, place, value)
    del mutant["_birthDate"]  # whose extension could stand in for the date
    report = check(mutant)
    assert expected in {(f.rule, f.path, f.element) for f in report.findings}
    severity = "warning" if name == "INSEE 99999" else "error"
    assert {f.severity for f in report.findings if f.rule == expected[0]} == {severity}


def test_there_are_nineteen_of_them_and_the_patient_without_a_defect_passes():
    assert len(MUTATIONS) == 19
    assert check(VALID[PATIENT]).findings == ()
    assert is_valid(VALID[PATIENT])


@pytest.mark.parametrize("name", VALID)
def test_a_valid_resource_has_no_finding(name):
    assert check(VALID[name]).findings == ()
    assert is_valid(VALID[name])


@pytest.mark.skipif(not FR_CORE_PACKAGE.exists(), reason="the FR Core package is not beside the project")
def test_every_example_of_the_package_follows_the_profiles_it_claims():
    pairs = 0
    for name, example in fr_core_examples():
        report = check(example)
        claims = example.get("meta", {}).get("profile", [])
        pairs += len(claims)
        of_profiles = [f for f in report.findings if not f.rule.endswith(("-key", "-format"))]
        assert of_profiles == [], name
        assert not [n for n in report.not_checked if n.kind == "profile" and n.where in claims]
    assert pairs == 30


@pytest.mark.skipif(not FR_CORE_PACKAGE.exists(), reason="the FR Core package is not beside the project")
def test_the_wrong_numbers_of_the_examples_are_the_known_ones():
    found = sorted(
        (f.rule, f.severity)
        for _, example in fr_core_examples()
        for f in check(example).findings
        if f.rule.endswith(("-key", "-format"))
    )
    assert found == [
        ("idnps-key", "warning"),
        ("nir-key", "warning"),
        ("rpps-format", "error"),
        ("rpps-key", "warning"),
        ("siren-key", "warning"),
    ]


def test_slices_that_nobody_can_tell_apart_accept_either():
    nss = {
        "use": "official",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NH"}]},
        "system": "urn:oid:1.2.250.1.213.1.4.14",
        "value": "285059999900131",
    }
    patient = edited(PATIENT, "meta.profile", [f"{SD}fr-core-patient"])
    assert check({**patient, "identifier": [nss]}).findings == ()
    neither = check({**patient, "identifier": [{**nss, "system": "http://example.org"}]}).findings
    assert [(f.rule, f.path) for f in neither] == [("slice", "Patient.identifier[0]")]


def test_the_display_of_a_code_is_for_people():
    unit = {
        "resourceType": "Organization",
        "meta": {"profile": [f"{SD}fr-core-organization-uf"]},
        "name": "UF",
        "type": [{"coding": [{"system": f"{FR}CodeSystem/fr-core-cs-v2-3307", "code": "UF"}]}],
    }
    assert check(unit).findings == ()
    wrong = orjson.loads(orjson.dumps(unit).replace(b'"code":"UF"', b'"code":"UAC"'))
    assert "fixed" in {f.rule for f in check(wrong).findings}


def test_a_profile_is_accepted_with_its_version_and_without():
    for canonical in (f"{SD}fr-core-patient-ins", f"{SD}fr-core-patient-ins|2.2.0"):
        report = check(edited(PATIENT, "meta.profile", [canonical]))
        assert report.findings == ()
        assert f"{SD}fr-core-patient-ins|2.2.0" in report.checked_against


@pytest.mark.parametrize(
    ("canonical", "shown"),
    [
        (f"{SD}fr-core-patient-ins|9.9.9", f"{SD}fr-core-patient-ins|9.9.9"),
        ("http://example.org/StructureDefinition/x", "http://example.org/StructureDefinition/x"),
        ("Dupont, né le 11 mai 1985", "***"),
    ],
)
def test_a_profile_that_is_not_loaded_is_listed_and_not_passed(canonical, shown):
    report = check(edited(PATIENT, "meta.profile", [canonical]))
    assert NotChecked("profile", shown, "not-loaded") in report.not_checked


def test_a_profile_of_another_type_is_refused():
    report = check(VALID["organization-ward"], claims=[f"{SD}fr-core-encounter"])
    assert ("profile-type", "Organization.resourceType") in {(f.rule, f.path) for f in report.findings}


def test_what_the_profiles_leave_out_is_reported_with_its_reason():
    left_out = {(n.kind, n.where, n.reason) for n in check(VALID[PATIENT]).not_checked}
    assert ("binding", "Extension.value[x]", "codes-unknown") in left_out  # TRE_R13
    assert ("profile", "Patient.extension:birthPlace", "not-loaded") in left_out
    practitioner = {"resourceType": "Practitioner", "meta": {"profile": [f"{SD}fr-core-practitioner"]}}
    left_out = {(n.kind, n.where, n.reason) for n in check(practitioner).not_checked}
    assert ("slice", "Practitioner.qualification:degree", "undecidable") in left_out


def test_the_artefact_names_its_source_and_has_one_form_only():
    data = files("lab.validation").joinpath("data/fr-core-2.2.0.json.gz").read_bytes()
    assert data[4:8] == bytes(4)  # no time stamp
    document = orjson.loads(gzip.decompress(data))
    assert document["source"]["sha256"] == build_fr_core.SHA256
    assert document["source"]["licence"] == "CC0-1.0"
    assert gzip.decompress(data) == orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    assert len(fr_core().profiles) == 64
